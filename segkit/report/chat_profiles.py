"""Page profiles of the study of conversations."""
