"""Documents → votes → partners, with numbers worked out by hand."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.matching import PARAMETERS, Parameters
from graph.matching.candidates import Candidate, Edge
from graph.matching.ranking import Scored, Standing, Vote, count_votes, fuse, rank
from graph.schema import evidence_properties, text_properties
from graph.words import full_text_terms, terms_in

DAY = date(2020, 1, 1)


def candidate(name: str, *edges: tuple[str, str, bool] | tuple[str, str, bool, str]) -> tuple[str, Candidate]:
    return name, Candidate(name, DAY, tuple(Edge(*edge) for edge in edges))


def cast(weight: float, *, own: bool = False) -> Vote:
    return Vote("d", 1, weight, "IN" if own else "SUPPORTS", own, DAY)


def given_votes(**parties: float) -> dict[str, list[Vote]]:
    return {party: [cast(value)] for party, value in parties.items()}


def order_of(scored: list[Scored]) -> list[str]:
    return [s.party for s in scored]


def test_document_in_both_rankings_beats_the_first_of_one() -> None:
    # b: 1/62 + 1/61 = 0.0325, a and d: 1/61 and 1/63 + 1/63, c: 1/63.
    assert fuse([["a", "b", "c"], ["b", "d"]], 60) == ["b", "a", "d", "c"]


def test_documents_of_one_score_stand_by_id() -> None:
    assert fuse([["b", "a"], ["a", "b"]], 60) == ["a", "b"]
    assert fuse([["b"], ["a"]], 60) == ["a", "b"]


def test_constant_of_the_fusion_decides_between_one_high_place_and_two_low_ones() -> None:
    rankings = [["b", "x", "y"], ["c", "x", "y"], ["a", "d", "e"]]

    # k = 0: a, b and c have 1/1, x 1/2 + 1/2, y 1/3 + 1/3. k = 60: x has 2/62 and y 2/63, above the 1/61 of the firsts.
    assert fuse(rankings, 0) == ["a", "b", "c", "x", "y", "d", "e"]
    assert fuse(rankings, 60) == ["x", "y", "a", "b", "c", "d", "e"]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([], 60) == []
    assert fuse([[], []], 60) == []


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=3), st.integers(0, 100))
def test_fused_list_holds_each_document_once_by_its_sum(rankings: list[list[str]], k: int) -> None:
    order = fuse(rankings, k)

    def score(document: str) -> float:
        return sum(1 / (k + ranking.index(document) + 1) for ranking in rankings if document in ranking)

    assert sorted(order) == sorted({document for ranking in rankings for document in ranking})
    assert all(score(one) >= score(other) - 1e-12 for one, other in pairwise(order))


def test_votes_are_weighed_by_place_and_role() -> None:
    known = dict(
        [
            candidate("d1", ("A", "SUPPORTS", False)),
            candidate("d2", ("A", "IN", True), ("B", "FUNDS", False)),
            candidate("d4", ("B", "FROM", True)),
        ]
    )

    votes = count_votes(["d1", "d2", "d3", "d4"], known, PARAMETERS)

    # Places 1, 2 and 4: 1/11, 1/12, 1/14, own experience half of it. d3 has nobody in it.
    assert votes == {
        "A": [Vote("d1", 1, 1 / 11, "SUPPORTS", False, DAY), Vote("d2", 2, 1 / 24, "IN", True, DAY)],
        "B": [Vote("d2", 2, 1 / 12, "FUNDS", False, DAY), Vote("d4", 4, 1 / 28, "FROM", True, DAY)],
    }


def test_party_with_several_parts_in_a_document_has_one_vote_in_the_strongest() -> None:
    known = dict([candidate("d1", ("A", "IN", True), ("A", "IMPLEMENTS", True), ("A", "FUNDS", False), ("A", "SUPPORTS", False))])

    assert count_votes(["d1"], known, PARAMETERS)["A"] == [Vote("d1", 1, 1 / 11, "FUNDS", False, DAY)]


def test_organisation_lends_half_its_vote_to_its_home_country() -> None:
    known = dict([candidate("d1", ("academy", "SUPPORTS", False, "EST"))])

    votes = count_votes(["d1"], known, PARAMETERS)

    assert votes == {
        "academy": [Vote("d1", 1, 1 / 11, "SUPPORTS", False, DAY)],
        "EST": [Vote("d1", 1, 1 / 22, "SUPPORTS", False, DAY, "academy")],
    }


def test_country_that_stands_in_a_document_itself_needs_no_lent_vote() -> None:
    known = dict([candidate("d1", ("EST", "BETWEEN", False), ("academy", "BETWEEN", False, "EST"))])

    assert count_votes(["d1"], known, PARAMETERS)["EST"] == [Vote("d1", 1, 1 / 11, "BETWEEN", False, DAY)]


def test_only_the_best_documents_vote() -> None:
    known = dict(candidate(f"d{n}", (f"P{n}", "BY", False)) for n in range(1, 5))

    assert set(count_votes(["d1", "d2", "d3", "d4"], known, Parameters(voters=2))) == {"P1", "P2"}


def test_best_has_one_and_the_others_their_share() -> None:
    votes = {"A": [cast(1 / 11), cast(1 / 24, own=True)], "B": [cast(1 / 12), cast(1 / 26, own=True)]}

    first, second = rank(votes, Standing(), PARAMETERS)

    # The second document of each counts 1/√2. A: 1/11 + 1/33.941125 = 0.120372. B: 1/12 + 1/36.769553 = 0.110530, 0.918236 of it.
    assert (first.party, second.party) == ("A", "B")
    assert first.score(PARAMETERS) == pytest.approx(1.0, abs=1e-12)
    assert second.score(PARAMETERS) == pytest.approx(0.918235671, abs=1e-9)
    assert first.given == pytest.approx(0.755235324, abs=1e-9)
    assert first.own == pytest.approx(0.489529351, abs=1e-9)


def test_further_documents_of_a_party_count_less_and_less() -> None:
    votes = {"many": [cast(0.1)] * 4, "one": [cast(0.2)]}

    scored = {s.party: s for s in rank(votes, Standing(), PARAMETERS)}

    # 0.1 × (1 + 1/√2 + 1/√3 + 1/2) = 0.278446
    assert scored["one"].score(PARAMETERS) == pytest.approx(0.2 / 0.278445705, abs=1e-8)
    assert [c.value for c in scored["many"].documents] == sorted((c.value for c in scored["many"].documents), reverse=True)


def test_region_and_language_add_a_fifth_each() -> None:
    standing = Standing(region=frozenset({"B"}), language=frozenset({"B"}))

    first, second = rank(given_votes(A=1.0, B=0.9), standing, PARAMETERS)

    assert (first.party, first.region, first.language) == ("B", True, True)
    assert first.score(PARAMETERS) == pytest.approx(1.3, abs=1e-12)
    assert (second.party, second.score(PARAMETERS)) == ("A", pytest.approx(1.0, abs=1e-12))


def test_region_and_language_never_make_up_for_evidence() -> None:
    standing = Standing(region=frozenset({"B"}), language=frozenset({"B"}))

    first, second = rank(given_votes(A=1.0, B=0.03), standing, PARAMETERS)

    # 0.03 is a fifth of the evidence from which 0.4 counts in full.
    assert (first.party, second.score(PARAMETERS)) == ("A", pytest.approx(0.03 + 0.4 / 5, abs=1e-12))


def test_body_that_helps_other_regions_keeps_half_of_its_evidence() -> None:
    first, second = rank(given_votes(A=1.0, B=0.6), Standing(elsewhere=frozenset({"A"})), PARAMETERS)

    assert (first.party, first.score(PARAMETERS)) == ("B", pytest.approx(0.6, abs=1e-12))
    assert (second.elsewhere, second.score(PARAMETERS)) == (True, pytest.approx(0.5, abs=1e-12))


def test_own_description_counts_by_its_place_for_those_with_evidence_only() -> None:
    standing = Standing(profiles={"organization:b": 1, "organization:c": 2})

    first, second = rank({"organization:a": [cast(1.0)], "organization:b": [cast(0.99)]}, standing, PARAMETERS)

    # b: 0.99 + 0.25 / 11 = 1.012727, the best; c has a near description and no document, so it is no partner.
    assert (first.party, second.party) == ("organization:b", "organization:a")
    assert first.profile == pytest.approx(1 / 11 / 1.0127272727, abs=1e-9)
    assert second.score(PARAMETERS) == pytest.approx(1 / 1.0127272727, abs=1e-9)


def test_size_is_damped_by_its_tenth_root() -> None:
    first, second = rank(given_votes(A=1.0, B=0.6), Standing(documents={"A": 1024, "B": 1}), PARAMETERS)

    # 1024 to the power 0.1 is 2: A has 0.5 against 0.6.
    assert (first.party, second.party) == ("B", "A")
    assert second.score(PARAMETERS) == pytest.approx(0.5 / 0.6, abs=1e-12)


def test_parties_of_one_score_stand_by_the_hash_of_their_id() -> None:
    parties = ["country:AFG", "country:ALB", "country:ZMB", "country:ZWE", "organization:aaa"]

    order = order_of(rank(given_votes(**dict.fromkeys(parties, 0.25)), Standing(), PARAMETERS))

    assert order == sorted(parties, key=lambda party: hashlib.sha256(party.encode()).digest())
    assert order != parties


def test_difference_below_a_billionth_is_a_tie() -> None:
    parties = {"country:AFG": 0.25, "country:ALB": 0.25 * (1 + 1e-14)}

    order = order_of(rank(given_votes(**parties), Standing(), PARAMETERS))

    assert order == sorted(parties, key=lambda party: hashlib.sha256(party.encode()).digest())


def test_nobody_is_ranked_where_nobody_has_a_vote() -> None:
    assert rank({}, Standing(), PARAMETERS) == []


PARTIES = st.sampled_from(["country:AAA", "country:BBB", "country:CCC", "organization:d"])
EDGES = st.tuples(PARTIES, st.sampled_from(["BY", "IN", "FUNDS"]), st.booleans())
DOCUMENTS = st.lists(st.lists(EDGES, max_size=5), max_size=8)
STANDINGS = st.builds(
    Standing,
    st.dictionaries(PARTIES, st.integers(0, 500)),
    st.dictionaries(PARTIES, st.integers(1, 100)),
    st.frozensets(PARTIES),
    st.frozensets(PARTIES),
    st.frozensets(PARTIES),
)


@given(DOCUMENTS, STANDINGS)
def test_score_is_the_sum_of_what_is_shown_and_never_rises_down_the_list(
    documents: list[list[tuple[str, str, bool]]], standing: Standing
) -> None:
    known = dict(candidate(f"d{n}", *edges) for n, edges in enumerate(documents))

    scored = rank(count_votes(list(known), known, PARAMETERS), standing, PARAMETERS)

    scores = [s.score(PARAMETERS) for s in scored]
    assert {s.party for s in scored} == {party for edges in documents for party, _, _ in edges}
    assert all(one >= other - 1e-9 for one, other in pairwise(scores))
    assert all(0 < score <= PARAMETERS.maximum + 1e-9 for score in scores)
    for s, score in zip(scored, scores, strict=True):
        evidence = sum(c.value for c in s.documents) + 0.25 * s.profile
        added = (0.2 * s.region + 0.2 * s.language) * min(1, evidence / 0.15)
        assert score == pytest.approx(evidence * (0.5 if s.elsewhere else 1) + added, abs=1e-9)


def test_words_of_a_text_have_no_syntax_left() -> None:
    text = 'foo/bar AND ( [ "quoted" ] ) OR title:x* ~2 ^5 \\ && || ! {a TO b} + - ?'

    assert full_text_terms(text) == "foo bar and quoted or title x 2 5 a to b"


def test_words_are_taken_once_in_any_script_and_as_many_as_a_query_can_take() -> None:
    assert full_text_terms("Link link LINK liens état état_civil 登记 регистр") == "link liens état civil 登记 регистр"
    assert len(full_text_terms(" ".join(f"w{n}" for n in range(500))).split()) * len(text_properties()) <= 1024


def test_words_are_looked_for_in_the_fields_of_evidence_alone_and_no_more_than_fit() -> None:
    fields = evidence_properties()

    assert terms_in("Link link the LIENS", ("title", "summary")) == "title:(link the liens) summary:(link the liens)"
    assert terms_in("... ?!", fields) == ""
    assert {"title", "summary", "name", "lessons"} <= set(fields) < set(text_properties())
    assert 1000 - len(fields) < len(terms_in(" ".join(f"w{n}" for n in range(500)), fields).split()) <= 1024


@given(st.text(max_size=200))
def test_words_are_letters_and_digits_only(text: str) -> None:
    terms = full_text_terms(text)

    assert all(word.isalnum() for word in terms.split())
    assert not set('+-&|!(){}[]^"~*?:\\/') & set(terms)
