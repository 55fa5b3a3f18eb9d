"""Every attack on one private site, and what came of it in words."""

from __future__ import annotations

import re

import matching
import pandas as pd
from declared import undeclared
from policy import small
from private_sites import Published, Truth
from solver import Attack, Leak, truths


def recovered(published: Published, truth: Truth) -> list[Leak]:
    """Return the hidden counts and sums that follow from all published numbers together."""
    attack = Attack(published)
    attack.targets += truths(attack, truth.frame, truth.calls, truth.labels)
    return attack.leaks()


def labels_told(published: Published, calls: pd.DataFrame) -> list[str]:
    """Return the labels of one to four contacts that stand anywhere on the site: that there are any is told by it."""
    contacts = calls.groupby("category")["unit"].nunique()
    texts = {**{n: b.decode("utf-8", "replace") for n, b in published.downloads.items()}, **published.words()}
    return [
        f"label “{label}” of {n} contacts in {name}"
        for label, n in contacts.items()
        if small(n)
        for name, text in texts.items()
        if re.search(rf"(?<!\w){re.escape(str(label))}(?!\w)", text)
    ]


def everything(published: Published, truth: Truth) -> list[str]:
    """Return a line for all that any attack found."""
    out = [f"not declared: {u}" for u in undeclared(published.tables(), published.results, published.downloads)]
    out += [f"recovered: {leak}" for leak in recovered(published, truth)]
    out += labels_told(published, truth.calls)
    own = matching.statistics(published, truth)
    out.append(
        f"{len(own.found)} of {own.looked_at} statistics are values of one to four contacts; {own.chance:.1f} by chance"
    )
    out += [f"not of five: {m.where} = {m.value} of {m.contacts}" for m in own.alone]
    far = matching.anywhere(published, truth.frame)
    out.append(
        f"{len(far.found)} of {far.looked_at} long numbers are values of one to four contacts; {far.chance:.1f} by chance"
    )
    return out
