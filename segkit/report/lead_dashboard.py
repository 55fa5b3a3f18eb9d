"""Dashboard and map of the personas."""
