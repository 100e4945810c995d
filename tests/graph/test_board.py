"""The board against a count the long way; what it reads shows nobody's hidden records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from graph.board import (
    Asked,
    Board,
    Cell,
    CrowdedNeed,
    Open,
    Places,
    Taxonomy,
    askable,
    groups,
    lay_out,
    memberships,
    open_needs,
    open_supply,
    read_board,
    wider_topics,
)
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.records import Link, Record
from graph.viewer import ANYONE, Role, Viewer
from graph.vocabulary import CountryGroupKind, Visibility
from graph.writer import write
from tests.graph.budget import db_hits
from tests.graph.records import need as need_record

DAY = date(2024, 6, 15)
PLACES = Places(
    {"country:A": frozenset({"group:x"}), "country:B": frozenset({"group:x", "group:y"}), "country:C": frozenset()}, ("group:x", "group:y")
)
TAXONOMY = Taxonomy({"topic:id": "topic:wide"}, ("topic:wide", "topic:id"))


def asked(
    name: str, country: str = "A", topics: tuple[str, ...] = ("id",), amount: float | None = None, payers: tuple[str, ...] = ()
) -> Asked:
    return Asked(f"need:{name}", f"country:{country}", frozenset(f"topic:{t}" for t in topics), amount, frozenset(payers))


def opened(
    record: str,
    to: tuple[str, ...] = ("group:x",),
    topics: tuple[str, ...] = ("id",),
    by: str = "bank",
    but: tuple[str, ...] = (),
    currency: str | None = None,
    maximum: float | None = None,
) -> Open:
    about = frozenset(f"topic:{t}" for t in topics)
    return Open(record, frozenset((f"organization:{by}",)), about, frozenset(to), frozenset(but), maximum, currency)


def admits(x: Open, country: str) -> bool:
    me = {country, *PLACES.groups_of[country]}
    return bool(me & x.open_to) and not me & x.not_open_to


def laid(needs: list[Asked], supply: list[Open]) -> Board:
    """The board where audience, topics and the largest amount decide who may ask for what."""
    may_ask = {
        n.id: [
            x.id
            for x in supply
            if x.topics & n.topics and admits(x, n.country) and not (n.amount_usd and x.maximum and n.amount_usd > x.maximum)
        ]
        for n in needs
    }
    return lay_out(needs, supply, may_ask, PLACES, TAXONOMY, DAY)


def cell(board: Board, topic: str = "topic:id", group: str = "group:x") -> Cell:
    [found] = [c for c in board.cells if (c.topic, c.group) == (topic, group)]
    return found


def test_need_without_anything_open_is_a_gap_twice() -> None:
    board = laid([asked("a", amount=1.5e6)], [])

    found = cell(board)
    assert (found.needs, found.needs_without_offer, found.needs_without_money) == (("need:a",), ("need:a",), ("need:a",))
    assert (found.asked_usd, found.open_usd, found.unpriced_needs, found.gap, found.overlap) == (1.5e6, 0.0, 0, 2, 0)
    assert [c.key for c in board.gaps] == ["topic:id group:x", "topic:wide group:x"]


def test_need_that_may_ask_for_an_offer_and_a_window_is_no_gap() -> None:
    supply = [opened("offer:o"), opened("funding-call:w", currency="USD", maximum=3e6)]

    board = laid([asked("a", amount=1e6)], supply)

    assert board.gaps == ()
    assert cell(board).overlap == 0
    assert cell(board).open_usd == 3e6
    assert (board.needs, board.offers, board.windows) == (1, 1, 1)


def test_help_that_nobody_in_the_group_asks_for_is_idle_there() -> None:
    board = laid([asked("a")], [opened("offer:o"), opened("funding-call:w", currency="EUR", maximum=5.0)])

    here, there = cell(board), cell(board, group="group:y")
    assert (here.idle_offers, here.idle_windows) == ((), ())
    assert (there.needs, there.idle_offers, there.idle_windows, there.overlap) == ((), ("offer:o",), ("funding-call:w",), 2)
    assert (there.open_usd, there.unpriced_windows) == (0.0, 1)
    assert [n.code for n in board.notices] == ["UNPRICED_WINDOWS"]


def test_several_funders_on_one_need_are_an_overlap_and_one_with_two_windows_is_not() -> None:
    one = [opened("funding-call:1"), opened("funding-call:2")]
    two = [*one, opened("funding-call:3", by="fund")]

    assert cell(laid([asked("a")], one)).crowded == ()
    assert cell(laid([asked("a")], two)).crowded == (
        CrowdedNeed("need:a", ("organization:bank", "organization:fund"), ("funding-call:1", "funding-call:2", "funding-call:3")),
    )


def test_who_pays_already_fills_the_gap_and_counts_as_a_funder() -> None:
    paid = [asked("a", payers=("country:C",))]

    assert cell(laid(paid, [])).needs_without_money == ()
    assert cell(laid(paid, [opened("funding-call:1")])).crowded[0].funders == ("country:C", "organization:bank")


some_needs = st.lists(
    st.builds(
        lambda c, t, a: (c, t, a),
        st.sampled_from("ABC"),
        st.sets(st.sampled_from(["id", "wide", "other"]), max_size=2),
        st.sampled_from([None, 1.0, 5.0]),
    ),
    max_size=6,
)
some_supply = st.lists(
    st.tuples(
        st.sampled_from(["offer", "funding-call"]),
        st.sets(st.sampled_from(["group:x", "group:y", "country:A", "country:C"]), max_size=2),
        st.sets(st.sampled_from(["country:A", "group:y"]), max_size=1),
        st.sets(st.sampled_from(["id", "wide", "other"]), max_size=2),
        st.sampled_from([None, 2.0]),
        st.sampled_from("pq"),
    ),
    max_size=6,
)


@given(some_needs, some_supply)
def test_every_cell_is_that_of_a_count_the_long_way(
    needs: list[tuple[str, set[str], float | None]], supply: list[tuple[str, set[str], set[str], set[str], float | None, str]]
) -> None:
    board = laid(
        [asked(str(i), c, tuple(t), a) for i, (c, t, a) in enumerate(needs)],
        [
            opened(f"{kind}:{i}", tuple(to), tuple(t), by, tuple(but), currency="USD", maximum=most)
            for i, (kind, to, but, t, most, by) in enumerate(supply)
        ],
    )

    def admitted(to: set[str], but: set[str], country: str) -> bool:
        me = {f"country:{country}", *PLACES.groups_of[f"country:{country}"]}
        return bool(me & to) and not me & but

    def eligible(i: int, j: int) -> bool:
        country, topics, amount = needs[i]
        _, to, but, about, most, _ = supply[j]
        return admitted(to, but, country) and bool(topics & about) and not (amount and most and amount > most)

    for topic, names in (("topic:wide", {"wide", "id"}), ("topic:id", {"id"})):
        for group in PLACES.columns:
            members = [c for c in "ABC" if group in PLACES.groups_of[f"country:{c}"]]
            here = [i for i, (c, t, _) in enumerate(needs) if c in members and t & names]
            there = [j for j, (_, to, but, t, _, _) in enumerate(supply) if t & names and any(admitted(to, but, c) for c in members)]
            found = [c for c in board.cells if (c.topic, c.group) == (topic, group)]
            assert len(found) == bool(here or there)
            if not found:
                continue
            of = {kind: [j for j in range(len(supply)) if supply[j][0] == kind] for kind in ("offer", "funding-call")}
            assert found[0].needs == tuple(f"need:{i}" for i in here)
            assert found[0].needs_without_offer == tuple(f"need:{i}" for i in here if not any(eligible(i, j) for j in of["offer"]))
            assert found[0].needs_without_money == tuple(f"need:{i}" for i in here if not any(eligible(i, j) for j in of["funding-call"]))
            asking = [i for i, (c, _, _) in enumerate(needs) if c in members]
            idle = {f"{supply[j][0]}:{j}" for j in there if not any(eligible(i, j) for i in asking)}
            assert {*found[0].idle_offers, *found[0].idle_windows} == idle
            crowds = {i: {supply[j][5] for j in of["funding-call"] if eligible(i, j)} for i in here}
            assert [c.need for c in found[0].crowded] == [f"need:{i}" for i in here if len(crowds[i]) > 1]
            assert found[0].asked_usd == sum(needs[i][2] or 0.0 for i in here)
            assert found[0].open_usd == sum(supply[j][4] or 0.0 for j in there if supply[j][0] == "funding-call")


# What the graph brings.

BUDGETS = {"open_needs": 6_000, "open_supply": 20_000, "askable": 220_000, "memberships": 11_000, "groups": 500, "wider_topics": 2_500}


@pytest.mark.live
async def test_queries_keep_to_their_budgets(database: Database) -> None:
    queries = {
        "open_needs": open_needs(ANYONE),
        "open_supply": open_supply(DAY, ANYONE),
        "askable": askable(DAY, ANYONE),
        "memberships": memberships(),
        "groups": groups(),
        "wider_topics": wider_topics(),
    }

    spent = {name: await db_hits(database, query) for name, query in queries.items()}

    assert {name: hits for name, hits in spent.items() if hits > BUDGETS[name]} == {}


@pytest.mark.live
async def test_needs_may_ask_for_what_the_rules_admit_told_the_long_way(database: Database) -> None:
    needs = await database.read(
        Query(
            "MATCH (n:Need {status: 'OPEN', visibility: 'PUBLIC'})-[:OF]->(c)\n"
            "RETURN n.id, n.amountUsd, [(n)-[:ABOUT]->(t) | t.id], [c.id] + [(c)-[:MEMBER_OF]->(g) | g.id]"
        )
    )
    supply = await database.read(
        Query(
            "MATCH (x:Offer|FundingCall {visibility: 'PUBLIC'})\n"
            "RETURN x.id, x {.*}, [(x)-[:ABOUT]->(t) | t.id], [(x)-[:OPEN_TO]->(a) | a.id], [(x)-[:NOT_OPEN_TO]->(a) | a.id]"
        )
    )

    def admitted(
        amount: float | None, topics: list[str], mine: list[str], x: dict[str, Any], about: list[str], to: list[str], but: list[str]
    ) -> bool:
        asked = amount if x.get("currency") == "USD" else None
        return all(
            (
                set(topics) & set(about),
                set(mine) & set(to),
                not set(mine) & set(but),
                x.get("opens") is None or x["opens"].to_native() <= DAY,
                x.get("closes") is None or x["closes"].to_native() >= DAY,
                not x.get("applicants") or "GOVERNMENT" in x["applicants"],
                asked is None or asked >= x.get("minimumAmount", 0),
                asked is None or asked <= x.get("maximumAmount", asked),
            )
        )

    found = {need: set(ids) for need, ids in await database.read(askable(DAY, ANYONE))}

    wanted = {
        need: {i for i, x, about, to, but in supply if admitted(amount, topics, mine, x, about, to, but)}
        for need, amount, topics, mine in needs
    }
    assert found == {need: ids for need, ids in wanted.items() if ids}
    assert len(found) > 50


@pytest.mark.live
async def test_board_counts_every_open_need_of_the_starter_data(database: Database) -> None:
    [(count,)] = await database.read(Query("MATCH (n:Need {status: 'OPEN', visibility: 'PUBLIC'})\nRETURN count(n)"))

    board = await read_board(database, ANYONE)

    assert board.needs == count > 50
    assert {n for c in board.cells for n in c.needs} <= {r[0] for r in await database.read(open_needs(ANYONE))}
    assert board == await read_board(database, ANYONE)
    assert [c.gap for c in board.gaps] == sorted((c.gap for c in board.gaps), reverse=True) != []


@pytest.mark.live
async def test_rows_and_columns_can_be_chosen(database: Database) -> None:
    board = await read_board(database, ANYONE, columns=["ldc", "group:sids"], rows=["national-id"])

    assert {(c.topic, c.group) for c in board.cells} == {("topic:national-id", "group:ldc"), ("topic:national-id", "group:sids")}
    by_income = await read_board(database, ANYONE, kind=CountryGroupKind.INCOME)
    assert {c.group for c in by_income.cells} <= {
        "group:low-income",
        "group:lower-middle-income",
        "group:upper-middle-income",
        "group:high-income",
    }


def test_a_board_of_one_provider_has_its_own_supply_and_the_gaps_of_all() -> None:
    needs = [asked("1"), asked("2", country="B", payers=("organization:fund",)), asked("3", topics=("wide",))]
    supply = [opened("funding-call:1", by="bank"), opened("funding-call:2", by="fund"), opened("offer:1", by="fund")]
    may_ask = {"need:1": ["funding-call:1", "offer:1"], "need:2": ["funding-call:1"]}

    own = lay_out(needs, supply, may_ask, PLACES, TAXONOMY, DAY, frozenset({"organization:fund"}))
    others = lay_out(needs, supply, may_ask, PLACES, TAXONOMY, DAY, frozenset({"organization:bank"}))
    alone = lay_out(needs[:1], supply, may_ask, PLACES, TAXONOMY, DAY, frozenset({"organization:fund"}))

    assert (own.offers, own.windows, others.offers, others.windows) == (1, 1, 0, 1)
    assert own.providers == others.providers == ("organization:bank", "organization:fund")
    found, elsewhere = cell(own), cell(others)
    assert (found.windows, found.idle_windows, found.offers) == (("funding-call:2",), ("funding-call:2",), ("offer:1",))
    assert (elsewhere.windows, elsewhere.idle_windows, elsewhere.offers) == (("funding-call:1",), (), ())
    # The bank's window is open to the second need and the fund pays for it: crowded for both, and a gap in money for neither.
    assert [c.need for c in found.crowded] == [c.need for c in elsewhere.crowded] == ["need:2"]
    assert cell(own, topic="topic:wide").needs_without_money == cell(others, topic="topic:wide").needs_without_money == ("need:3",)
    assert cell(alone).crowded == ()


@pytest.mark.live
async def test_the_board_of_each_provider_has_only_what_it_provides(database: Database) -> None:
    everybody = await read_board(database, ANYONE)
    provided = {row[0]: set(row[1]) for row in await database.read(open_supply(everybody.day, ANYONE))}
    busiest = max(everybody.providers, key=lambda p: sum(p in by for by in provided.values()))

    board = await read_board(database, ANYONE, providers=[busiest])

    assert board.offers + board.windows == sum(busiest in by for by in provided.values()) > 0
    assert {i for c in board.cells for i in (*c.offers, *c.windows)} <= {i for i, by in provided.items() if busiest in by}
    assert all(busiest in crowd.funders for c in board.cells for crowd in c.crowded)
    without = {c.key: c.needs_without_money for c in everybody.cells}
    assert all(c.needs_without_money == without[c.key] for c in board.cells)
    assert board.needs == everybody.needs


@pytest.mark.live
@pytest.mark.parametrize(
    ("chosen", "code", "nearest"),
    [
        ({"columns": ["asaen"]}, Code.BAD_INPUT, "group:asean"),
        ({"rows": ["national"]}, Code.UNKNOWN_TOPIC, "topic:national-id"),
        ({"providers": ["organization:world-bnk"]}, Code.BAD_INPUT, "organization:world-bank"),
    ],
)
async def test_unknown_group_or_topic_is_told_with_the_nearest(
    database: Database, chosen: dict[str, list[str]], code: Code, nearest: str
) -> None:
    with pytest.raises(NetworkError) as refused:
        await read_board(database, ANYONE, **chosen)  # type: ignore[arg-type]  # columns or rows

    assert refused.value.code is code
    assert nearest in refused.value.allowed


@pytest_asyncio.fixture(loop_scope="session")
async def hidden(scratch: Database) -> AsyncIterator[Database]:
    """A need, an offer and a window for each visibility, about voting in Nauru."""
    about = {"topics": [Link("topic:e-voting")]}
    records = []
    for v in Visibility:
        key, values = f"test-{v.value.lower()}", {"visibility": v.value}
        text = {"title": v.value, "summary": "Votes.", "date": date(2024, 1, 1), "lang": "en", "visibility": v.value}
        given = about | {"providers": [Link("country:TUV")], "openTo": [Link("country:NRU")]}
        records += [
            need_record(key, links=about | {"country": [Link("country:NRU")]}, **values),
            Record("Offer", key, text | {"kind": "POLICY_SUPPORT"}, given),
            Record("FundingCall", key, text | {"instrument": "GRANT", "currency": "USD"}, given),
        ]
    report = await write(scratch, records, actor="tests")
    assert (report.refused, report.created) == ([], 9)
    yield scratch


@pytest.mark.live
@pytest.mark.parametrize(("viewer", "seen"), [(ANYONE, {"public"}), (Viewer(Role.MEMBER), {"public", "members"})], ids=["public", "member"])
async def test_board_shows_what_the_viewer_may_see(hidden: Database, viewer: Viewer, seen: set[str]) -> None:
    board = await read_board(hidden, viewer, rows=["e-voting"], columns=["oceania"], day=DAY)

    [found] = board.cells
    ours = {i for i in (*found.needs, *found.offers, *found.windows) if ":test-" in i}
    assert ours == {f"{kind}:test-{v}" for kind in ("need", "offer", "funding-call") for v in seen}


@pytest.mark.live
async def test_withdrawn_records_and_closed_needs_are_not_on_the_board(hidden: Database) -> None:
    for text in (
        "MATCH (n:Need {id: 'need:test-public'})\nSET n.status = 'MET'",
        "MATCH (n:Offer {id: 'offer:test-public'})\nSET n.withdrawn = true",
    ):
        await hidden.write(lambda transaction, text=text: transaction.run(Query(text)))  # type: ignore[misc]  # bound now, run now

    [found] = (await read_board(hidden, ANYONE, rows=["e-voting"], columns=["oceania"], day=DAY)).cells

    assert {i for i in (*found.needs, *found.offers, *found.windows) if ":test-" in i} == {"funding-call:test-public"}


@pytest.mark.live
async def test_who_pays_for_what_answers_a_need_is_read(hidden: Database) -> None:
    parties = [Link("country:NRU", {"role": "RECIPIENT"}), Link("country:TUV", {"role": "FUNDER"})]
    values = {"title": "Votes", "summary": "Votes.", "state": "AGREED", "date": date(2024, 2, 1), "lang": "en"}
    answer = Record("Partnership", "test-answer", values, {"parties": parties, "needs": [Link("need:test-public")]})
    masked = Record(
        "Partnership",
        "test-masked-answer",
        values | {"visibility": "MASKED"},
        {"parties": [parties[0], Link("country:KIR", {"role": "FUNDER"})], "needs": [Link("need:test-public")]},
    )
    assert (await write(hidden, [answer, masked], actor="tests")).refused == []

    rows = {row[0]: row for row in await hidden.read(open_needs(ANYONE))}

    assert rows["need:test-public"][4] == ["country:TUV"]
