"""Sensitive fields beside the personas."""
