"""Lemmy: reports and modlog entries, as versions 3 and 4 of its API give them."""
