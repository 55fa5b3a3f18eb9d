"""The published recipe beside ours."""
