"""Page real of the study of conversations."""
