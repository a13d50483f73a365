"""Democracy Club: who stands for election in the UK, and under which names on which platforms."""
