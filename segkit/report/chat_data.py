"""Page data of the study of conversations."""
