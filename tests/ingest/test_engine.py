"""The engine on the session's Neo4j: what a second run writes, what a killed one leaves, what becomes of bad rows, who goes before whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from graph.catalogue import data_version
from graph.database import Database, Query
from graph.errors import Code, NetworkError
from graph.ingest import checkpoint, exclusively, open_rejections
from graph.merge import history_of, merge, moved_to
from graph.provenance import conflicts, stored_records
from graph.records import Link, Record
from graph.writer import write
from ingest import preparation
from ingest.connector import About, Draft, OutOfScope, Rejected, Row
from ingest.engine import Options, ingest
from ingest.inputs import InputFile, together
from ingest.preparation import Scope
from ingest.report import RunReport
from ingest.resolution import Resolver, slug
from ingest.textfiles import Cells, table
from tests.ingest.files import given

pytestmark = pytest.mark.live
HEADER = "id,title,country,amount,funder\n"
DIGITAL = "Digital identity for the government"


class Sample:
    """Projects from a table; a row without an amount that is a number keeps its other fields."""

    name, version, rank, title, refresh = "test-sample", 1, 50, "A sample", "monthly"

    def recognises(self, file: InputFile) -> bool:
        return file.suffix == ".csv"

    def source(self, _file: InputFile) -> Record:
        return Record("Source", self.name, {"title": "A sample", "publisher": "The tests"})

    def dataset(self, file: InputFile) -> str:
        return file.stem.partition("@")[0]

    def as_of(self, file: InputFile) -> str | None:
        return file.stem.partition("@")[2] or None

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        yield from table(file, required=("id",))

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        cells = row.cells
        record = f"project:test-{cells['id']}"
        country = resolver.country(cells["country"])
        if country is None:
            return Rejected(row.line, "country", cells["country"], "is no country", record=record)
        aside = []
        values: dict[str, Any] = {"title": cells["title"], "summary": cells["title"], "status": "ACTIVE", "lang": "en"}
        try:
            values["amountUsd"] = float(cells["amount"])
        except ValueError:
            aside.append(Rejected(row.line, "amount", cells["amount"], "is not a number"))
        project = Record("Project", record.partition(":")[2], values, {"countries": [Link(country)]})

        def finish(found: Record) -> Record:
            funder = resolver.organization(cells["funder"])
            return replace(found, links={**found.links, "funders": [Link(funder)]})

        return Draft([project], row=cells["id"], about=About(cells["title"]), finish=finish, set_aside=aside)


class Other(Sample):
    """The same rows from another publisher, of a lower rank."""

    name, rank = "test-other", 40


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest_asyncio.fixture(loop_scope="session")
async def clean(database: Database) -> AsyncIterator[Database]:
    """The database, rid afterwards of all that these connectors brought in."""
    yield database
    for text in (
        "MATCH (:Source)<-[r:SOURCED_FROM]-(n)\nWHERE r.by STARTS WITH 'test-'\nDETACH DELETE n",
        "MATCH (n)\nWHERE (n.id CONTAINS ':test-' OR n.id STARTS WITH 'state:ingest:test-' OR n.connector STARTS WITH 'test-') AND NOT n:Change\nDETACH DELETE n",
        "MATCH (n)\nWHERE n:Statement AND n.record CONTAINS ':test-' OR n:MergeCandidate\nDETACH DELETE n",
    ):
        await database.write(lambda transaction, text=text: transaction.run(Query(text)))


def counts(report: RunReport) -> dict[str, int]:
    assert all(file.counts.balanced for file in report.files)
    return {name: value for name, value in report.counts.as_dict().items() if value}


def rows(*ids: int, title: str = DIGITAL, country: str = "KEN") -> str:
    return HEADER + "".join(f"{i},{title} {i},{country},{i},World Bank\n" for i in ids)


async def test_a_run_names_the_sources_that_it_read(clean: Database, tmp_path: Path) -> None:
    file = given(tmp_path, "a.csv", rows(1))
    first, second = await ingest(clean, Sample(), [file], Options()), await ingest(clean, Sample(), [file], Options())
    runs = await stored_records(clean, "IngestRun", [first.run, second.run])

    # Also the second, which had nothing to read in the file.
    assert [[link.target for link in runs[report.run].links["readFrom"]] for report in (first, second)] == [["source:test-sample"]] * 2


async def project(database: Database, key: int) -> Record | None:
    return (await stored_records(database, "Project", [f"project:test-{key}"])).get(f"project:test-{key}")


async def export(database: Database) -> list[Any]:
    """Everything that the sample brought in, with its links, without what differs from run to run."""
    text = (
        "MATCH (n)\nWHERE (n:Project OR n:Organization OR n:Source) AND (n.id CONTAINS ':test-' OR EXISTS { (n)-[{by: 'test-sample'}]->() })\n"
        "RETURN n.id, properties(n), COLLECT { MATCH (n)-[r]-(t) WHERE NOT t:IngestRun RETURN [type(r), t.id, properties(r)] AS link ORDER BY type(r), t.id }\nORDER BY n.id"
    )
    return [list(row) for row in await database.read(Query(text))]


async def test_a_second_run_writes_nothing(clean: Database, tmp_path: Path) -> None:
    file = given(tmp_path, "a.csv", rows(1, 2) + "3,Digital identity,Atlantis,1,World Bank\n4,Rural roads,KEN,1,World Bank\n")

    first = await ingest(clean, Sample(), [file], Options(accept_bad_rows=True))
    version = await data_version(clean)
    second = await ingest(clean, Sample(), [file], Options(accept_bad_rows=True))
    third = await ingest(clean, Sample(), [file], Options(accept_bad_rows=True, again=True))

    assert counts(first) == {"read": 4, "new": 2, "out_of_scope": 1, "rejected": 1}
    assert counts(second) == counts(third) == {"read": 4, "unchanged": 2, "out_of_scope": 1, "rejected": 1}
    assert second.files[0].note == "read before, has not changed"
    logged = await clean.read(
        Query("MATCH (c:Change)\nWHERE c.sequence > $since\nRETURN DISTINCT split(c.record, ':')[0]", {"since": version})
    )
    assert {kind for (kind,) in logged} <= {"ingest-run", "rejection"}
    stored = await project(clean, 1)
    assert stored is not None
    assert {link.target for link in stored.links["funders"]} == {"organization:world-bank"}
    assert "topic:digital-identity" in {link.target for link in stored.links["topics"]}
    [source] = stored.links["sources"]
    assert (source.target, source.properties["row"], source.properties["by"], source.properties["dataset"]) == (
        "source:test-sample",
        "1",
        "test-sample",
        "a",
    )
    assert await project(clean, 4) is None


async def test_scope_all_loads_what_is_not_about_e_government(clean: Database, tmp_path: Path) -> None:
    file = given(tmp_path, "a.csv", rows(1, title="Rural roads"))
    assert counts(await ingest(clean, Sample(), [file], Options())) == {"read": 1, "out_of_scope": 1}
    assert counts(await ingest(clean, Sample(), [file], Options(scope=Scope.ALL))) == {"read": 1, "new": 1}
    assert counts(await ingest(clean, Sample(), [file], Options(again=True))) == {"read": 1, "out_of_scope": 1}
    stored = await project(clean, 1)
    assert stored is not None
    assert stored.properties.get("withdrawn") is None


async def test_what_a_data_set_no_longer_lists_is_withdrawn_and_comes_back(clean: Database, tmp_path: Path) -> None:
    other = given(tmp_path, "b.csv", rows(9))
    await ingest(clean, Sample(), [given(tmp_path, "a@2024-01-01.csv", rows(1, 2)), other], Options())

    second = await ingest(clean, Sample(), [given(tmp_path, "a@2024-02-01.csv", rows(1))], Options())
    gone, elsewhere = await project(clean, 2), await project(clean, 9)
    stale = await ingest(
        clean, Sample(), [given(tmp_path, "a@2024-01-15.csv", rows(1, 2, title="Digital health of government"))], Options()
    )
    still = await project(clean, 2)
    back = await ingest(clean, Sample(), [given(tmp_path, "a@2024-03-01.csv", rows(1, 2))], Options())
    returned = await project(clean, 2)

    assert counts(second) == {"read": 1, "unchanged": 1, "withdrawn": 1}
    assert gone is not None
    assert gone.properties["withdrawn"] is True
    assert elsewhere is not None
    assert elsewhere.properties.get("withdrawn") is None
    assert counts(stale) == {"read": 2, "unchanged": 2}
    assert still is not None
    assert still.properties["withdrawn"] is True
    assert counts(back) == {"read": 2, "changed": 1, "unchanged": 1}
    assert returned is not None
    assert returned.properties.get("withdrawn") is None


async def test_several_versions_in_one_run_give_the_latest(clean: Database, tmp_path: Path) -> None:
    versions = [
        given(tmp_path, "a@2024-02-01.csv", rows(1, title="Digital identity second version")),
        given(tmp_path, "a@2024-01-01.csv", rows(1, 2)),
    ]
    report = await ingest(clean, Sample(), versions, Options())
    stored, gone = await project(clean, 1), await project(clean, 2)
    assert counts(report) == {"read": 3, "new": 2, "changed": 1, "withdrawn": 1}
    assert stored is not None
    assert stored.properties["title"] == "Digital identity second version 1"
    assert gone is not None
    assert gone.properties["withdrawn"] is True
    assert counts(await ingest(clean, Sample(), versions, Options())) == {"read": 3, "unchanged": 3}
    assert counts(await ingest(clean, Sample(), versions, Options(again=True))) == {"read": 3, "unchanged": 3}


async def test_a_run_that_was_killed_goes_on_where_it_was(clean: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ROWS", 3)
    undisturbed = given(tmp_path, "a.csv", rows(*range(1, 12)) + "12,Digital identity 12,KEN,12,A new organisation\n")
    await ingest(clean, Sample(), [undisturbed], Options())
    wanted = await export(clean)
    for text in (
        "MATCH (n)\nWHERE n.id CONTAINS ':test-' AND NOT n:Change\nDETACH DELETE n",
        "MATCH (o:Organization {name: 'A new organisation'})\nDETACH DELETE o",
        "MATCH (s:State)\nWHERE s.id STARTS WITH 'state:ingest:test-'\nDELETE s",
    ):
        await clean.write(lambda transaction, text=text: transaction.run(Query(text)))

    def stop(_file: InputFile, done: int) -> None:
        if done >= 6:
            raise KilledError

    with pytest.raises(KilledError):
        await ingest(clean, Sample(), [undisturbed], Options(progress=stop))
    state = await checkpoint(clean, "test-sample:a")
    assert state is not None
    assert (state["current"]["rows"], state["current"]["counts"]["new"]) == (6, 6)
    report = await ingest(clean, Sample(), [undisturbed], Options())

    assert counts(report) == {"read": 12, "new": 12}
    assert report.files[0].note == "resumed after row 6"
    assert await export(clean) == wanted


async def test_a_run_that_is_killed_while_it_reads_again_loses_no_count(
    clean: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "ROWS", 3)
    file = given(tmp_path, "a.csv", rows(*range(1, 13)))
    for place in (9, 3):

        def stop(_file: InputFile, done: int, place: int = place) -> None:
            if done >= place:
                raise KilledError

        with pytest.raises(KilledError):
            await ingest(clean, Sample(), [file], Options(progress=stop))
        state = await checkpoint(clean, "test-sample:a")
        assert state is not None
        assert (state["current"]["rows"], state["current"]["counts"]["read"]) == (9, 9)

    assert counts(await ingest(clean, Sample(), [file], Options())) == {"read": 12, "new": 12}


async def test_two_runs_of_one_source_exclude_each_other(clean: Database, tmp_path: Path) -> None:
    async def meanwhile() -> NetworkError:
        with pytest.raises(NetworkError) as caught:
            await ingest(clean, Sample(), [given(tmp_path, "a.csv", rows(1))], Options())
        return caught.value

    error = await exclusively(clean, "test-sample", meanwhile)
    assert error.code is Code.INGEST_BUSY
    assert await project(clean, 1) is None
    assert counts(await ingest(clean, Sample(), [given(tmp_path, "a.csv", rows(1))], Options())) == {"read": 1, "new": 1}


async def test_bad_rows_wait_in_quarantine_until_they_are_mended(clean: Database, tmp_path: Path) -> None:
    bad = rows(1, 2, 3, 4) + "5,Digital identity,Atlantis,5,World Bank\n6,Digital identity 6,KEN,many,World Bank\n"
    report = await ingest(clean, Sample(), [given(tmp_path, "a.csv", bad)], Options())
    waiting = await open_rejections(clean, "test-sample")

    assert counts(report) == {"read": 6, "new": 5, "rejected": 1}
    assert [(r["file"], r["row"], r["column"], r["value"], r["reason"]) for r in waiting] == [
        ("a.csv", 6, "country", "Atlantis", "is no country"),
        ("a.csv", 7, "amount", "many", "is not a number"),
    ]

    mended = given(tmp_path, "a.csv", bad.replace("Atlantis", "Kenya").replace("many", "6"))
    again = await ingest(clean, Sample(), [mended], Options())
    assert counts(again) == {"read": 6, "new": 1, "changed": 1, "unchanged": 4}
    assert await open_rejections(clean, "test-sample") == []


async def test_a_file_of_bad_rows_stops_unless_told_otherwise(clean: Database, tmp_path: Path) -> None:
    file = given(tmp_path, "a.csv", rows(1, 2) + "3,Digital identity,Atlantis,5,World Bank\n")
    with pytest.raises(NetworkError) as caught:
        await ingest(clean, Sample(), [file], Options())
    assert caught.value.code is Code.INGEST_TOO_MANY_REJECTED
    assert "1 of 3 rows" in caught.value.message
    assert len(await open_rejections(clean, "test-sample")) == 1
    assert counts(await ingest(clean, Sample(), [file], Options(accept_bad_rows=True)))["rejected"] == 1


async def test_a_file_that_stops_keeps_no_other_file_out(clean: Database, tmp_path: Path) -> None:
    bad = "3,Digital identity,Atlantis,5,World Bank\n"
    files = [given(tmp_path, "a.csv", rows(1) + bad), given(tmp_path, "b.csv", rows(2)), given(tmp_path, "c.csv", HEADER + bad)]

    with pytest.raises(NetworkError) as caught:
        await ingest(clean, Sample(), files, Options())

    assert caught.value.code is Code.INGEST_TOO_MANY_REJECTED
    assert [name in caught.value.message for name in ("a.csv: 1 of 2 rows", "b.csv", "c.csv: 1 of 1 rows")] == [True, False, True]
    assert await project(clean, 1) is not None
    assert await project(clean, 2) is not None
    [(read, rejected)] = await clean.read(Query("MATCH (r:IngestRun {connector: 'test-sample'})\nRETURN r.read, r.rejected"))
    assert (read, rejected) == (4, 2)


async def test_mending_leaves_what_another_file_of_the_source_says(clean: Database, tmp_path: Path) -> None:
    # given two files that have one record, of which the first is displayed, and a bad row in the second
    first = given(tmp_path, "a.csv", rows(1))
    other = rows(1, 4, 5, 6, title="Digital health of government") + "7,Digital identity,{},5,World Bank\n"
    second = given(tmp_path, "b.csv", other.format("Atlantis"))
    await ingest(clean, Sample(), [first, second], Options())

    mended = given(tmp_path, "b.csv", other.format("Kenya"))
    report = await ingest(clean, Sample(), [mended], Options(again=True, mending=True))
    stored = await project(clean, 1)

    assert counts(report) == {"read": 5, "new": 1, "unchanged": 4}
    assert stored is not None
    assert stored.properties["title"] == f"{DIGITAL} 1"
    assert await open_rejections(clean, "test-sample") == []


async def test_sources_that_differ_keep_both_statements(clean: Database, tmp_path: Path) -> None:
    ranks = {"test-sample": 50, "test-other": 40}
    await ingest(clean, Sample(), [given(tmp_path, "a.csv", rows(1))], Options(ranks=ranks))
    changed = given(tmp_path, "b.csv", rows(1, title="Digital identity of another kind for the government"))

    await ingest(clean, Other(), [changed], Options(ranks=ranks))
    stored = await project(clean, 1)
    found = await conflicts(clean, "project:test-1")
    again = await ingest(clean, Other(), [changed], Options(ranks=ranks, again=True))
    await ingest(clean, Other(), [given(tmp_path, "b.csv", rows(1))], Options(ranks=ranks))

    assert stored is not None
    assert stored.properties["title"] == f"{DIGITAL} 1"
    assert {link.properties["by"]: "title" in (link.properties["gives"] or []) for link in stored.links["sources"]} == {  # type: ignore[operator]
        "test-sample": True,
        "test-other": False,
    }
    [title] = [c for c in found if c.field == "title"]
    assert (title.displayed, title.said, title.source, title.by) == (
        f"{DIGITAL} 1",
        "Digital identity of another kind for the government 1",
        "source:test-other",
        "test-other",
    )
    assert title.reason == "test-sample goes before test-other by rank."
    assert counts(again) == {"read": 1, "unchanged": 1}
    assert await conflicts(clean, "project:test-1") == []


async def test_a_record_kept_by_hand_goes_before_a_connector(clean: Database, tmp_path: Path) -> None:
    values = {"title": "By hand", "summary": "Told in our own words.", "status": "CLOSED", "lang": "en"}
    by_hand = Record(
        "Project", "test-1", values, {"countries": [Link("country:UGA")], "sources": [Link("source:wb-projects", {"row": "P"})]}
    )
    await write(clean, [by_hand], actor="tests")

    report = await ingest(clean, Sample(), [given(tmp_path, "a.csv", rows(1))], Options())
    stored = await project(clean, 1)

    assert counts(report) == {"read": 1, "changed": 1}
    assert stored is not None
    assert (stored.properties["title"], stored.properties["amountUsd"]) == ("By hand", 1.0)
    assert [link.target for link in stored.links["countries"]] == ["country:UGA"]
    assert {c.field for c in await conflicts(clean, "project:test-1")} == {"title", "summary", "status", "countries"}


async def test_a_merge_keeps_both_histories_and_redirects(clean: Database, tmp_path: Path) -> None:
    text = (
        HEADER
        + "1,Digital identity for government,KEN,1,Agency of Examples\n2,Digital identity for government,KEN,2,Agency of the Exemples\n"
    )
    await ingest(clean, Sample(), [given(tmp_path, "a.csv", text)], Options())
    kept, other = (f"organization:{slug(name)}" for name in ("Agency of Examples", "Agency of the Exemples"))

    done = await merge(clean, kept, other, actor="tests")
    stored = await project(clean, 2)
    again = await ingest(clean, Sample(), [given(tmp_path, "a.csv", text)], Options(again=True))

    assert (done.kept, done.other) == (kept, other)
    assert stored is not None
    assert [link.target for link in stored.links["funders"]] == [kept]
    [organization] = (await stored_records(clean, "Organization", [kept, other])).values()
    assert (organization.id, organization.properties["aliases"]) == (kept, ["Agency of the Exemples"])
    assert (await moved_to(clean, other), await history_of(clean, kept)) == (kept, [kept, other])
    actions = await clean.read(Query("MATCH (c:Change {record: $id})\nRETURN c.action\nORDER BY c.sequence", {"id": other}))
    assert [action for (action,) in actions][-2:] == ["CREATE", "MERGE"]
    assert counts(again)["read"] == 2
    assert "new" not in counts(again)
    for ids, code in (((kept, other), Code.NOT_FOUND), ((kept, kept), Code.BAD_INPUT), ((kept, "project:test-1"), Code.BAD_INPUT)):
        with pytest.raises(NetworkError) as caught:
            await merge(clean, *ids, actor="tests")
        assert caught.value.code is code
    await clean.write(lambda transaction: transaction.run(Query("MATCH (r:Redirect)\nDELETE r")))


async def test_memory_of_rows_is_given_back(clean: Database, tmp_path: Path) -> None:
    """The engine never holds more than the batch it writes and the one it reads ahead."""
    alive = most = 0

    class Counted(Sample):
        def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
            nonlocal alive, most
            for row in super().rows(file):
                alive += 1
                most = max(most, alive)
                yield row

    def written(_file: InputFile, done: int) -> None:
        nonlocal alive
        alive = max(0, alive - preparation.ROWS)

    file = given(tmp_path, "a.csv", rows(*range(3000), title="Rural roads"))
    report = await ingest(clean, Counted(), [file], Options(progress=written))
    assert counts(report) == {"read": 3000, "out_of_scope": 3000}
    assert most <= 3 * preparation.ROWS
    await asyncio.sleep(0)


class Follower(Sample):
    """Rows that follow a record which is there, and say something of the one after it. Version 2 of a row is no longer about e-government."""

    name, rank = "test-follower", 60

    def read(self, row: Row[Cells], resolver: Resolver) -> Draft | OutOfScope | Rejected:
        draft = super().read(row, resolver)
        assert isinstance(draft, Draft)
        beside = Record("Project", f"test-{int(row.cells['id']) + 1}", {"rating": f"Beside {row.cells['id']}"})
        return replace(draft, follows=True, if_known=[beside])


async def test_a_row_follows_a_record_that_is_there(clean: Database, tmp_path: Path) -> None:
    ranks = {"test-sample": 50, "test-follower": 60}
    await ingest(clean, Sample(), [given(tmp_path, "a.csv", rows(1))], Options(ranks=ranks))
    roads = given(tmp_path, "b.csv", rows(1, 5, title="Rural roads", country="UGA"))

    report = await ingest(clean, Follower(), [roads], Options(ranks=ranks))
    again = await ingest(clean, Follower(), [roads], Options(ranks=ranks, again=True))
    stored = await project(clean, 1)

    assert counts(report) == {"read": 2, "changed": 1, "out_of_scope": 1}
    assert counts(again) == {"read": 2, "unchanged": 1, "out_of_scope": 1}
    assert stored is not None
    # Its facts are taken, its text is not: it says nothing of what makes the project one of the network's.
    assert (stored.properties["title"], stored.properties["summary"]) == ("Rural roads 1", f"{DIGITAL} 1")
    assert [link.target for link in stored.links["countries"]] == ["country:UGA"]
    assert "topic:digital-identity" in {link.target for link in stored.links["topics"]}
    assert await project(clean, 5) is None
    assert await project(clean, 6) is None


async def test_what_is_said_of_further_records_is_taken_where_they_are(clean: Database, tmp_path: Path) -> None:
    await ingest(clean, Sample(), [given(tmp_path, "a.csv", rows(2))], Options())

    report = await ingest(clean, Follower(), [given(tmp_path, "b.csv", rows(1, 7, title="Rural roads"))], Options())
    brought, rated = await project(clean, 1), await project(clean, 2)

    # The row comes in with what it says of the other record, which keeps what it had.
    assert counts(report) == {"read": 2, "new": 1, "out_of_scope": 1}
    assert brought is not None
    assert rated is not None
    assert (rated.properties["title"], rated.properties["rating"]) == (f"{DIGITAL} 2", "Beside 1")
    assert await project(clean, 8) is None


async def test_an_older_version_does_not_follow_a_newer_one(clean: Database, tmp_path: Path) -> None:
    newer = given(tmp_path, "a@2025-01-01.csv", rows(1))
    older = given(tmp_path, "a@2024-01-01.csv", rows(1, title="Rural roads"))
    assert counts(await ingest(clean, Follower(), [older, newer], Options())) == {"read": 2, "new": 1, "out_of_scope": 1}
    assert counts(await ingest(clean, Follower(), [older, newer], Options(again=True))) == {"read": 2, "unchanged": 1, "out_of_scope": 1}


class Folder(Sample):
    """The same rows, spread over files that are one data set."""

    name = "test-folder"

    def gather(self, files: Sequence[InputFile]) -> Sequence[InputFile]:
        return [together(files, "folder")]

    def rows(self, file: InputFile) -> Iterator[Row[Cells] | Rejected]:
        for part in file.parts:
            yield from table(part, required=("id",))


async def test_files_of_one_data_set_are_read_as_one(clean: Database, tmp_path: Path) -> None:
    first, second = given(tmp_path, "a.csv", rows(81)), given(tmp_path, "b.csv", rows(82))

    both = await ingest(clean, Folder(), [second, first], Options())
    again = await ingest(clean, Folder(), [first, second], Options())
    dropped = await ingest(clean, Folder(), [first], Options())

    assert [(file.address, file.dataset) for file in both.files] == [(str(tmp_path), "folder")]
    assert counts(both) == {"read": 2, "new": 2}
    assert again.files[0].note == "read before, has not changed"
    assert counts(dropped) == {"read": 1, "unchanged": 1, "withdrawn": 1}
    gone = await project(clean, 82)
    assert gone is not None
    assert gone.properties["withdrawn"] is True


async def test_a_data_set_with_a_part_that_cannot_be_opened_has_dropped_nothing(clean: Database, tmp_path: Path) -> None:
    first, second = given(tmp_path, "a.csv", rows(81)), given(tmp_path, "b.csv", rows(82))
    await ingest(clean, Folder(), [first, second], Options())

    partial = await ingest(clean, Folder(), [first], Options(partial=True))
    kept = await project(clean, 82)
    whole = await ingest(clean, Folder(), [first], Options())

    assert counts(partial) == {"read": 1, "unchanged": 1}
    assert kept is not None
    assert not kept.properties.get("withdrawn")
    # The same files count as read only once it is known that they are all there are.
    assert counts(whole) == {"read": 1, "unchanged": 1, "withdrawn": 1}
