"""Page silence of the study of conversations."""
