"""Ranked cards of personas."""
