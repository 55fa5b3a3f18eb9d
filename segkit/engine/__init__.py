"""Segments and their evidence, for any matrix whose columns come in named blocks."""
