"""The gate through which results of private data leave, one module of rules for each kind of result."""

from . import channels, description, evidence, leads, outcomes
from .core import release

__all__ = ["channels", "description", "evidence", "leads", "outcomes", "release"]
