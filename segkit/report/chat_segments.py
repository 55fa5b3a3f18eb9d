"""Page segments of the study of conversations."""
