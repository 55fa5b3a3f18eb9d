"""What to do with personas."""
