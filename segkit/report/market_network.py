"""The sequence network beside the principal components that it would have to beat: facts, the loss curve, errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from ..engine.sequence_network import Network, NoNetwork
from ..engine.sequences import Linear
from . import theme
from .prose import capital, count, fixed
from .show import Shown, table

WORSE = 1.05  # times its lowest error, from which on the held-out error of a network has risen again
LATE = 0.9  # of the epochs: a lowest error after these is still falling
NOTHING = 1e-9  # an error below this is rounding


@dataclass(frozen=True)
class Trained:
    """What the page tells of the network, and of the principal components.

    Attributes
    ----------
    asked : bool
        Whether the settings ask for a network.
    reason : str
        Why there is none; empty where there is one.
    error, linear, mean : float
        Mean squared errors on the windows that are held out: of the network, of as many principal components, and of the mean
        alone; NaN where nothing is held out, or there is no network.
    dims, components : int
        Numbers that the network, and the components, keep of a window.
    windows, tried, length, epochs : int
        Windows in all, and those held out; months in a window; how often the network sees all windows.
    best : int
        The epoch after which the error on what is held out is lowest; zero where nothing is held out.
    lowest : float
    one_dimensional, follows : float
        Share of the variance of the embedding on one dimension, and the rank correlation of that with revenue.
    """

    asked: bool
    reason: str
    error: float
    linear: float
    mean: float
    components: int
    dims: int = 0
    windows: int = 0
    tried: int = 0
    length: int = 0
    epochs: int = 0
    best: int = 0
    lowest: float = math.nan
    one_dimensional: float = math.nan
    follows: float = math.nan

    @property
    def there(self) -> bool:
        """Whether there is a network."""
        return not self.reason

    @property
    def held(self) -> bool:
        """Whether anything is held out."""
        return math.isfinite(self.linear)

    @property
    def better(self) -> bool:
        """Whether the network beats the principal components."""
        return self.error < self.linear

    @property
    def useless(self) -> bool:
        """Whether the network does not even beat the mean."""
        return self.error >= self.mean

    @property
    def lossless(self) -> bool:
        """Whether the components lose nothing, so that nothing can beat them."""
        return self.linear < NOTHING

    @property
    def times(self) -> float:
        """How many times as large the error of the network is; infinite where that of the components is nothing."""
        return self.error / self.linear if not self.lossless else math.inf

    @property
    def overfitted(self) -> bool:
        """Whether the error on what is held out has risen again."""
        return self.error >= WORSE * self.lowest

    @property
    def unfinished(self) -> bool:
        """Whether it was still falling when the training ended."""
        return self.best > LATE * self.epochs


def trained(network: Network | NoNetwork, components: Linear, *, asked: bool) -> Trained:
    """Collect what sentences tell of the network.

    Parameters
    ----------
    network : Network or NoNetwork
    components : Linear
        Of the same windows.
    asked : bool
        Whether the settings ask for a network.
    """
    known = Trained(asked, "", math.nan, components.error, components.mean_error, components.dims)
    if isinstance(network, NoNetwork):
        return replace(known, reason=network.reason)
    held = network.loss.dropna(subset="held_out").set_index("epoch")["held_out"]
    p = network.params
    return replace(
        known, error=network.error, linear=network.linear_error, mean=network.mean_error, dims=int(p["dims"]),
        components=int(p["components"]), windows=network.windows, tried=network.tried, length=int(p["length"]),
        epochs=int(p["epochs"]), best=int(held.idxmin()) if len(held) else 0,
        lowest=float(held.min()) if len(held) else math.nan, one_dimensional=network.one_dimensional,
        follows=network.follows_level,
    )  # fmt: skip


def loss_figure(network: Network) -> Figure:
    """Draw the loss of the network, epoch by epoch, beside the errors of the components and of the mean."""
    rows, known = network.loss, not math.isnan(network.error)
    with theme.style():
        figure, axes = pyplot.subplots(figsize=(5.0, 3.5))
        axes.plot(
            rows["epoch"], rows["train"], color=theme.MUTE, lw=1.6, label="network, while learning (with dropout)"
        )
        if known:
            axes.plot(rows["epoch"], rows["held_out"], color=theme.ACCENT, lw=2, label="network, held out")
            axes.axhline(
                network.linear_error, color=theme.SECOND, lw=1.8, ls="--", label="principal components, held out"
            )
            axes.axhline(network.mean_error, color=theme.MUTE, lw=1.4, ls=":", label="mean alone, held out")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("epoch (once over all windows that it learns from)")
        axes.set_ylabel("mean squared error")
        figure.legend(loc="outside lower center", ncols=1)
    return figure


def loss_caption(known: Trained) -> str:
    """State whether the network comes below the principal components."""
    finding = (
        "Nothing is held out, so that a falling loss proves nothing" if not known.held
        else f"After {count(known.epochs)} epochs the held-out error is {fixed(known.error, 3)}, "
        f"{'below' if known.better else 'not below'} the {fixed(known.linear, 3)} of as many principal components"
    )  # fmt: skip
    return f"**{finding}.** In squared standard deviations of the variables."


def loss_alt(network: Network) -> str:
    """Describe the curves by their ends."""
    first, last = network.loss.iloc[0], network.loss.iloc[-1]
    held = (
        "" if math.isnan(network.error)
        else f" Held out from {fixed(first['held_out'])} to {fixed(last['held_out'])}; level lines at "
        f"{fixed(network.linear_error)} for principal components and {fixed(network.mean_error)} for the mean."
    )  # fmt: skip
    return f"Curves by epoch. While learning from {fixed(first['train'])} to {fixed(last['train'])}.{held}"


def errors_table(known: Trained) -> Shown:
    """Show the errors on what is held out, side by side."""
    rows = [
        *([("LSTM autoencoder", known.dims, known.error)] if known.there else []),
        ("principal components", known.components, known.linear), ("mean alone", 0, known.mean),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["model", "numbers per window", "held-out error"])
    frame["share of the mean's"] = frame["held-out error"] / known.mean if known.mean > 0 else math.nan
    least = frame.loc[frame["held-out error"].idxmin(), "model"] if known.held else ""
    return table(
        frame.assign(model=frame["model"].map(capital)), "tbl-errors",
        f"**The least error is that of {'the ' if least != 'principal components' else ''}{least}.** Mean squared error on the "
        "windows that are held out, in squared standard deviations of the variables.",
        {"numbers per window": count, "held-out error": lambda v: fixed(v, 3), "share of the mean's": fixed}, stack=True,
    )  # fmt: skip
