"""DSA Transparency Database: what platforms decided, by law in public and without any account."""
