"""Page kinds of the study of conversations."""
