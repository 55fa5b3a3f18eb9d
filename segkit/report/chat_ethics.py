"""Page ethics of the study of conversations."""
