"""What a text is about before anything is ranked: whether it is about digital government at all, whether about several things at once,
what sums it names. Must not know partners.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from graph.embedding import EmbeddingService
from graph.vectors import Space, Vector

# Plain descriptions of what governments do besides: a text nearer to one of these than to any topic asks for something else.
# The fields are those of the sector classification of the OECD Development Assistance Committee, and of everyday life.
SECTORS: Final = (
    "Roads, bridges, railways, ports and airports: building and repair",
    "Drinking water, wells, pumps, sewage and sanitation",
    "Electric power: dams, wind, solar, generation and grids",
    "Farming: crops, seed, fertiliser, irrigation, tractors and harvest",
    "Livestock, cattle, veterinary care and fodder",
    "Fishing, boats and fish farming",
    "Forests, wildlife, biodiversity and coasts",
    "Mining, oil, gas and minerals",
    "Factories, manufacturing and industrial products",
    "Housing construction, bricks and building materials",
    "Hospitals, doctors, nurses, surgery, medicines and vaccines",
    "Schools buildings, teachers, desks and textbooks for children",
    "Armed forces, weapons, ammunition and military vehicles",
    "Food aid, shelter and relief after disasters",
    "Hotels, tourism, beaches and travel",
    "Museums, music, theatre, art and heritage",
    "Sports, football, coaches and players",
    "Cooking recipes, food and drinks",
    "Pets, home, furniture and family life",
    "Export and import of goods, wine and consumer products",
    "Gold, investors, shares and private business",
)
# What digital work in any of those fields sounds like; beside the topics of the taxonomy.
OFFICES: Final = (
    "Software, computers, mobile phones and data used by public offices",
    "Electronic registers, online forms and digital services for citizens and firms",
    "Reporting figures by telephone or computer from local offices to ministries",
    "Reform of ministries, tax, budget, procurement and civil service",
)
PART: Final = re.compile(r"(?<=[.;!?\n。；؛！？])\s*|\s*[•▪]\s*|\s+(?=\(?\d{1,2}[.)]\s)")
LISTED: Final = re.compile(r"\s*[,;،、，]\s*")
PARTS: Final = 12
SUM: Final = re.compile(
    r"(?:(?P<before>USD|US\$|\$)\s*)?(?P<figure>\d[\d,.]*\d|\d)\s*(?P<size>k|thousand|m|mn|million|millions|b|bn|billion)?\b\s*(?P<after>USD|US dollars?|dollars?)?",
    re.IGNORECASE,
)
SIZES: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}

_known: WeakKeyDictionary[EmbeddingService, tuple[str, Vector, Vector]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Nearness:
    """Highest centred cosines of a text: to the topics and plain descriptions of digital government, and to other fields."""

    government: float
    others: float

    def apart(self, margin: float, ceiling: float) -> bool:
        """Whether the text is about something else: nearer to another field by the margin, and near to no topic."""
        return self.others - self.government > margin and self.government < ceiling


async def nearness(embedding: EmbeddingService, space: Space, vector: Sequence[float], topics: Sequence[Sequence[float]]) -> Nearness:
    """How near a text is to digital government and to other fields; `topics` are the vectors of the topics near it."""
    offices, sectors = await _prototypes(embedding, space)
    direction = np.asarray(vector, dtype=np.float32)
    direction = direction / (float(np.linalg.norm(direction)) or 1.0)
    near = [float(np.dot(topic, direction) / np.linalg.norm(topic)) for topic in topics]
    return Nearness(max(*near, float((offices @ direction).max()), -1.0), float((sectors @ direction).max()))


async def _prototypes(embedding: EmbeddingService, space: Space) -> tuple[Vector, Vector]:
    at_hand = _known.get(embedding)
    if at_hand is None or at_hand[0] != space.key:
        made = np.asarray([space.centred(v) for v in await embedding.passages([*OFFICES, *SECTORS])], dtype=np.float32)
        made = made / np.linalg.norm(made, axis=1, keepdims=True)
        at_hand = _known[embedding] = (space.key, made[: len(OFFICES)], made[len(OFFICES) :])
    return at_hand[1], at_hand[2]


def parts_of(text: str) -> list[str]:
    """Sentences and items of a list, where the text has three or more of them; at most twelve."""
    parts = [p.strip() for p in PART.split(text) if p and len(p.strip()) >= 8]
    if len(parts) < 3:
        listed = [p.strip() for p in LISTED.split(text) if len(p.strip()) >= 4]
        parts = listed if len(listed) >= 5 else parts
    return parts[:PARTS] if len(parts) >= 3 else []


def sums_of(text: str) -> list[float]:
    """Sums of US dollars that a text names: `2 million USD`, `$500,000`."""
    found = []
    for hit in SUM.finditer(text):
        if not (hit["before"] or hit["after"]):
            continue
        figure = hit["figure"].rstrip(".,")
        # A comma or a point before exactly three last digits divides thousands, otherwise it opens the decimals.
        figure = re.sub(r"[.,](?=\d{3}(?:[.,]|$))", "", figure).replace(",", ".")
        if figure.count(".") <= 1:
            found.append(float(figure) * SIZES.get((hit["size"] or "").lower(), 1.0))
    return found
