"""Segmentation reports whose every number is computed and whose segments are tested."""

__version__ = "0.1.0"
