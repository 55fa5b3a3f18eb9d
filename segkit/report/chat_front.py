"""Page front of the study of conversations."""
