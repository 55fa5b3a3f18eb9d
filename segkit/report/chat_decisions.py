"""Page decisions of the study of conversations."""
