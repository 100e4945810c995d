"""Builders of Cypher for questions about many records at once: peers, the board, assignment, chains, surroundings, counts of a search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np

from graph import board, chains, medians, peers, search, surroundings
from graph.assignment import read as assignment
from graph.chains import ChainBasis
from graph.database import Query
from graph.vectors import Space
from graph.viewer import ANYONE, Role, Viewer

MEMBER: Final = Viewer(Role.MEMBER)
SPACE: Final = Space("me5s_384", "multilingual-e5-small", 3, np.zeros(3, dtype=np.float32))
IDS: Final = ["country:ZZA", "country:ZZB"]
ONE: Final = "country:ZZA"
TOPIC: Final = "topic:zza"
HAPPENED, POSSIBLE = ChainBasis.HAPPENED, ChainBasis.POSSIBLE

ANSWERS: Final[dict[str, Callable[[], Query]]] = {
    # graph/peers.py
    "peers_profiles": peers.profiles,
    "peers_figures": lambda: peers.figures(1987),
    "peers_new_topics": lambda: peers.new_topics(ONE, IDS, ANYONE),
    # graph/board.py
    "board_open_needs": lambda: board.open_needs(ANYONE),
    "board_open_supply": lambda: board.open_supply(date(1987, 6, 5), MEMBER),
    "board_askable": lambda: board.askable(date(1987, 6, 5), ANYONE),
    "board_memberships": board.memberships,
    "board_groups": board.groups,
    "board_wider_topics": board.wider_topics,
    # graph/assignment
    "assign_needs_by_id": lambda: assignment.needs_by_id(["need:zz"], SPACE, ANYONE),
    "assign_newest_open_needs": lambda: assignment.newest_open_needs(771771, SPACE, MEMBER),
    "assign_party_names": lambda: assignment.party_names(IDS),
    # graph/chains.py
    "chains_two_happened": lambda: chains.exchanges(2, HAPPENED, ANYONE),
    "chains_three_happened_of_country_on_topic": lambda: chains.exchanges(3, HAPPENED, ANYONE, country=ONE, topic=TOPIC),
    "chains_two_possible": lambda: chains.exchanges(2, POSSIBLE, ANYONE),
    "chains_three_possible_of_country_on_topic": lambda: chains.exchanges(3, POSSIBLE, MEMBER, country=ONE, topic=TOPIC),
    "chains_triangles": lambda: chains.triangles(ANYONE),
    "chains_triangles_of_country_on_topic": lambda: chains.triangles(MEMBER, country=ONE, topic=TOPIC, most=771771),
    # graph/medians.py
    "medians_of_group": lambda: medians.medians_of("group:zz"),
    # graph/surroundings.py
    "surroundings_of_country": lambda: surroundings.around(ONE, ANYONE),
    "surroundings_of_need": lambda: surroundings.around("need:zz", MEMBER),
    "path": lambda: surroundings.path(ONE, "country:ZZB", ANYONE),
    "path_through_topics": lambda: surroundings.path("topic:zza", "source:zz", MEMBER, (*surroundings.TELLING, "Topic")),
    # graph/search.py
    "search_counts_by_topic": lambda: search.counts_by_topic(IDS, ANYONE),
    "search_counts_by_country": lambda: search.counts_by_country(IDS, ANYONE),
}
