"""What a viewer may not see is seen nowhere: not in a list, a link, a count, a search, a match or its package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import pytest
import pytest_asyncio

from api.state import Network
from graph import catalogue
from graph.database import Database, Query
from graph.hops import Hop
from graph.matching import PARAMETERS, Request, match
from graph.matching.candidates import document_counts, document_edges, rankings
from graph.matching.package import supply_for
from graph.model import MODEL
from graph.read import PageArgs, fetch_nodes, node_by_property
from graph.records import Link, Record
from graph.schema import NAME_INDEX, TEXT_INDEX
from graph.search import Filters, browse, by_meaning, by_words, search
from graph.vectors import embed_documents, space_in_use
from graph.viewer import Role, Viewer
from graph.vocabulary import Visibility
from graph.writer import write
from tests.graph.reading import count, fetch_linked, fetch_page, hop, linked_counts

pytestmark = pytest.mark.live

PUBLIC, MEMBER = Viewer(Role.PUBLIC), Viewer(Role.MEMBER)
TEXT = "Quelquepart harbours put their fishing boats into a quelquepart boat register"
GUARDED = ("Need", "Project", "Practice", "Partnership", "Offer", "FundingCall", "Solution")


def guarded(label: str, visibility: Visibility, **links: list[Link]) -> Record:
    """A record of the type about the same subject for each visibility, linked to Cambodia or to Timor-Leste."""
    key = f"test-{visibility.value.lower()}"
    values = {"lang": "en", "visibility": visibility.value, "title": TEXT, "summary": TEXT, "date": date(2020, 1, 1)}
    more: dict[str, dict[str, object]] = {
        "Need": {"description": TEXT, "status": "OPEN"},
        "Project": {"status": "ACTIVE", "startDate": date(2020, 1, 1)},
        "Partnership": {"state": "DONE"},
        "Offer": {"kind": "POLICY_SUPPORT"},
        "FundingCall": {"instrument": "GRANT", "currency": "USD", "applicants": ["GOVERNMENT"]},
        "Solution": {"name": TEXT, "licence": "MIT", "openSource": True},
    }
    known = MODEL[label].by_physical_name
    properties = {k: v for k, v in (values | more.get(label, {})).items() if k in known}
    return Record(label, key, properties, links)  # type: ignore[arg-type]  # the values are those of the table above


def records(visibility: Visibility) -> list[Record]:
    provider, here, other = [Link("organization:test-harbour-office")], [Link("country:KHM")], [Link("country:TLS")]
    solution = guarded("Solution", visibility, organizations=provider, deployedIn=other)
    software = [Link(solution.id)]
    parties = [Link("country:TLS", {"role": "RECIPIENT"}), Link(provider[0].target, {"role": "PROVIDER"})]
    return [
        solution,
        guarded("Need", visibility, country=here),
        guarded("Project", visibility, countries=other, implementers=provider, solutions=software),
        guarded("Practice", visibility, country=other, organization=provider, solutions=software),
        guarded("Partnership", visibility, parties=parties),
        guarded("Offer", visibility, providers=provider, openTo=here),
        guarded("FundingCall", visibility, providers=provider, openTo=here),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def harbours(network: Network) -> AsyncIterator[Network]:
    """The same records three times: for everybody, for members, for nobody. With vectors."""
    office = Record("Organization", "test-harbour-office", {"name": "Harbour Office", "kind": "GOVERNMENT", "lang": "en"})
    # A record for everybody that uses software of which two thirds are not.
    user = guarded("Project", Visibility.PUBLIC, countries=[Link("country:TLS")], implementers=[Link(office.id)])
    user = Record(
        "Project", "test-user-public", user.properties, user.links | {"solutions": [Link(f"solution:test-{v.lower()}") for v in Visibility]}
    )
    report = await write(network.database, [office, *(r for v in Visibility for r in records(v)), user], actor="tests")
    assert (report.refused, report.created) == ([], 23)
    await embed_documents(network.database, network.embedding)
    yield network
    query = Query("MATCH (n:Document)\nWHERE n.id CONTAINS ':test-'\nDETACH DELETE n")
    await network.database.write(lambda transaction: transaction.run(query))


async def linked(database: Database, start: str, followed: Hop, record_id: str, viewer: Viewer) -> set[str]:
    found = await fetch_linked(database, MODEL[start], followed, [record_id], PageArgs(1000), viewer)
    return {edge.node.id for page in found.values() for edge in page.edges}


async def read_ids(database: Database, query: Query) -> set[str]:
    return {row[0] for row in await database.read(query)}


async def in_lists(network: Network, viewer: Viewer) -> set[str]:
    pages = [await fetch_page(network.database, MODEL[label], PageArgs(1000), viewer) for label in GUARDED]
    return {edge.node.id for page in pages for edge in page.edges}


async def in_links(network: Network, viewer: Viewer) -> set[str]:
    database, office = network.database, "organization:test-harbour-office"
    return (
        await linked(database, "Country", hop("Need", "country", inverse=True), "country:KHM", viewer)
        | await linked(database, "Country", hop("Project", "countries", inverse=True), "country:TLS", viewer)
        | await linked(database, "Country", hop("Practice", "country", inverse=True), "country:TLS", viewer)
        | await linked(database, "Country", hop("Partnership", "parties", inverse=True), "country:TLS", viewer)
        | await linked(database, "Organization", hop("Offer", "providers", inverse=True), office, viewer)
        | await linked(database, "Organization", hop("FundingCall", "providers", inverse=True), office, viewer)
        | await linked(database, "Project", hop("Project", "solutions"), "project:test-user-public", viewer)
    )


async def by_ids(network: Network, viewer: Viewer) -> set[str]:
    asked = [f"{MODEL[label].prefix}:test-{v.value.lower()}" for label in GUARDED for v in Visibility]
    return set(await fetch_nodes(network.database, asked, viewer))


async def browsed(network: Network, viewer: Viewer) -> set[str]:
    return await read_ids(network.database, browse(Filters(kinds=GUARDED, country="country:TLS"), viewer)) | await read_ids(
        network.database, browse(Filters(kinds=GUARDED, country="country:KHM"), viewer)
    )


async def found_by_words(network: Network, viewer: Viewer) -> set[str]:
    return await read_ids(network.database, by_words(TEXT_INDEX, "quelquepart", Filters(), viewer))


async def found_by_name(network: Network, viewer: Viewer) -> set[str]:
    return await read_ids(network.database, by_words(NAME_INDEX, "quelquepart", Filters(), viewer))


async def found_by_meaning(network: Network, viewer: Viewer) -> set[str]:
    space = await space_in_use(network.database)
    vector = space.asked(await network.embedding.query(TEXT, wait=True), TEXT)
    return await read_ids(network.database, by_meaning(space, vector, Filters(), viewer))


async def searched(network: Network, viewer: Viewer) -> set[str]:
    hits = await search(network.database, network.embedding, TEXT, Filters(), viewer)
    return {hit.id for hit in hits.hits}


Place = Callable[[Network, Viewer], Awaitable[set[str]]]


def ours(ids: set[str]) -> set[str]:
    return {i for i in ids if ":test-" in i} - {"organization:test-harbour-office", "project:test-user-public"}


def expected(labels: tuple[str, ...], *visible: Visibility) -> set[str]:
    return {f"{MODEL[label].prefix}:test-{v.value.lower()}" for label in labels for v in visible}


@pytest.mark.parametrize("place", [in_lists, in_links, by_ids, browsed, found_by_words, found_by_name, found_by_meaning, searched])
async def test_place_shows_what_the_viewer_may_see(harbours: Network, place: Place) -> None:
    assert ours(await place(harbours, PUBLIC)) == expected(GUARDED, Visibility.PUBLIC)
    assert ours(await place(harbours, MEMBER)) == expected(GUARDED, Visibility.PUBLIC, Visibility.MEMBERS)


@pytest.mark.parametrize("label", GUARDED)
async def test_count_of_a_list_counts_what_the_viewer_may_see(harbours: Network, label: str) -> None:
    totals = dict(await harbours.database.read(Query(f"MATCH (n:{label})\nRETURN n.visibility, count(*)")))

    assert await count(harbours.database, MODEL[label], PUBLIC) == totals["PUBLIC"]
    assert await count(harbours.database, MODEL[label], MEMBER) == totals["PUBLIC"] + totals["MEMBERS"]
    assert totals["MASKED"] >= 1


async def test_count_of_links_counts_what_the_viewer_may_see(harbours: Network) -> None:
    offers = hop("Offer", "providers", inverse=True)
    office = "organization:test-harbour-office"

    assert await linked_counts(harbours.database, MODEL["Organization"], offers, [office], PUBLIC) == {office: 1}
    assert await linked_counts(harbours.database, MODEL["Organization"], offers, [office], MEMBER) == {office: 2}


async def test_record_is_not_found_by_a_property_either(harbours: Network) -> None:
    async def seen(viewer: Viewer) -> list[str]:
        rows = await harbours.database.read(node_by_property(MODEL["Need"], "visibility", "MEMBERS", viewer))
        return [values["id"] for (values,) in rows]

    assert await seen(PUBLIC) == []
    assert await seen(MEMBER) == ["need:test-members"]


@pytest.mark.parametrize(("viewer", "seen"), [(PUBLIC, {"public"}), (MEMBER, {"public", "members"})], ids=["public", "member"])
async def test_need_can_be_taken_for_a_match_by_who_may_see_it(harbours: Network, viewer: Viewer, seen: set[str]) -> None:
    visible = viewer.parameters["visible"]

    taken = {v: await catalogue.need(harbours.database, f"need:test-{v}", visible) for v in ("public", "members", "masked")}

    assert {v for v, found in taken.items() if found} == seen


async def test_counts_of_the_whole_network_are_of_what_everybody_may_see(harbours: Network) -> None:
    [(public,)] = await harbours.database.read(Query("MATCH (n:Need {visibility: 'PUBLIC'})\nRETURN count(n)"))

    assert (await catalogue.document_counts(harbours.database))["Need"] == public


EVIDENCE = ("Project", "Practice", "Partnership", "Offer", "Solution")


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [(PUBLIC, (Visibility.PUBLIC,)), (MEMBER, (Visibility.PUBLIC, Visibility.MEMBERS))],
    ids=["public", "member"],
)
async def test_candidates_of_a_match_are_what_the_viewer_may_see(harbours: Network, viewer: Viewer, seen: tuple[Visibility, ...]) -> None:
    space = await space_in_use(harbours.database)
    vector = space.asked(await harbours.embedding.query(TEXT, wait=True), TEXT)
    query = rankings(Request(TEXT, "KHM", "en"), TEXT, space, vector, PARAMETERS, viewer, direction=vector)

    [(by_vector, by_text, _, by_topic, _)] = await harbours.database.read(query)

    assert ours(set(by_vector)) == expected(EVIDENCE, *seen)
    assert ours(set(by_text)) == expected(EVIDENCE, *seen)
    assert ours(set(by_topic)) == expected(EVIDENCE, *seen)


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [(PUBLIC, (Visibility.PUBLIC,)), (MEMBER, (Visibility.PUBLIC, Visibility.MEMBERS))],
    ids=["public", "member"],
)
async def test_parts_of_a_package_are_what_the_viewer_may_see(harbours: Network, viewer: Viewer, seen: tuple[Visibility, ...]) -> None:
    database, request, office = harbours.database, Request(TEXT, "KHM", "en"), "organization:test-harbour-office"
    space = await space_in_use(database)
    vector = space.asked(await harbours.embedding.query(TEXT, wait=True), TEXT)

    [(supply,)] = await database.read(supply_for(request, (), space, vector, PARAMETERS, viewer))
    [([(_, _, _, solutions)],)] = await database.read(document_edges(["project:test-user-public"], viewer))
    [(counted,)] = await database.read(document_counts([office], viewer))

    assert ours({row[0] for row in supply}) == expected(("Offer", "FundingCall"), *seen)
    assert set(solutions) == expected(("Solution",), *seen)
    # A project, a practice, a partnership, an offer and a solution for each, and the project that uses software.
    assert counted == [[office, 5 * len(seen) + 1]]


async def test_match_names_nothing_that_the_viewer_may_not_see(harbours: Network) -> None:
    async def named(viewer: Viewer) -> set[str]:
        request = Request(TEXT, "KHM", "en", topics=("topic:base-registries",))
        result = await match(harbours.database, harbours.embedding, request, viewer=viewer)
        return (
            {c.document for p in result.partners for c in p.evidence}
            | {i for p in result.partners for part in (p.cases, p.offers, p.funding_calls, p.solutions, p.posts) for i in part}
            | {s.node for p in result.partners for path in p.paths for s in path.steps}
            | {m.record for m in result.near_misses}
        )

    labels = (*EVIDENCE, "FundingCall")
    assert ours(await named(PUBLIC)) == expected(labels, Visibility.PUBLIC)
    assert ours(await named(MEMBER)) == expected(labels, Visibility.PUBLIC, Visibility.MEMBERS)


async def test_internal_type_has_no_reads_at_all(harbours: Network) -> None:
    for label in ("Change", "Person", "Account", "Token", "Match"):
        with pytest.raises(PermissionError, match=f"{label} is internal and has no public reads"):
            MEMBER.predicate("n", MODEL[label])
    assert await fetch_nodes(harbours.database, ["change:1", "person:1"], MEMBER) == {}


def test_predicate_stands_only_where_it_is_needed() -> None:
    assert PUBLIC.predicate("n", MODEL["Country"]) == ""
    assert PUBLIC.predicate("n", MODEL["Need"]) == "n.visibility IN $visible"
    assert PUBLIC.predicate("n", MODEL["Country"], MODEL["Organization"]) == ""
    assert PUBLIC.predicate("n", MODEL["Project"], MODEL["Partnership"]) == "n.visibility IN $visible"
    assert PUBLIC.predicate("n", MODEL["Country"], MODEL["Need"]) == "(n:Country OR n.visibility IN $visible)"
    assert PUBLIC.parameters == {"visible": ["PUBLIC"]}
    assert MEMBER.parameters == {"visible": ["PUBLIC", "MEMBERS"]}
