"""Conversations: at what stage the relation of a subscriber is, which kinds there are, who leaves, and what may be tried."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..data import registry
from ..data.identifiers import Identifiers
from ..engine import group_resampling, nulls, populations, text_maps
from ..engine.copula import copula_draws
from ..engine.external import PERSONAL_CELL
from ..engine.grid import FeatureSet, Grid
from ..features.chat_audit import ChatAudit, chat_audit
from ..features.table import FeatureTable
from ..row_contracts import MESSAGES
from . import evidence_results
from .base import part, settled, step
from .rows import RowStudy
from .source import Source
