"""parlparse: the accounts of members of the UK's parliaments, as mySociety lists them."""
