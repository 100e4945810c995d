"""Scores that are kept between assignments: for the version, the viewer and the kind they were made for, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from api.state import Network
from graph.assignment import Guest, Programme, assign_needs, kept, read
from graph.assignment.kept import Qualities, Quality
from graph.database import Database
from graph.errors import Code, NetworkError
from graph.matching import PartnerKind, Request
from graph.matching.many import score_needs
from graph.version import revise
from graph.viewer import ANYONE, Role, Viewer
from graph.writer import write
from tests.graph.records import need as need_record

FEW = tuple(f"need:need-dpi-{n}" for n in ("ken-data-exchange", "mng-data-exchange", "npl-digital-id"))


def asked(*needs: str) -> list[Request]:
    return [Request("a text", "KEN", "en", need=need) for need in needs]


class Scoring:
    """Scores out of the need's name; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str | None]] = []

    async def __call__(self, requests: Sequence[Request]) -> list[Quality]:
        self.asked.append([request.need for request in requests])
        await asyncio.sleep(0)
        return [{"country:EST": float(len(str(request.need))), f"organization:{request.need}": 0.5} for request in requests]


async def test_only_needs_that_are_not_at_hand_are_scored() -> None:
    qualities, scoring = Qualities(), Scoring()

    first = await qualities.each("1", "anyone", asked("a", "bb"), scoring)
    second = await qualities.each("1", "anyone", asked("bb", "ccc", "a"), scoring)

    assert scoring.asked == [["a", "bb"], ["ccc"]]
    assert first == [{"country:EST": 1.0, "organization:a": 0.5}, {"country:EST": 2.0, "organization:bb": 0.5}]
    assert second == [first[1], {"country:EST": 3.0, "organization:ccc": 0.5}, first[0]]


@pytest.mark.parametrize(("version", "subject"), [("2", "anyone"), ("1", "member")])
async def test_another_version_and_another_viewer_have_scores_of_their_own(version: str, subject: str) -> None:
    qualities, scoring = Qualities(), Scoring()
    await qualities.each("1", "anyone", asked("a"), scoring)
    await qualities.each(version, subject, asked("a"), scoring)
    assert scoring.asked == [["a"], ["a"]]


async def test_those_who_ask_at_once_have_a_need_scored_once() -> None:
    qualities, scoring = Qualities(), Scoring()
    found = await asyncio.gather(*(qualities.each("1", "anyone", asked("a", "b"), scoring) for _ in range(5)))
    assert scoring.asked == [["a", "b"]]
    assert all(one == found[0] for one in found)


async def test_a_failure_is_nothing_that_is_kept() -> None:
    qualities, scoring = Qualities(), Scoring()

    async def failing(requests: Sequence[Request]) -> list[Quality]:
        raise RuntimeError("no scores")

    with pytest.raises(RuntimeError, match="no scores"):
        await qualities.each("1", "anyone", asked("a"), failing)
    await qualities.each("1", "anyone", asked("a"), scoring)
    assert scoring.asked == [["a"]]


async def test_who_waits_for_the_ranking_of_another_does_not_get_its_failure() -> None:
    qualities, scoring, gate = Qualities(), Scoring(), asyncio.Event()

    async def failing(requests: Sequence[Request]) -> list[Quality]:
        await gate.wait()
        raise RuntimeError("no scores")

    first = asyncio.create_task(qualities.each("1", "anyone", asked("a"), failing))
    second = asyncio.create_task(qualities.each("1", "anyone", asked("b"), scoring))
    await asyncio.sleep(0)
    gate.set()
    ended = await asyncio.gather(first, second, return_exceptions=True)

    assert [str(ended[0]), ended[1]] == ["no scores", [{"country:EST": 1.0, "organization:b": 0.5}]]


async def test_who_has_no_patience_is_told_and_the_ranking_goes_on() -> None:
    qualities, scoring, gate = Qualities(), Scoring(), asyncio.Event()

    async def slow(requests: Sequence[Request]) -> list[Quality]:
        await gate.wait()
        return await scoring(requests)

    for _ in range(3):
        with pytest.raises(NetworkError) as told:
            await qualities.each("1", "anyone", asked(*map(str, range(60))), slow, 0.0)
        assert (told.value.code, told.value.details) == (Code.RANKING_UNDER_WAY, {"needs": 60, "retryAfter": 3})
    gate.set()
    assert qualities.ranking is not None
    await qualities.ranking
    found = await qualities.each("1", "anyone", asked("7"), slow, 0.0)

    assert found == [{"country:EST": 1.0, "organization:7": 0.5}]
    assert len(scoring.asked) == 1


async def test_a_failure_that_nobody_waits_for_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    qualities = Qualities()

    async def failing(requests: Sequence[Request]) -> list[Quality]:
        await asyncio.sleep(0.01)
        raise NetworkError(Code.DATABASE_UNAVAILABLE, "The database does not answer.")

    with pytest.raises(NetworkError, match="are being ranked"):
        await qualities.each("1", "anyone", asked("a"), failing, 0.0)
    assert qualities.ranking is not None
    await asyncio.wait({qualities.ranking})
    await asyncio.sleep(0)

    assert [record.getMessage() for record in caplog.records] == ["ranking needs: The database does not answer."]


async def test_closing_ends_a_ranking() -> None:
    qualities = Qualities()

    async def endless(requests: Sequence[Request]) -> list[Quality]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(NetworkError, match="are being ranked"):
        await qualities.each("1", "anyone", asked("a"), endless, 0.0)
    await qualities.close()

    assert qualities.ranking is not None
    assert qualities.ranking.cancelled()


async def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    qualities, scoring = Qualities(), Scoring()
    await qualities.each("1", "anyone", asked("a", "b", "c"), scoring)

    found = await qualities.each("1", "anyone", asked("c", "d"), scoring)

    assert [quality["country:EST"] for quality in found] == [1.0, 1.0]
    assert sorted(need for _, need in qualities.kept) == ["c", "d"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many needs were scored, each time that any were."""
    counts: list[int] = []

    async def counting(database: Database, embedding: object, requests: Sequence[Request], **more: object) -> list[Quality]:
        counts.append(len(requests))
        return list(await score_needs(database, embedding, requests, **more))  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(read, "score_needs", counting)
    return counts


@pytest.mark.live
async def test_a_programme_with_other_places_ranks_nothing_anew(network: Network, counted: list[int]) -> None:
    database, embedding = network.database, network.embedding
    await database.write(revise)

    first, _ = await assign_needs(database, embedding, Programme(FEW, at_most=1), ANYONE)
    again, _ = await assign_needs(database, embedding, Programme(FEW, at_most=1), ANYONE)
    await assign_needs(database, embedding, Programme(FEW, (Guest("country:EST", 3),), at_most=3, floor=0.0), ANYONE)
    assert again == first
    assert counted == [3]

    await assign_needs(database, embedding, Programme(FEW, at_most=1, kind=PartnerKind.COUNTRY), ANYONE)
    await assign_needs(database, embedding, Programme(FEW, at_most=1), Viewer(Role.MEMBER))
    assert counted == [3, 3, 3]


@pytest.mark.live
async def test_a_change_of_the_graph_has_everything_ranked_anew(network: Network, scratch: Database, counted: list[int]) -> None:
    await assign_needs(scratch, network.embedding, Programme(FEW, at_most=1), ANYONE)
    counted.clear()

    await write(scratch, [need_record("test-kept")], actor="tests")
    await assign_needs(scratch, network.embedding, Programme(FEW, at_most=1), ANYONE)

    assert counted == [3]
