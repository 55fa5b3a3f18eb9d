"""Whether it is the data or the people."""
