"""`kill -9` of an ingest and of its Neo4j at ten random moments: resumed, it gives the graph of an undisturbed run, node for node."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.state import Network
from graph.database import Database, Query
from graph.settings import Settings
from tests.live.test_crash import GCIO, environment, servers

ROUNDS = 10
SEED = 19690720
PROJECTS = 2_500
COUNTRIES = ("Kenya", "Nepal", "Peru", "Western and Central Africa", "Ghana", "Atlantis")
TOPICS = ("Digital identity", "Online tax services", "Electronic procurement", "Civil registration database", "Government cloud")
BODIES = ("Ministry of Finance", "National Agency for Digital Services", "Office of the Registrar", "Directorate of Statistics")


def command(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [GCIO, *arguments], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def succeeds(home: Path, *arguments: str) -> str:
    process = command(home, *arguments)
    out, err = process.communicate(timeout=900)
    assert process.returncode == 0, err.decode()
    return out.decode()


def write_sources(folder: Path) -> None:
    """Two editions of a projects list and its ratings: needs that are met, projects that are dropped, agencies that nearly bear one name, bad rows."""
    chance = random.Random(SEED)
    folder.mkdir()
    old = [
        "id,countryname,projectstatusdisplay,project_name,pdo,impagency,boardapprovaldate,closingdate,curr_total_commitment,grantamt,lendinginstr"
    ]
    new = [
        "id,countryshortname,status,project_name,pdo,impagency,public_disclosure_date,boardapprovaldate,closingdate,idacommamt,curr_total_commitment,lendinginstr"
    ]
    ratings = ["As of Date,Project ID,Evaluation FY,Quality at Entry,Outcome"]
    for number in range(PROJECTS):
        key, country, topic = f"P{800_000 + number}", chance.choice(COUNTRIES), chance.choice(TOPICS)
        agency = f"{chance.choice(BODIES)} of Province {chance.randint(1, 90)}"
        title = f"{topic} for the government of district {number}"
        before, after = chance.choice(
            (("Pipeline", "Active"), ("Pipeline", "Dropped"), ("Active", "Closed"), ("Closed", "Closed"), ("Strange", "Active"))
        )
        day = f"20{chance.randint(10, 23)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
        old.append(
            f"{key},{country},{before},{title},To build it in {country}.,{agency},{day}T00:00:00Z,12/31/2026 12:00:00 AM,{number}000,10,"
        )
        if chance.random() < 0.95:
            new.append(f"{key},{country},{after},{title.upper()},,{agency},{day},{day}T00:00:00Z,2027-06-30,,{number}500,")
        ratings.append(f"01/15/2026,{key},2025,,{chance.choice(('Satisfactory', 'Unsatisfactory', 'Not Rated'))}")
    for name, lines in (("list_2024-08-29", old), ("list_2025-03-31", new), ("ratings", ratings)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def export(home: Path) -> Iterator[tuple[str, Any]]:
    """Every record with its links, and every change of it, without what differs between runs: the records of runs, what links to them,
    order and times of the log."""
    network = await Network.open(Settings(home=home, model_offline=True))
    try:
        records, changes = await _records(network.database), await _changes(network.database)
    finally:
        await network.close()
    return iter((*records.items(), *changes.items()))


async def _records(database: Database) -> dict[str, Any]:
    text = (
        "MATCH (n)\nWHERE NOT (n:Change OR n:IngestRun OR n:State) AND NOT split(n.id, ':')[0] IN ['lock', 'sequence']\n"
        "RETURN n.id, labels(n), properties(n), COLLECT { MATCH (n)-[r]->(t) WHERE NOT t:IngestRun RETURN [type(r), t.id, properties(r)] AS link ORDER BY type(r), t.id }\n"
        "ORDER BY n.id"
    )
    found = {key: [labels, dict(properties), links] for key, labels, properties, links in await database.read(Query(text), timeout=120)}
    for key in found:
        # The hash of a rejection is one of its run as well.
        if key.startswith("rejection:"):
            del found[key][1]["hash"]
    return found


async def _changes(database: Database) -> Counter[str]:
    text = "MATCH (c:Change)\nWHERE NOT c.record STARTS WITH 'ingest-run:' AND NOT c.record STARTS WITH 'rejection:'\nRETURN c.record, c.action, c.actor, c.changed, c.before, c.after, c.visibility"
    return Counter(json.dumps(list(row), default=str) for row in await database.read(Query(text), timeout=120))


def counted(run: dict[str, Any]) -> dict[str, Any]:
    """What a run reports. Rows of a file that an earlier run had finished before it was killed are new in that one and unchanged in this."""
    names = ("source", "read", "changed", "out_of_scope", "withdrawn", "rejected")
    return {name: run[name] for name in names} | {"new or unchanged": run["new"] + run["unchanged"]}


@pytest.mark.slow
def test_ten_crashes_of_an_ingest_leave_the_graph_of_an_undisturbed_one(tmp_path: Path) -> None:
    # given the sources, two data folders with the starter data, and what an undisturbed run makes of one of them
    sources, calm, crashed = tmp_path / "sources", tmp_path / "calm", tmp_path / "crashed"
    write_sources(sources)
    ingest = ("ingest", "all", str(sources), "--accept-bad-rows", "--json")
    succeeds(calm, "load", "--json")
    succeeds(calm, "db", "backup", str(tmp_path / "starter.dump"))
    succeeds(crashed, "db", "restore", str(tmp_path / "starter.dump"), "--yes")
    began = time.monotonic()
    undisturbed = [json.loads(line) for line in succeeds(calm, *ingest).splitlines()]
    whole = time.monotonic() - began
    succeeds(calm, *ingest)
    standstill = time.monotonic() - began - whole
    wanted = dict(asyncio.run(export(calm)))
    assert sum(key.startswith("project:wb-p80") for key in wanted) > PROJECTS / 2

    # when another is killed ten times, process and database in random order, before it can be through
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        process = command(crashed, *ingest)
        time.sleep(chance.uniform(0.5 * standstill, standstill + 0.5 * (whole - standstill) / ROUNDS))
        victims = [process.pid, *(server.pid for server in servers(crashed))]
        assert process.poll() is None, (
            f"seed {SEED}, round {number}: the ingest ended before it was killed; more PROJECTS make it last longer"
        )
        chance.shuffle(victims)
        for pid in victims[: chance.randint(1, len(victims))]:
            os.kill(pid, signal.SIGKILL)
        # An ingest that lost its database ends by itself, with a message and without a traceback.
        _, err = process.communicate(timeout=300)
        assert process.returncode != 0
        assert b"Traceback" not in err, f"seed {SEED}, round {number}\n{err.decode()}"

    # then the last run goes on where the others were, and gives the same graph and the same log
    resumed = [json.loads(line) for line in succeeds(crashed, *ingest).splitlines()]
    found = dict(asyncio.run(export(crashed)))
    assert found.keys() == wanted.keys()
    assert [(key, found[key], wanted[key]) for key in wanted if found[key] != wanted[key]] == []
    assert [counted(run) for run in resumed] == [counted(run) for run in undisturbed]
    assert servers(crashed) == []
