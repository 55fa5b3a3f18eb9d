"""Page maps of the study of conversations."""
