"""What the page on representations says: who agrees, what is revenue under another name, and whether the network is worth it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from report_project import closed, closed_off, downloads, unescaped
from said import cells, said

from segkit.contract import SALES
from segkit.engine.matching import rand_index
from segkit.engine.matrix import ModelMatrix
from segkit.engine.representations import SCORES, TITLES, Representation, Representations
from segkit.engine.sequence_network import Network, NoNetwork
from segkit.engine.sequences import Linear
from segkit.report import market_agreement, market_network, market_representations, show
from segkit.report.prose import GAP

__all__ = ["closed", "closed_off", "downloads"]
STRANGE = re.compile(r"\bnan\b|\binf\b|None(?! of)|\{|\(\s|\s[.,;:]|  |\.\.|,\.|\(\)|[.:,][A-Z]")
MARKETS = pd.Index(["<b>x</b>", *"bcdef"], name="market")
USED = pd.Series([1, 1, 1, 2, 2, 2], index=MARKETS)
OTHER, ODD = [1, 1, 2, 2, 1, 2], [1, 1, 1, 1, 1, 2]
ABSENT = "keras and jax are not installed (pip install keras jax)."
NETWORKED = ("embedding", "hybrid", "concatenation")


def matrix(values: np.ndarray) -> ModelMatrix:
    names = tuple(f"c{i}" for i in range(values.shape[1]))
    return ModelMatrix(values, MARKETS, names, {"series": list(names)}, None, ())  # type: ignore[arg-type]


def made(
    labels: Mapping[str, Sequence[int]], *, missing: Mapping[str, str] | None = None, echo: Sequence[str] = ()
) -> Representations:
    """Return representations with these segments; those in ``echo`` hold revenue alone, those without labels are undivided."""
    missing = missing or {}
    items: dict[str, Representation] = {}
    for i, (name, title) in enumerate(TITLES.items()):
        if name in missing:
            items[name] = Representation(name, title, None, missing[name])
            continue
        own = {2: pd.Series(labels[name], index=MARKETS)} if name in labels else {}
        share, follows = (0.97, 0.92) if name in echo else (1.0, 1.0) if name == "level" else (0.5, 0.1 * i)
        columns = np.arange(6.0)[:, None] if name == "level" else np.eye(6)
        items[name] = Representation(name, title, matrix(columns), "", own, share, follows)
    told = [r for r in items.values() if r.labels]
    scores = [(r.name, 2, 0.8 - 0.1 * i, 0.2 + 0.01 * i, tuple(sorted(r.labels[2].value_counts(), reverse=True)),
               int((r.labels[2].value_counts() == 1).sum())) for i, r in enumerate(told)]  # fmt: skip
    pairs = [
        (2, a.name, b.name, rand_index(a.labels[2], b.labels[2])) for i, a in enumerate(told) for b in told[i + 1 :]
    ]
    return Representations(
        items, pd.DataFrame(scores, columns=list(SCORES)), pd.DataFrame(pairs, columns=["k", "a", "b", "ari"]),
        matrix(np.array([[0.0, 0], [0, 1], [0, 2], [9, 0], [9, 1], [9, 2]])), {}, 42,
    )  # fmt: skip


def network(
    error: float = 0.5, linear: float = 0.1, mean: float = 1.0, held: Sequence[float] = (0.9, 0.6, 0.5)
) -> Network:
    loss = pd.DataFrame({"epoch": [1, 2, 3], "train": [1.0, 0.5, 0.4], "held_out": list(held)})
    params = {"length": 6, "epochs": 3, "dims": 32, "components": 32}
    return Network(
        pd.DataFrame(), loss, error, linear, mean, 0.97, 0.92, 310, 0 if math.isnan(error) else 40, params, 42
    )


NAN = math.nan
LINEAR, UNHELD = Linear(np.zeros((6, 2)), 0.1, 1.0, 32), Linear(np.zeros((6, 2)), NAN, NAN, 32)
SAME = dict.fromkeys(TITLES, USED.tolist())
WAYS: dict[str, Representations] = {
    "all the same": made(SAME),
    "mixed": made({**SAME, "level": ODD, "embedding": OTHER, "statics": OTHER}, echo=NETWORKED[:2]),
    "none the same": made({"level": ODD, "statics": OTHER, "series": OTHER}),
    "no network": made({**SAME, "level": ODD}, missing=dict.fromkeys(NETWORKED, ABSENT)),
    "one other": made({"level": ODD}, missing=dict.fromkeys(["statics", *NETWORKED], "It is the same in every market.")),
    "one pair": made({"level": ODD, "series": OTHER}, missing={"statics": "It is the same in every market."}),
    "undivided": made({}),
}  # fmt: skip
LEARNED: dict[str, market_network.Trained] = {
    "worse": market_network.trained(network(), LINEAR, asked=True),
    "useless": market_network.trained(network(2.0, held=(1.5, 1.7, 2.0)), LINEAR, asked=True),
    "better": market_network.trained(network(0.05, held=(0.2, 0.04, 0.05)), LINEAR, asked=True),
    "lossless": market_network.trained(network(0.05, 0.0), LINEAR, asked=True),
    "nothing held": market_network.trained(network(NAN, NAN, NAN, (NAN,) * 3), UNHELD, asked=True),
    "level alike": replace(market_network.trained(network(), LINEAR, asked=True), follows=NAN),
    "absent": market_network.trained(NoNetwork(ABSENT), LINEAR, asked=True),
    "off": market_network.trained(NoNetwork("The settings leave it out (network = false)."), UNHELD, asked=False),
}  # fmt: skip


def says(label: str, ways: str = "mixed", learned: str = "worse") -> str:
    known = market_representations.ways(WAYS[ways], USED)
    found = said("representations", label, SALES.terms, "markets", _known=known, _learned=LEARNED[learned])
    return found.replace(GAP, " ")


@pytest.mark.parametrize(("ways", "learned"), list(zip([*WAYS, "mixed"], LEARNED, strict=True)))
def test_every_sentence_reads_right_however_the_results_turn_out(ways: str, learned: str) -> None:
    labels = [n for n in cells("representations", "markets") if n]
    texts = {n: re.sub(r"\n+(- )?", " ", says(n, ways, learned)) for n in labels}
    assert len(texts) == 8
    assert {n: t for n, t in texts.items() if STRANGE.search(re.sub(r" \[@[^\]]*\]|\*\*", "", t))} == {}


def test_the_lead_counts_the_ways_that_give_the_segments_in_use() -> None:
    assert says("lead", "all the same").startswith(
        "However the six markets are described, the segments are those in use: all"
    )
    # Three of seven were given other segments.
    mixed = says("lead")
    assert "Of seven other ways to describe the six markets, four give the segments in use (series features," in mixed
    assert "it does not beat as many principal components" in mixed
    assert says("lead", "none the same").startswith("None of three other ways")
    assert says("lead", "undivided").startswith(
        "No other way to describe the six markets divides them into two segments"
    )
    assert says("lead", learned="better").endswith("the sequence network beats as many principal components.")
    assert says("lead", learned="absent").endswith("There is no sequence network.")
    assert "too few months to hold some out" in says("lead", learned="nothing held")


def test_agreement_is_that_of_the_segments_in_use() -> None:
    known = market_representations.ways(WAYS["mixed"], USED)
    by = {w.name: w for w in known.ways}
    # By scikit-learn: adjusted_rand_score([1,1,1,2,2,2], [1,1,2,2,1,2]) is -0.1111, and with [1,1,1,1,1,2] it is 0.
    assert by["statics"].agrees == pytest.approx(-1 / 9) and by["level"].agrees == pytest.approx(0.0)
    assert by["series"].agrees == 1.0 and known.same == [
        "series features", "principal components of sequences", "balanced embedding with structure",
        "published embedding with structure",
    ]  # fmt: skip
    # Four are the same, so six pairs of them, and structure and embedding are another.
    assert known.alike == 7 and "Seven pairs give the same segments." in says("agreement")
    assert "All of them give the same segments." in says("agreement", "all the same")
    assert "There is one other way only: its index with the segments in use is 0.00." in says("agreement", "one other")
    assert "The two other ways, revenue level alone and series features, agree to" in says("agreement", "one pair")


def test_lonely_markets_and_echoes_of_revenue_are_told() -> None:
    assert "Revenue level alone has one segment of one market." in says("ways")
    assert "No other way has a segment of one market." in says("ways", "all the same")
    text = says("dimension")
    assert (
        "That is so of LSTM embedding (6 numbers, 97 % on one dimension, correlation 0.92) and balanced embedding with structure"
        in text
    )
    assert "That is so of no other way." in says("dimension", "all the same")
    # Six markets: t of four degrees of freedom is 2.776, and 2.776 / sqrt(4 + 2.776 ** 2) is 0.811.
    assert "of up to about 0.81 may be chance" in text
    assert "Do not pay for LSTM embedding or balanced embedding" in says("meaning")


def test_silhouettes_are_compared_in_the_common_space_alone() -> None:
    known = market_representations.ways(WAYS["mixed"], USED)
    # The last of seven has the highest common silhouette, and the lowest of its own.
    assert [w.name for w in known.clearest] == ["concatenation"] and known.dazzling is not None
    assert known.dazzling.name == "level"
    text = says("silhouettes")
    assert "For revenue level alone it is 0.80 in a space of its own, and 0.20 where the same segments" in text
    assert "of published embedding with structure stand apart most (0.26)" in text
    # Two columns of three points one apart, nine from each other: by scikit-learn's silhouette_score.
    assert known.used.common == pytest.approx(0.853123, abs=1e-6)


def test_the_network_is_held_against_components() -> None:
    assert "It does not beat the components, whose error is lower by a factor of 5: it has no case." in says("network")
    assert "Its error was still falling" in says("network")
    useless = says("network", learned="useless")
    assert (
        "It does not even beat the mean." in useless and "lowest after 1 epoch (1.500) and rose again since" in useless
    )
    assert "It beats the components." in says("network", learned="better")
    assert "nothing can beat them" in says("network", learned="lossless")
    assert "no such sign" in says("network", learned="nothing held")
    absent = says("network", learned="absent")
    assert "an error of 0.100 with 32 principal components, where the mean alone has 1.000" in absent
    assert "What one would have to beat" not in says("network", learned="off")
    assert "Leave the network out" in says("meaning") and "Leave the network out" not in says(
        "meaning", learned="better"
    )


def test_what_is_missing_is_told_with_how_to_get_it() -> None:
    assert says("missing").startswith("Nothing is missing")
    text = says("missing", "no network", "absent")
    assert text.count(ABSENT) == 3 and "run `segkit results` again: all else stays" in text
    assert "set `network = true` under `[markets]`" in says("missing", "no network", "off")
    assert "segkit results" not in says("missing", "one pair", "worse")


@pytest.mark.parametrize("ways", WAYS)
def test_figures_and_tables_can_be_made(ways: str, downloads: Path) -> None:
    found, known = WAYS[ways], market_representations.ways(WAYS[ways], USED)
    text = market_representations.ways_table(known).markdown
    assert text.count("<tr>") == len(known.ways) + 2
    if known.most:
        assert "tbl-common" in market_representations.common_table(found).markdown
        drawn = market_agreement.agreement_figure(found, USED)
        assert len(drawn.axes[0].patches) == (len(known.divided) + 1) * (len(known.divided) + 2) / 2
        shown = show.figure(
            drawn, "fig-agreement", market_agreement.agreement_caption(known), market_agreement.agreement_alt(known)
        )
        assert "fig-agreement" in shown.markdown


def test_captions_say_what_is_found(downloads: Path) -> None:
    mixed = market_representations.ways(WAYS["mixed"], USED)
    assert market_agreement.agreement_caption(mixed).startswith(
        "**Series features, principal components of sequences, balanced"
    )
    none = market_representations.ways(WAYS["none the same"], USED)
    assert "**Nearest to the segments in use is revenue level alone" in market_agreement.agreement_caption(none)
    assert "published embedding with structure in two segments.**" in unescaped(
        market_representations.common_table(WAYS["mixed"]).markdown
    )
    assert market_representations.verdict(mixed) == "4 of 7 ways give the segments in use"
    assert market_network.loss_caption(LEARNED["worse"]).startswith(
        "**After 3 epochs the held-out error is 0.500, not below the 0.100"
    )
    assert "proves nothing" in market_network.loss_caption(LEARNED["nothing held"])


def test_the_loss_curve_has_the_lines_that_are_known(downloads: Path) -> None:
    for one, lines in ((network(), 4), (network(NAN, NAN, NAN, (NAN,) * 3), 1)):
        drawn = market_network.loss_figure(one)
        assert len(
            drawn.axes[0].lines
        ) == lines and "Curves by epoch. While learning from 1.00 to 0.40." in market_network.loss_alt(one)
    shown = unescaped(market_network.errors_table(LEARNED["worse"]).markdown)
    assert (
        "**The least error is that of principal components.**" in shown
        and "LSTM autoencoder" in shown
        and ">0.50<" in shown
    )
    assert "LSTM" not in market_network.errors_table(LEARNED["absent"]).markdown
