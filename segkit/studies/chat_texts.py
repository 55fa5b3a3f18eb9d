"""What pairs write about: profiles, kinds of conversation, and whether either says more than how much was written."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..data.truth import keyed_profiles
from ..engine.text_models import embedder_of
from ..engine.text_space import TextSpace, embed, word_counts
from ..errors import ConfigError, InputError
from ..features import chat_stages
from ..features import conversations as written
from ..features.masking import masked
from ..features.pairs import pair_features
from ..features.profile_cache import ProfileCache
from ..features.profile_calls import server_named
from ..features.profile_server import Served, cached_profiles, estimate, profile_server
from ..features.profiles import Profiles, profile_rules, profiles
from ..inference import next_period, profile_agreement
from ..inference.rates import rate
from . import text_kinds, text_methods
from .base import part, settled, step
from .chats import ChatEvidence
from .store import STATE
from .table import Effort

if TYPE_CHECKING:
    from ..data.messages import Messages
    from ..engine.text_maps import TextMaps

AHEAD = 2 / 7  # of the log: the next period, whose outcome is predicted from what came before
LENGTH, TEXT, BOTH, BEHAVIOUR = "length", "text", "text and profile", "behaviour"


class ChatTexts(ChatEvidence):
    """What the texts of a log tell, where it has texts."""

    @property
    def cache(self) -> ProfileCache:
        """Where the answers of a server are kept."""
        return ProfileCache(self.source.config.root / STATE / self.name / "profiles")

    @part
    def stage(self) -> pd.Series:
        """The published stage of each message: 1, 2 or 3."""
        return chat_stages.published_stages(self.messages.frame)

    @part
    def words(self) -> pd.Series:
        """All that each subscriber wrote; never kept on disk."""
        return _joined(self.messages.frame, "subscriber", ("inbound",))

    @part
    def documents(self) -> pd.Series:
        """All texts of each pair and stage, of both sides; never kept on disk."""
        f = self.messages.frame.assign(stage=self.stage)
        return _joined(f, ["pair", "stage"], ("inbound", "outbound"))

    @step
    def ruled(self) -> Profiles | None:
        """What subscribers tell of themselves, by rules; None without texts."""
        return profile_rules(self.words) if self.messages.has_text else None

    @step
    def planted_fields(self) -> pd.DataFrame | None:
        """How often the rules note a field that was planted, and one that was not; None for real data.

        Returns
        -------
        DataFrame or None
            One row per field: ``field``, ``planted`` (subscribers whose texts tell something of it), ``noted`` (of these, those
            of whom the rules note any value), ``share``, ``low``, ``high``; ``others`` (the other subscribers), ``wrongly``
            (of these, those of whom the rules note any).
        """
        if self.source.located.real or self.ruled is None:
            return None
        noted = self.ruled.table.map(bool)
        planted = keyed_profiles(self.key, self.dataset).reindex(noted.index) != ""
        rows = []
        for field in noted:
            own, told = planted[field], noted[field]
            found = rate(int((own & told).sum()), int(own.sum()))
            rows.append(
                (
                    field,
                    found.units,
                    found.events,
                    found.share,
                    found.low,
                    found.high,
                    int((~own).sum()),
                    int((~own & told).sum()),
                )
            )
        columns = ["field", "planted", "noted", "share", "low", "high", "others", "wrongly"]
        return pd.DataFrame(rows, columns=columns)

    @settled
    def answered(self) -> dict[str, Any] | None:
        """The answers of a server that are kept, where the settings ask for one; the network is never called here."""
        if self.settings.profiler != "server" or not self.messages.has_text:
            return None
        found: Served = cached_profiles(self.words, self.settings.server, self.cache)
        own = found.profiles
        rows = {str(p): {f: list(v) for f, v in row.items() if v} for p, row in own.table.to_dict("index").items()}
        return {"rows": rows, "extractor": own.extractor, "version": own.version, "missing": len(found.missing)}

    def ask_server(self, *, dry: bool = False, say: Callable[[str], None] = print, client: Any = None) -> None:
        """Have the server of the settings describe the subscribers, and keep its answers for `segkit results`.

        Parameters
        ----------
        dry : bool
            Whether to tell what that would send and cost, and to send nothing.
        say : callable
            Receives one line.
        client : object, optional
            As for `features.profile_server.profile_server`.

        Raises
        ------
        ConfigError
            The settings ask for rules, or name no server.
        InputError
            The log has no texts.
        """
        if self.settings.profiler != "server":
            raise ConfigError(
                "profiles are made by rules, on this machine",
                remedy='Set profiler = "server" under [conversations], and the server under [conversations.server].',
            )
        server_named(self.settings.server)
        if not self.messages.has_text:
            raise InputError(
                "there is no text to describe subscribers by", file=self.source.located.path.name,
                remedy="Name the columns of texts under [conversations.columns].",
            )  # fmt: skip
        if dry:
            say(estimate(self.words, self.settings.server, self.cache).text)
        else:
            profile_server(self.words, self.settings.server, cache=self.cache, client=client, say=say)

    @step
    def profiles(self) -> Profiles | None:
        """The profiles in use: those of the server where there are any, else those by rules."""
        found, ruled = self.answered, self.ruled
        if found is None or not found["rows"] or ruled is None:
            return ruled
        return profiles(found["rows"], ruled.table.index, found["extractor"], found["version"])

    @step
    def profile_agreement(self) -> profile_agreement.Agreement | None:
        """How far the server and the rules find the same; None where one of them did not run."""
        found, ruled = self.answered, self.ruled
        if found is None or not found["rows"] or ruled is None:
            return None
        known = ruled.table.index[ruled.table.index.isin(list(found["rows"]))]
        both = profiles(found["rows"], known, found["extractor"], found["version"])
        own = Profiles(ruled.table.loc[known], ruled.extractor, ruled.version)
        return profile_agreement.agreement(own, both, seed=self.seed)

    def _embedded(self, documents: pd.Series, of: pd.Series) -> TextSpace:
        t = self.settings.text
        more = {} if t.way == "words" else {"model": t.model, "base": t.base, "key": os.environ.get(t.key, "")}
        cache = self.source.config.root / STATE / self.name / "texts"
        embedder = embedder_of(t.way, dimensions=t.dimensions, cache=cache, **more)
        return embed(documents, embedder, groups=of, mask=masked, seed=self.seed)

    def _of(self, index: pd.MultiIndex) -> pd.Series:
        return self.subscribers.reindex(index.get_level_values("pair")).set_axis(index)

    @step
    def text_space(self) -> TextSpace | None:
        """Texts as points, by pair and stage; None without texts."""
        if not self.messages.has_text:
            return None
        return self._embedded(self.documents, self._of(self.documents.index))

    @step
    def text_methods(self) -> text_methods.TextMethods | None:
        """Whether conversations divide into kinds by their texts, alone and with profiles; None without texts."""
        space, told = self.text_space, self.profiles
        if space is None or told is None:
            return None
        at = space.values.index
        profile = told.unprotected.reindex(self._of(at).to_numpy()).astype(float).set_axis(at)
        behaviour = self.model_frame.reindex(at.get_level_values("pair")).set_axis(at)
        return text_methods.text_methods(
            space.values, word_counts(self.documents), pd.Series(at.get_level_values("stage"), index=at),
            profile=profile.loc[:, profile.any()], behaviour=behaviour, groups=self._of(at), k_max=self.settings.k_max,
            effort=self.text_effort, seed=self.seed,
        )  # fmt: skip

    @property
    def text_effort(self) -> Effort:
        """Resampling of texts: light, and no more than that of the evidence."""
        names = ("gap", "splits", "bootstraps", "subsamples", "resamples", "pipelines", "nulls")
        return replace(
            text_methods.LIGHT, **{n: min(getattr(text_methods.LIGHT, n), getattr(self.effort, n)) for n in names}
        )

    @step
    def text_kinds(self) -> text_kinds.TextKinds | None:
        """What kinds are like where the rule finds any over all stages; None without texts."""
        found, m = self.text_methods, self.messages
        if found is None:
            return None
        shown = found.table[(found.table["scope"] == text_methods.POOLED) & found.table["found"].fillna(False)]
        labels = {method: found.labels[method, text_methods.POOLED] for method in shown["method"]}
        documents = m.frame.assign(stage=self.stage).groupby(["pair", "stage"]).agg(
            messages=("row", "size"), revenue=("revenue", lambda r: r.sum(skipna=False))
        ).join(word_counts(self.documents))  # fmt: skip
        before = written.until(m, self.next_cut)
        pairs = pd.Index(sorted(before.frame["pair"].unique()), name="pair")
        later = pd.Series(pairs.isin(m.frame.loc[m.frame["time"] > self.next_cut, "pair"]), index=pairs)
        earlier: dict[str, pd.Series] = {}
        if labels:
            tables = self._text_tables(before, pairs)
            text = tables[TEXT].drop(columns=tables[LENGTH].columns)
            profile = tables[BOTH].drop(columns=tables[TEXT].columns)[text.any(axis=1)]
            known = text[text.any(axis=1)]
            for method, own in labels.items():
                made = text_methods.divided(known, profile if method == "B" else None, own.nunique(), seed=self.seed)
                earlier |= {} if made is None else {method: made}
        return text_kinds.text_kinds(labels, documents, earlier, later, self.subscribers, seed=self.seed)

    @step
    def text_maps(self) -> TextMaps | None:
        """The texts in two and in three dimensions, to look at; None without texts, or where the settings leave maps out."""
        from ..engine.text_maps import text_maps  # brings UMAP, which pages do without

        space = self.text_space
        if space is None or not self.settings.maps:
            return None
        return text_maps(space.values.dropna(), seed=self.seed)

    @step
    def next_period(self) -> next_period.NextPeriod:
        """Whether texts and profiles say more of who writes again than the number of words does."""
        m = self.messages
        cut = self.next_cut
        before = written.until(m, cut)
        table = pair_features(before, self.settings).model_frame
        later = m.frame.loc[m.frame["time"] > cut, "pair"]
        outcome = pd.Series(table.index.isin(later), index=table.index, name="writes again")
        tables = {BEHAVIOUR: table}
        if m.has_text:
            tables = {**self._text_tables(before, table.index), **tables}
        against = ((BOTH, TEXT),) if m.has_text else ()
        return next_period.next_period(
            tables, outcome, self.subscribers.reindex(table.index), against=against, seed=self.seed
        )

    @property
    def next_cut(self) -> pd.Timestamp:
        """The moment at which the next period begins."""
        m = self.messages
        first = m.frame["time"].min()
        return m.as_of - AHEAD * (m.as_of - first)

    def _text_tables(self, before: Messages, index: pd.Index) -> dict[str, pd.DataFrame]:
        """Return tables of what had been written by then; words and directions are those of these texts alone."""
        documents = _joined(before.frame, "pair", ("inbound", "outbound")).reindex(index)
        of = self.subscribers.reindex(index)
        text = self._embedded(documents, of).values.fillna(0.0)
        told = profile_rules(_joined(before.frame, "subscriber", ("inbound",))).unprotected
        profile = told.reindex(of.to_numpy()).fillna(0).astype(float).set_axis(index)
        length = np.log1p(word_counts(documents)).to_frame("log words")
        joined = text.join(length)
        return {LENGTH: length, TEXT: joined, BOTH: joined.join(profile.loc[:, profile.any()])}


def _joined(frame: pd.DataFrame, by: str | list[str], columns: tuple[str, ...]) -> pd.Series:
    """Put the texts of each group together, in the order of time, one message a line."""
    lines = frame[columns[0]].fillna("")
    for name in columns[1:]:
        lines = lines.str.cat(frame[name].fillna(""), sep="\n")
    keys = [frame[by]] if isinstance(by, str) else [frame[name] for name in by]
    return lines.groupby(keys).agg("\n".join)
