"""How good rankings of pairs are: recall and reciprocal rank with intervals, diversity. Pure; knows no database and no matching.

The rules are those of the evaluation's protocol. Before the rank of a right answer is read, the recipient and the other right answers of
the same recipient and topic are taken out of the list; what is not in the list is a miss.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

MEASURES: Final = ("r1", "r5", "r10", "mrr")
RESAMPLED: Final = 2000
SEED: Final = 7
# Spellings that are common knowledge; `Name (ABC)` is matched with ABC without standing here.
ALIASES: Final = (
    ("koica", "korea international cooperation agency"),
    (
        "usaid",
        "united states agency for international development",
        "us agency for international development",
        "u s agency for international development",
    ),
    ("itu", "international telecommunication union"),
    ("unctad", "united nations conference on trade and development"),
    ("adb", "asian development bank"),
    ("undp", "united nations development programme"),
    ("niis", "nordic institute for interoperability solutions"),
    ("ega", "e governance academy"),
    ("jica", "japan international cooperation agency"),
    ("china eximbank", "export import bank of china", "china exim bank", "exim bank of china"),
    ("eu", "european union", "european commission"),
    ("world bank", "the world bank", "world bank group"),
    ("mosip", "modular open source identity platform", "mosip foundation"),
)
_ALIAS: Final = {name: group[0] for group in ALIASES for name in group}
# Countries that stand among further partners by their plain names: no organisations.
COUNTRIES: Final = frozenset({"Finland", "Estonia", "India", "Republic of Korea", "China", "Japan", "United Kingdom"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A pair with its right answers. `partner_kind` is `organisation` or `country`."""

    id: str
    recipient: str
    topic: str
    partner: str
    partner_iso3: str | None
    partner_kind: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.2f}, {self.high:.2f}]"


def org_keys(name: str) -> set[str]:
    """Comparable forms of an organisation's name; two names are of the same one when they share a form."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()
    short = [p for p in re.findall(r"\(([^)]*)\)", plain) if "," not in p and 2 <= len(p.strip()) <= 12]
    forms = (re.sub(r"^the ", "", re.sub(r"[^a-z0-9]+", " ", form).strip()) for form in (re.sub(r"\([^)]*\)", " ", plain), *short))
    return {_ALIAS.get(form, form) for form in forms if len(form) > 1}


def answers(rows: Sequence[Mapping[str, str]]) -> list[Answer]:
    """Pairs from rows of their table."""
    return [
        Answer(
            row["pair_id"],
            row["recipient_iso3"],
            row["topic"],
            row["partner"],
            row["partner_iso3"] or None,
            row["partner_type"],
            tuple(name.strip() for name in row["partner_secondary"].split(";") if name.strip() and name.strip() not in COUNTRIES),
        )
        for row in rows
    ]


Ranks = dict[str, tuple[float, str]]
"""Of each pair: the rank of its right answer (infinite where it is missing), and its partner."""


def country_ranks(pairs: Sequence[Answer], lists: Mapping[str, Sequence[str]]) -> Ranks:
    right: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.partner_iso3:
            right[pair.recipient, pair.topic].add(pair.partner_iso3)
    out: Ranks = {}
    for pair in pairs:
        if pair.partner_iso3:
            dropped = ({pair.recipient} | right[pair.recipient, pair.topic]) - {pair.partner_iso3}
            left = [c for c in dict.fromkeys(lists.get(pair.id, ())) if c not in dropped]
            out[pair.id] = (left.index(pair.partner_iso3) + 1.0 if pair.partner_iso3 in left else float("inf"), pair.partner_iso3)
    return out


def organisation_ranks(pairs: Sequence[Answer], lists: Mapping[str, Sequence[str]]) -> Ranks:
    """Ranks of partners that are organisations, each its own."""
    right: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pair in pairs:
        for name in ([pair.partner] if pair.partner_kind == "organisation" else []) + list(pair.others):
            right[pair.recipient, pair.topic] |= org_keys(name)
    out: Ranks = {}
    for pair in pairs:
        if pair.partner_kind == "organisation":
            target = org_keys(pair.partner)
            out[pair.id] = (_rank(lists.get(pair.id, ()), target, right[pair.recipient, pair.topic] - target), pair.partner)
    return out


def _rank(names: Sequence[str], target: set[str], dropped: set[str]) -> float:
    seen: set[str] = set()
    place = 0
    for name in names:
        keys = org_keys(name)
        if keys & target:
            return place + 1.0
        if keys and not keys & (dropped | seen):
            seen |= keys
            place += 1
    return float("inf")


def values(rank: float) -> tuple[float, float, float, float]:
    """The measures of one rank, in the order of `MEASURES`."""
    return float(rank <= 1), float(rank <= 5), float(rank <= 10), 0.0 if rank == float("inf") else 1 / rank


def summarise(ranks: Ranks) -> dict[str, Interval]:
    """`micro_r5`: every pair counts once, pairs are resampled. `macro_r5`: every partner counts once, partners are resampled, then the pairs of each."""
    groups: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for pair in sorted(ranks):
        rank, partner = ranks[pair]
        groups[partner].append(values(rank))
    each = [np.asarray(groups[name]) for name in sorted(groups)]
    every = np.concatenate(each)
    random = np.random.default_rng(SEED)

    def micro() -> NDArray[np.float64]:
        return np.asarray(every[random.integers(len(every), size=len(every))].mean(axis=0))

    def macro() -> NDArray[np.float64]:
        chosen = (each[place] for place in random.integers(len(each), size=len(each)))
        means = [group[random.integers(len(group), size=len(group))].mean(axis=0) for group in chosen]
        return np.asarray(np.stack(means).mean(axis=0))

    return _intervals("micro", every.mean(axis=0), micro) | _intervals(
        "macro", np.stack([g.mean(axis=0) for g in each]).mean(axis=0), macro
    )


def _intervals(name: str, point: NDArray[np.float64], resample: Callable[[], NDArray[np.float64]]) -> dict[str, Interval]:
    low, high = np.percentile(np.stack([resample() for _ in range(RESAMPLED)]), [2.5, 97.5], axis=0)
    return {f"{name}_{m}": Interval(float(point[i]), float(low[i]), float(high[i])) for i, m in enumerate(MEASURES)}


def diversity(lists: Mapping[str, Sequence[str]], top: int = 5) -> tuple[str, float, float]:
    """(who is most often among the first, in which share of lists, how alike two lists' first are on average)."""
    firsts = [frozenset(list(ranking)[:top]) for ranking in lists.values() if ranking]
    most, times = Counter(name for first in firsts for name in first).most_common(1)[0]
    alike = [len(a & b) / top for a, b in combinations(firsts, 2)]
    return most, times / len(firsts), sum(alike) / len(alike) if alike else 0.0


def exposure(lists: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[Hashable]], top: int = 5) -> dict[Hashable, float]:
    """Share of the first places that go to each group; a party of several groups counts in each with its part."""
    shares: dict[Hashable, float] = defaultdict(float)
    places = 0
    for ranking in lists.values():
        for name in list(ranking)[:top]:
            places += 1
            for group in groups.get(name) or ("none",):
                shares[group] += 1 / len(groups.get(name) or ("none",))
    return {group: share / places for group, share in sorted(shares.items(), key=lambda pair: (-pair[1], str(pair[0])))}
