"""Wikipedia: blocks, sockpuppet investigations and annotated comments, to measure the linking with."""
