"""Assignments against every possible one; each obstacle with its sentence; on the starter data."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.state import Network
from graph.assignment import Assignment, Constraint, Guest, Programme, Wish, assign, assign_needs
from graph.assignment.read import Remembering, needs_by_id, newest_open_needs, one_subject, party_names
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.matching import PartnerKind, Request, match
from graph.vectors import space_in_use
from graph.viewer import ANYONE, Role, Viewer
from graph.writer import write
from tests.graph.budget import db_hits
from tests.graph.records import need as need_record

EN = frozenset({"en"})


def wish(name: str, *languages: str, **quality: float) -> Wish:
    return Wish(name, frozenset(languages or ("en",)), quality)


def pairs(found: Assignment) -> dict[str, str]:
    return {g.need: g.partner for g in found.given}


def test_sum_is_larger_than_that_of_the_first_come_first_served() -> None:
    # In order, a would take p (0.9) and leave b with q (0.1): 1.0. The optimum is 0.8 + 0.8.
    wishes = [wish("a", p=0.9, q=0.8), wish("b", p=0.8, q=0.1)]

    found = assign(wishes, [Guest("p", 1), Guest("q", 1)], 0.0, names={"p": "Peru"})

    assert pairs(found) == {"a": "q", "b": "p"}
    assert (found.quality, found.bound) == pytest.approx((1.6, 1.7))
    assert found.lowest_share == pytest.approx(0.8 / 0.9)
    a, b = found.given
    assert (a.best, a.cost, a.place, a.of) == ("p", pytest.approx(0.1), 2, 2)
    assert str(a.explanation) == "Number 2 of 2: the best, Peru, has given its 1 place to another need."
    assert (b.best, b.cost, b.place) == ("p", 0.0, 1)
    assert str(b.explanation) == "The best of the partners for this need."
    assert [(load.partner, load.needs) for load in found.loads] == [("p", ("b",)), ("q", ("a",))]


def test_floor_keeps_a_need_from_paying_for_the_others() -> None:
    # Without a floor, a gets a quarter of its best so that b and the sum gain.
    wishes = [wish("a", p=0.4, q=0.1), wish("b", p=0.9, q=0.5)]
    guests = [Guest("p", 1), Guest("q", 1)]

    assert pairs(assign(wishes, guests, 0.0)) == {"a": "q", "b": "p"}
    assert pairs(assign(wishes, guests, 0.5)) == {"a": "p", "b": "q"}


def test_partner_that_shares_no_language_gets_nothing_and_the_need_says_so() -> None:
    found = assign([wish("a", "fr", p=0.9, q=0.6)], [Guest("p", 1, EN), Guest("q", 1, frozenset({"fr", "en"}))], 0.5, names={"p": "Peru"})

    [given] = found.given
    assert (given.partner, given.best) == ("q", "p")
    assert str(given.explanation) == "Number 2 of 2: the best, Peru, shares no language with the country."


def told(found: Assignment) -> tuple[Constraint, str, tuple[str, ...], tuple[str, ...]]:
    assert found.obstacle is not None
    assert (found.given, found.left_out, found.loads) == ((), (), ())
    return found.obstacle.constraint, str(found.obstacle.explanation), found.obstacle.needs, found.obstacle.partners


def test_need_without_evidence_is_an_obstacle() -> None:
    found = assign([wish("a", p=0.5), wish("b", z=0.9)], [Guest("p", 2)], 0.0)

    assert told(found) == (Constraint.EVIDENCE, "No partner that was invited has evidence for 1 need.", ("b",), ())


def test_needs_that_share_no_language_with_those_who_know_are_an_obstacle() -> None:
    found = assign([wish("a", "fr", p=0.5), wish("b", "ar", p=0.5)], [Guest("p", 2, EN)], 0.0)

    sentence = "2 needs share a language with none of the partners that have evidence for them."
    assert told(found) == (Constraint.LANGUAGE, sentence, ("a", "b"), ())


def test_floor_that_only_a_speaker_of_no_shared_language_reaches_is_an_obstacle() -> None:
    found = assign([wish("a", "fr", p=0.9, q=0.3)], [Guest("p", 1, EN), Guest("q", 1)], 0.5)

    assert told(found) == (Constraint.FLOOR, "For 1 need nobody who shares a language reaches the floor of 0.5.", ("a",), ())


def test_floor_that_leaves_too_few_places_tells_the_largest_that_can_be_kept() -> None:
    wishes = [wish("a", p=1.0, q=0.4), wish("b", p=1.0, q=0.3), wish("c", q=1.0)]

    found = assign(wishes, [Guest("p", 1), Guest("q", 2)], 0.5)

    sentence = "The floor of 0.5 leaves 2 needs to the same partners (1), which have room for 1. The largest floor that can be kept is 0.4."
    assert told(found) == (Constraint.FLOOR, sentence, ("a", "b"), ("p",))
    assert pairs(assign(wishes, [Guest("p", 1), Guest("q", 2)], 0.4)) == {"a": "q", "b": "p", "c": "q"}


def test_languages_that_leave_too_few_places_are_an_obstacle() -> None:
    wishes = [wish("a", "fr", p=1.0, q=1.0), wish("b", "fr", p=1.0, q=1.0)]

    found = assign(wishes, [Guest("p", 1, EN), Guest("q", 1)], 0.0)

    assert told(found) == (
        Constraint.LANGUAGE,
        "2 needs share a language only with the same partners (1), which have room for 1.",
        ("a", "b"),
        ("q",),
    )


def test_too_few_places_are_an_obstacle_that_names_who_competes() -> None:
    wishes = [wish("a", p=1.0), wish("b", p=1.0), wish("c", q=1.0)]

    found = assign(wishes, [Guest("p", 1), Guest("q", 9)], 0.0)

    assert told(found) == (
        Constraint.CAPACITY,
        "For 2 needs only the same partners have evidence (1), which have room for 1.",
        ("a", "b"),
        ("p",),
    )


def test_partner_without_a_place_is_an_obstacle_for_one_need_too() -> None:
    found = assign([wish("a", p=1.0), wish("b", q=1.0)], [Guest("p", 0), Guest("q", 1)], 0.0)

    assert told(found) == (Constraint.CAPACITY, "For 1 need only partners that have no place have evidence (1).", ("a",), ("p",))


def test_with_leave_most_needs_are_served_and_each_other_has_its_reason() -> None:
    wishes = [wish("a", p=0.2), wish("b", p=0.9), wish("c", z=1.0), wish("d", "fr", q=1.0), wish("e", "fr", q=1.0, r=0.1)]

    found = assign(wishes, [Guest("p", 1), Guest("q", 5, EN), Guest("r", 1)], 0.5, leave_out=True)

    assert pairs(found) == {"b": "p"}
    assert [(o.needs, o.constraint) for o in found.left_out] == [
        (("a",), Constraint.CAPACITY),
        (("c",), Constraint.EVIDENCE),
        (("d",), Constraint.LANGUAGE),
        (("e",), Constraint.FLOOR),
    ]
    assert str(found.left_out[0].explanation) == "Every partner that could take this need has given all its places to others."


def test_nobody_invited_is_an_obstacle_and_no_needs_are_an_empty_answer() -> None:
    assert told(assign([wish("a", p=1.0)], [], 0.0))[0] is Constraint.EVIDENCE
    assert assign([], [Guest("p", 1)], 0.0).given == ()


NEEDS, PARTNERS = "abcd", "pqr"
qualities = st.dictionaries(st.sampled_from(PARTNERS), st.integers(1, 20).map(lambda n: n / 20), max_size=3)
languages = st.frozensets(st.sampled_from(["en", "fr"]), max_size=2)
some_wishes = st.lists(st.tuples(languages, qualities), min_size=1, max_size=4).map(
    lambda rows: [Wish(name, speaks, quality) for name, (speaks, quality) in zip(NEEDS, rows, strict=False)]
)
some_guests = st.lists(st.tuples(st.integers(0, 2), languages), min_size=1, max_size=3).map(
    lambda rows: [Guest(name, places, speaks) for name, (places, speaks) in zip(PARTNERS, rows, strict=False)]
)
floors = st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])


def all_of_them(wishes: list[Wish], guests: list[Guest], floor: float) -> list[dict[str, str | None]]:
    """Every assignment that keeps the rules, some needs without a partner."""
    by_name = {g.partner: g for g in guests}
    best = {w.need: max((w.quality.get(p, 0.0) for p in by_name), default=0.0) for w in wishes}
    found = []
    for choice in product([None, *by_name], repeat=len(wishes)):
        chosen = dict(zip((w.need for w in wishes), choice, strict=True))
        kept = all(
            partner is None
            or (
                w.quality.get(partner, 0.0) > 0
                and w.quality[partner] >= floor * best[w.need] - 1e-9
                and (not by_name[partner].languages or by_name[partner].languages & w.languages)
            )
            for w, partner in zip(wishes, choice, strict=True)
        )
        if kept and all(n <= by_name[p].places for p, n in Counter(c for c in choice if c is not None).items()):
            found.append(chosen)
    return found


def worth(wishes: list[Wish], chosen: dict[str, str | None]) -> tuple[int, float]:
    return sum(p is not None for p in chosen.values()), sum(w.quality[p] for w in wishes if (p := chosen[w.need]) is not None)


@given(some_wishes, some_guests, floors)
def test_assignment_is_the_best_of_all_that_keep_the_rules(wishes: list[Wish], guests: list[Guest], floor: float) -> None:
    allowed = all_of_them(wishes, guests, floor)
    full = [c for c in allowed if None not in c.values()]

    strict, loose = assign(wishes, guests, floor), assign(wishes, guests, floor, leave_out=True)

    assert (strict.obstacle is None) == bool(full)
    if full:
        assert pairs(strict) in full
        assert strict.quality == pytest.approx(max(worth(wishes, c)[1] for c in full))
        assert all(g.cost >= -1e-9 for g in strict.given)
    chosen: dict[str, str | None] = dict.fromkeys(w.need for w in wishes) | pairs(loose)
    assert chosen in allowed
    assert worth(wishes, chosen) == pytest.approx(max(worth(wishes, c) for c in allowed))
    assert {n for o in loose.left_out for n in o.needs} == {n for n, p in chosen.items() if p is None}


@given(some_wishes, some_guests, floors)
def test_largest_floor_that_is_told_can_be_kept_and_no_obstacle_is_made_up(wishes: list[Wish], guests: list[Guest], floor: float) -> None:
    found = assign(wishes, guests, floor).obstacle
    if found is None:
        return

    unserved = set(found.needs)
    assert unserved <= {w.need for w in wishes}
    if "largest" in found.explanation.values:
        assert assign(wishes, guests, float(found.explanation.values["largest"])).obstacle is None
    if found.partners:
        assert sum(g.places for g in guests if g.partner in found.partners) < len(unserved)


@given(some_wishes, some_guests, floors, st.integers(0, 99))
def test_order_of_the_input_decides_nothing(wishes: list[Wish], guests: list[Guest], floor: float, seed: int) -> None:
    mixed_wishes, mixed_guests = list(wishes), list(guests)
    random.Random(seed).shuffle(mixed_wishes)
    random.Random(seed).shuffle(mixed_guests)

    assert assign(mixed_wishes, mixed_guests, floor, leave_out=True) == assign(wishes, guests, floor, leave_out=True)


@pytest.mark.parametrize(
    ("programme", "message"),
    [
        (Programme(needs=tuple(f"need:{i}" for i in range(501))), "501 needs are too many."),
        (Programme(guests=tuple(Guest(f"country:{i}", 1) for i in range(201))), "201 partners are too many."),
        (Programme(at_most=101), "101 needs for each partner are too many."),
        (Programme(at_most=0), "A partner cannot take fewer than no needs."),
        (Programme(guests=(Guest("country:EST", -1),)), "A partner cannot take fewer than no needs."),
        (Programme(floor=1.1), "A floor of 1.1 is no share."),
        (Programme(floor=float("nan")), "A floor of nan is no share."),
    ],
)
def test_programme_that_makes_no_sense_is_refused(programme: Programme, message: str) -> None:
    with pytest.raises(NetworkError) as refused:
        programme.check()

    assert (refused.value.code, refused.value.message) == (Code.BAD_INPUT, message)


def test_need_or_partner_given_twice_is_refused() -> None:
    for programme in (Programme(needs=("need:a", "need:a")), Programme(guests=(Guest("country:EST", 1), Guest("country:EST", 2)))):
        with pytest.raises(NetworkError, match="is given twice") as refused:
            programme.check()
        assert refused.value.code is Code.CONTRADICTORY_INPUT


# On the starter data.

FEW = tuple(f"need:need-dpi-{n}" for n in ("ken-data-exchange", "mng-data-exchange", "npl-digital-id"))


@pytest.mark.live
async def test_queries_keep_to_their_budgets(database: Database) -> None:
    space = await space_in_use(database)
    parties = ["country:EST", "organization:world-bank"]

    spent = {
        "needs_by_id": await db_hits(database, needs_by_id(FEW, space, ANYONE)),
        "newest_open_needs": await db_hits(database, newest_open_needs(500, space, ANYONE)),
        "party_names": await db_hits(database, party_names(parties)),
    }

    budgets = {"needs_by_id": 200, "newest_open_needs": 6_000, "party_names": 50}
    assert {name: hits for name, hits in spent.items() if hits > budgets[name]} == {}


@pytest.mark.live
async def test_quality_is_the_score_of_a_match_with_the_vector_on_record(network: Network) -> None:
    space = await space_in_use(network.database)
    [row] = await network.database.read(needs_by_id(FEW[:1], space, ANYONE))
    need, text, lang, country, _, amount, topics, _ = row
    remembering = Remembering(network.embedding, space, [row])
    request = Request(one_subject(text), country, lang, tuple(topics), amount, PartnerKind.ANY, need=need)
    scored = await match(network.database, remembering, request, packaged=0)  # type: ignore[arg-type]  # stands in for the service

    found, version = await assign_needs(network.database, network.embedding, Programme(FEW[:1], at_most=1), ANYONE)

    assert version == scored.data_version
    assert (found.given[0].partner, found.given[0].quality) == (scored.partners[0].id, scored.partners[0].score)
    assert space.asked(await remembering.query(one_subject(text)), one_subject(text), lang) == pytest.approx(row[-1], abs=1e-6)


@pytest.mark.live
async def test_partners_have_no_more_needs_than_places_and_never_their_own(network: Network) -> None:
    guests = (Guest("country:EST", 5), Guest("country:IND", 1), Guest("country:KEN", 9))

    found, _ = await assign_needs(network.database, network.embedding, Programme(FEW, guests, at_most=2, floor=0.0), ANYONE)

    assert found.obstacle is None
    assert {g.need for g in found.given} == set(FEW)
    assert {load.partner: load.places for load in found.loads} == {"country:EST": 2, "country:IND": 1, "country:KEN": 2}
    assert all(len(load.needs) <= load.places for load in found.loads)
    assert pairs(found)[FEW[0]] != "country:KEN"


@pytest.mark.live
async def test_unknown_partner_and_unseen_need_are_refused(network: Network, scratch: Database) -> None:
    await write(scratch, [need_record("test-members", visibility="MEMBERS")], actor="tests")

    async def refusal(programme: Programme, viewer: Viewer = ANYONE) -> Code:
        with pytest.raises(NetworkError) as refused:
            await assign_needs(network.database, network.embedding, programme, viewer)
        return refused.value.code

    assert await refusal(Programme(FEW, (Guest("country:XYZ", 1),))) is Code.NOT_FOUND
    assert await refusal(Programme(("need:test-members",))) is Code.UNKNOWN_NEED
    assert await refusal(Programme(("need:test-nowhere",))) is Code.UNKNOWN_NEED
    space = await space_in_use(scratch)
    [row] = await scratch.read(needs_by_id(["need:test-members"], space, Viewer(Role.MEMBER)))
    assert (row[0], row[-1]) == ("need:test-members", None)
    newest = [r[0] for r in await scratch.read(newest_open_needs(500, space, ANYONE))]
    assert "need:test-members" not in newest
    assert len(newest) == (await scratch.read(Query("MATCH (n:Need {status: 'OPEN', visibility: 'PUBLIC'})\nRETURN count(n)")))[0][0]
