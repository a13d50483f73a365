"""Tables that offices keep themselves: our own CSV contract, and any other through its header or a mapping."""
