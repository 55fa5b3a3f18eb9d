"""Page money of the study of conversations."""
