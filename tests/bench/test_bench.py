"""The bench measures what it says: equal answers are told from unequal ones, clients count, tables and ratios are right."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from graphql import parse
from graphql import validate as validate_document

from api.execute import plans
from graph.model import MODEL
from graph.records import validate
from tests.bench import questions
from tests.bench.comparison import check_fresh, require
from tests.bench.graph import Reader, country_ids, day, read_graph, slug
from tests.bench.load import ROOT, apply_load, run_clients
from tests.bench.measure import Round
from tests.bench.report import BEGIN, END, Figures, Machine, table, write_page
from web.tools.node import Missing, Node, install_packages, installed

RUNNERS = [None, pytest.param("wrk", marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not on this machine"))]


class Echo(BaseHTTPRequestHandler):
    """Answers a POST with its body, or with 503 where the body asks for it."""

    protocol_version = "HTTP/1.1"
    seen: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.seen.append(body)
        self.send_response(503 if body == b"refuse" else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the tests' output clean."""


@pytest.fixture
def echo() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server, and the bodies it got."""
    handler = type("Handler", (Echo,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/echo", handler.seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("runner", RUNNERS)
def test_clients_post_the_body_and_count_the_answers(echo: tuple[str, list[bytes]], runner: str | None) -> None:
    url, seen = echo

    load = apply_load(url, b'{"query": "{ __typename }"}', 2, 1, runner and shutil.which(runner))

    assert set(seen) == {b'{"query": "{ __typename }"}'}
    # Clients that are cut off at the end have sent requests whose answers nobody counts.
    assert len(seen) - 2 <= load.requests <= len(seen)
    assert load.failed == 0
    assert 0 < load.p50 <= load.p99
    assert load.busy > 0


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_refused_request_ends_the_run(echo: tuple[str, list[bytes]], runner: str | None) -> None:
    url, _ = echo

    with pytest.raises(RuntimeError, match=r"^\d+ of \d+ answers of http://\S+ were not 200$"):
        apply_load(url, b"refuse", 1, 1, runner and shutil.which(runner))


async def test_a_connection_that_breaks_counts_as_failed() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        load = await run_clients(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"{}", 3, 30)

    assert (load.requests, load.failed) == (0, 3)


def test_answers_of_both_servers_have_one_common_form() -> None:
    ours = {
        "country": {
            "id": "country:A",
            "projects": {"nodes": [{"id": "p", "topics": {"nodes": [{"id": "t2"}, {"id": "t1"}]}, "startDate": None}]},
        }
    }
    peers = {"countries": [{"id": "country:A", "projects": [{"id": "p", "topics": [{"id": "t1"}, {"id": "t2"}], "startDate": None}]}]}

    assert questions.difference(questions.common("q3", ours), questions.common("q3", peers)) is None


def test_cursors_are_left_out_and_one_record_is_no_list() -> None:
    page = {"projects": {"edges": [{"cursor": "x", "node": {"id": "p"}}], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}}
    measured = {"countries": [{"observations": [{"indicator": [{"id": "i"}]}]}]}

    assert questions.common("q5", page) == {"edges": [{"node": {"id": "p"}}], "pageInfo": {"hasNextPage": True}}
    assert questions.common("q7", measured) == [{"observations": [{"indicator": {"id": "i"}}]}]


def test_the_peers_sums_stand_where_ours_do() -> None:
    peers = {"countries": [{"id": "c", "projectsConnection": {"aggregate": {"count": {"nodes": 2}, "node": {"amountUsd": {"sum": 5.0}}}}}]}

    assert questions.common("q8", peers) == [{"id": "c", "projects": {"totalCount": 2, "aggregate": {"amountUsd": {"sum": 5.0}}}}]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": 1.0}, {"a": 1.0000001}, None),
        ({"a": 1.0}, {"a": 1.1}, ".a is 1.0, in the other 1.1"),
        ({"a": [1, 2]}, {"a": [2, 1]}, ".a[0] is 1, in the other 2"),
        ([{"a": 1}], [], "the answer has 1 items, the other 0"),
        ({"a": {}}, {"a": {"b": 1}}, ".a has [], the other ['b']"),
        ({"a": None}, {"a": 0}, ".a is None, in the other 0"),
        ({"a": "1"}, {"a": 1}, ".a is '1', in the other 1"),
    ],
)
def test_the_first_difference_is_told(one: Any, other: Any, found: str | None) -> None:
    assert questions.difference(one, other) == found


def test_every_question_stands_in_both_folders() -> None:
    wanted = set(questions.VARIABLES)

    assert {path.stem for path in questions.PEER.glob("*.graphql")} == wanted
    assert {path.stem for path in questions.OURS.glob("*.graphql")} == wanted | {"three_roots", "page"}
    assert all(questions.document(q).title and questions.document(q).text.startswith(("query", "{")) for q in wanted)


def test_records_of_projects_keep_to_the_model() -> None:
    row = dict.fromkeys(("pdo", "impagency", "sector2", "sector3", "curr_ida_commitment", "grantamt"), "") | {
        "id": "P1",
        "project_name": " Roads &amp;amp;  ports ",
        "projectstatusdisplay": "Dropped",
        "boardapprovaldate": "2017-03-20T00:00:00Z",
        "closingdate": "8/30/2024 12:00:00 AM",
        "countryname": "Republic of Kenya",
        "sector1": "(Historic)Roads and Highways",
        "curr_project_cost": "12",
        "curr_total_commitment": "10",
        "curr_ibrd_commitment": "10",
        "borrower": "THE REPUBLIC OF KENYA",
    }
    reader = Reader({"republic of kenya": "country:KEN"})

    project = reader._project(row)

    assert validate(project) == []
    assert project.id == "project:P1"
    assert project.properties["title"] == project.properties["summary"] == "Roads & ports"
    assert project.properties["status"] == "CANCELLED"
    assert project.properties["startDate"] == date(2017, 3, 20)
    assert project.properties["endDate"] == date(2024, 8, 30)
    assert project.properties["amountUsd"] == 10.0
    bank = "organization:international-bank-for-reconstruction-and-development"
    assert {name: [link.target for link in links] for name, links in project.links.items()} == {
        "countries": ["country:KEN"],
        "topics": ["topic:roads-and-highways"],
        "implementers": [],
        "funders": [bank, "country:KEN"],
    }
    assert validate(reader.organizations["international-bank-for-reconstruction-and-development"]) == []
    assert validate(reader.topics["roads-and-highways"]) == []


def test_days_and_keys_are_read_in_every_form() -> None:
    assert [day(text) for text in ("", "2020-02-29T00:00:00Z", "12/31/1999 12:00:00 AM")] == [None, date(2020, 2, 29), date(1999, 12, 31)]
    assert slug("Ministère de l’Économie") == "ministere-de-l-economie"


def test_the_graph_has_every_project_and_no_broken_record(shared: Path) -> None:
    records = read_graph(shared)

    by_label = {label: sum(r.label == label for r in records) for label in ("Project", "Topic", "Indicator")}
    assert by_label == {"Project": 22_569, "Topic": 155, "Indicator": 10}
    assert [problem for record in records for problem in validate(record)] == []
    known = {r.id for r in records}
    assert [link.target for r in records for links in r.links.values() for link in links if link.target not in known] == []
    assert {link.target.partition(":")[0] for r in records if r.label == "Project" for link in r.links["funders"]} == {
        MODEL["Organization"].prefix,
        MODEL["Country"].prefix,
    }


def test_long_names_of_the_bank_lead_to_countries(shared: Path) -> None:
    names = country_ids(shared / "data", frozenset({"country:VNM", "country:LKA"}))

    assert names["socialist republic of vietnam"] == "country:VNM"
    assert set(names.values()) == {"country:VNM", "country:LKA"}


def test_missing_data_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"wb_projects_2024-08-29\.csv is not there\. Put the folder `shared` beside this repository"):
        require(tmp_path)


def test_the_command_ends_with_2_where_data_is_missing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.comparison", "--shared", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("The bench needs the folder of public data, and ")
    assert "Traceback" not in ran.stderr


def test_packages_that_are_there_are_not_installed_again(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "peer", "dependencies": {"a": "1.0.0"}}')
    (tmp_path / "node_modules" / "a").mkdir(parents=True)
    (tmp_path / "node_modules" / "a" / "package.json").write_text('{"version": "1.0.0"}')
    nowhere = Node((str(tmp_path / "node"),), (shutil.which("false") or "false",))

    install_packages(nowhere, tmp_path)

    assert installed(tmp_path, "a") == "1.0.0"
    assert installed(tmp_path, "b") is None
    (tmp_path / "package.json").write_text('{"name": "peer", "dependencies": {"a": "2.0.0"}}')
    with pytest.raises(Missing, match=r"^What peer needs could not be installed"):
        install_packages(nowhere, tmp_path)


def round_of(rate: float, cpu: float = 1.0, database: float = 2.0) -> Round:
    return Round(rate, 1000 / rate, 2000 / rate, cpu, database, 0.05)


def figures() -> Figures:
    many = {
        "q1": {"network": round_of(200), "peer": round_of(100), "floor": round_of(400, 0.5)},
        "q2": {"network": round_of(800), "peer": round_of(100), "floor": round_of(400)},
    }
    machine = Machine("a processor", 2, 8, "Linux", {"Python": "3.13"}, date(2026, 1, 2), 0.25)
    return Figures({"q1": "One", "q2": "Two"}, many, many, {"time of a step": 0.5}, {"Project": 1000}, machine)


def test_ratios_are_geometric_means_over_the_questions() -> None:
    assert figures().means() == {
        "throughput against the peer": pytest.approx(4.0),
        "throughput against the floor": pytest.approx(1.0),
        "server's processor time against the floor": pytest.approx(2**0.5),
    }
    assert Round.median([round_of(1), round_of(3), round_of(10)]) == Round(3, 1000 / 3, 2000 / 3, 1.0, 2.0, 0.05)


def test_tables_name_machine_questions_and_ratios() -> None:
    text = figures().markdown()

    assert "Measured on 2026-01-02: 2 cores of a processor, 8 GiB, Linux; Python 3.13. Other processes used 0.2 cores meanwhile." in text
    assert "| Q1 One | 200 | 100 | 400 | 2.00 | 0.50 | 5.0 | 10.0 | 2.5 |" in text
    assert "| Q1 | 1.00 + 2.00 | 1.00 + 2.00 | 0.50 + 2.00 | 10 | 20 | 5 |" in text
    assert "| Geometric mean of throughput against the peer | 4.00 |" in text
    assert "| Time of a step | 0.50 |" in text
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --: |\n| 1 | 2 |"


def test_figures_of_two_servers_have_no_ratios() -> None:
    whole = figures()
    alone = {q: {s: r for s, r in seen.items() if s != "network"} for q, seen in whole.many.items()}

    left = Figures(whole.titles, alone, alone, {}, whole.graph, whole.machine)

    assert left.means() == {}
    assert "| Q1 One | 100 | 400 | 10.0 | 2.5 |" in left.markdown()


def test_figures_go_between_the_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"Before\n\n{BEGIN}\n\nold\n\n{END}\n\nAfter\n")

    write_page("new\n", page)

    assert page.read_text() == f"Before\n\n{BEGIN}\n\nnew\n\n{END}\n\nAfter\n"
    page.write_text("no marks")
    with pytest.raises(ValueError, match="has no place for figures"):
        write_page("new\n", page)
    assert page.read_text() == "no marks"


def test_answers_from_a_cache_end_the_measurement() -> None:
    check_fresh("q1", {"network": round_of(1, database=0.5), "floor": round_of(1, database=2.0)})
    with pytest.raises(RuntimeError, match=r"^q1: the network's answers come from a cache"):
        check_fresh("q1", {"network": round_of(1, database=0.3), "floor": round_of(1, database=2.0)})


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "queries").glob("*.graphql")), ids=lambda path: path.stem)
def test_question_is_one_that_the_schema_knows(path: Path) -> None:
    assert validate_document(plans.schema, parse(path.read_text(encoding="utf-8"))) == []
