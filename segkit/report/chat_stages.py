"""Page stages of the study of conversations."""
