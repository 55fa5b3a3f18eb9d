"""The files of single pairs, conversations and messages that the owner of a log may write; no site holds any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..features import conversations as written
from .text_methods import POOLED

if TYPE_CHECKING:
    from .conversations import ConversationsStudy

TEXTS = ("inbound", "outbound")


def files(study: ConversationsStudy) -> Mapping[str, pd.DataFrame | bytes]:
    """Return what is exported, by name of the file.

    Parameters
    ----------
    study : ConversationsStudy

    Returns
    -------
    mapping of str to DataFrame or bytes
        ``conversation_features.csv`` (a row per conversation), ``pairs.csv`` (features and segment of each pair), and with
        money ``staged_messages.parquet`` (messages with their stage, without their texts). With texts also
        ``profiles.csv``, ``embeddings_text.parquet``, ``embeddings_hybrid.parquet``, ``clusters_a.parquet`` and
        ``clusters_b.parquet``, each by keyed pair and stage. Ids are keyed.
    """
    messages, settings = study.messages, study.settings
    own = written.conversations(messages, settings.gap_hours, active_hours=settings.active_hours)
    segment = study.segments.labels.rename("segment")
    out: dict[str, pd.DataFrame | bytes] = {
        "conversation_features.csv": own,
        "pairs.csv": study.features.frame.join(segment).rename_axis("pair"),
    }
    if messages.has_money:
        out["staged_messages.parquet"] = messages.frame.drop(columns=list(TEXTS)).assign(stage=study.stage)
    return out | (_texts(study) if study.text_space is not None else {})


def _texts(study: Any) -> dict[str, pd.DataFrame | bytes]:
    values = study.text_space.values
    out: dict[str, pd.DataFrame | bytes] = {}
    told = study.profiles
    out["profiles.csv"] = told.table.map("; ".join).rename_axis("subscriber")
    subscriber = study.subscribers.reindex(values.index.get_level_values("pair"))
    hybrid = told.unprotected.reindex(subscriber.to_numpy()).set_axis(values.index).astype("int8")
    out["embeddings_text.parquet"], out["embeddings_hybrid.parquet"] = values, values.join(hybrid)
    for method in ("A", "B"):
        labels = study.text_methods.labels.get((method, POOLED))
        if labels is not None:
            out[f"clusters_{method.lower()}.parquet"] = labels.rename("cluster").to_frame()
    return out
