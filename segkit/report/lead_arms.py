"""Ways to divide leads of mixed fields, beside each other."""
