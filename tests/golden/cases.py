"""Every builder of Cypher with the arguments that change its text. Values of users are unmistakable: none may stand in a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from graph import authoring, changes, check, cursor, merge, mutation, read, search, tokens, vectors, version, writer
from graph.changes import ChangeFilter
from graph.database import Query
from graph.hops import Hop
from graph.matching import PARAMETERS, Request, candidates, keeping, package, stored
from graph.matching.many import together
from graph.matching.match import declined_of, ground, known_before, likeness
from graph.matching.mature import mature_besides
from graph.matching.names import Named, country_names, like_names
from graph.matching.taxonomy import topics_with_vectors
from graph.model import MODEL
from graph.plan.binding import bind
from graph.plan.cypher import Text, write, write_for_each
from graph.plan.shape import Listing
from graph.plan.writing import Writing
from graph.read import PageArgs
from graph.schema import NAME_INDEX, TEXT_INDEX
from graph.search import Filters
from graph.vectors import Space
from graph.viewer import ANYONE, Role, Viewer
from tests.golden.answers import ANSWERS
from tests.graph.reading import hop

MEMBER: Final = Viewer(Role.MEMBER)
OF_COUNTRY: Final = Viewer(Role.MEMBER, "token:zzt", "country:ZZA")
SPACE: Final = Space("me5s_384", "multilingual-e5-small", 3, np.zeros(3, dtype=np.float32))
VECTOR: Final = [0.111222, 0.333444, 0.555666]
DAY: Final = date(1987, 6, 5)
TEXT: Final = "zzwords of zzuser"
IDS: Final = ["country:ZZA", "country:ZZB"]
# What stands in the arguments and so may stand in no text.
SECRETS: Final = ("zz", "0.111222", "1987", "771771")

ENGLISH: Final = Request(TEXT, "ZZC", "en", amount_usd=771771.0)
FRENCH: Final = Request(TEXT, "ZZC", "fr")
FILTERS: Final = Filters(kinds=("Project", "Need"), topics=("topic:zza",), country="country:ZZA", language="zz")
ROWS: Final = [{"id": "project:zzp", "properties": {"title": "zztitle"}}]
LINK_ROWS: Final = [{"from": "project:zzp", "to": "country:ZZA", "properties": {}}]


def page(sort: str, value: object, *, backward: bool = False) -> PageArgs:
    return PageArgs(771771, cursor.encode(sort, [value], "project:zzp"), backward)


def query(text: Text) -> Query:
    return Query(text.text, bind(text.writing, {}, {}, text.writing.viewer))


def list_page(label: str, args: PageArgs, viewer: Viewer = ANYONE) -> Query:
    return query(read.page_text(Listing((MODEL[label],), window=args.window), Writing(viewer)))


def linked(start: str, followed: Hop, args: PageArgs) -> Query:
    listing = Listing(followed.targets, window=args.window)
    return query(read.linked_page_text(MODEL[start], followed, IDS, listing, Writing(ANYONE)))


def count(label: str) -> Query:
    return query(write([read.total_of(Listing((MODEL[label],)))], Writing(ANYONE)))


def linked_count(start: str, followed: Hop) -> Query:
    return query(write_for_each(MODEL[start], IDS, followed, read.total_of(Listing(followed.targets)), Writing(ANYONE)))


PLAIN: Final = PageArgs(771771)
BACK: Final = PageArgs(771771, backward=True)
FUNDERS: Final = hop("Project", "funders")

CASES: Final[dict[str, Callable[[], Query]]] = ANSWERS | {
    # graph/read.py
    "nodes_by_id": lambda: read.nodes_by_id(MODEL["Country"], IDS, ANYONE),
    "nodes_by_id_guarded": lambda: read.nodes_by_id(MODEL["Need"], IDS, ANYONE),
    "node_by_property": lambda: read.node_by_property(MODEL["Country"], "iso2", "zz", ANYONE),
    "list_page": lambda: list_page("Country", PLAIN),
    "list_page_backward": lambda: list_page("Country", BACK),
    "list_page_after": lambda: list_page("Country", page("name ASC", "zzname")),
    "list_page_before": lambda: list_page("Country", page("name ASC", "zzname", backward=True)),
    "list_page_descending": lambda: list_page("Project", PLAIN, MEMBER),
    "list_page_descending_after": lambda: list_page("Project", page("startDate DESC", DAY), MEMBER),
    "list_page_descending_before": lambda: list_page("Project", page("startDate DESC", DAY, backward=True), MEMBER),
    "list_page_after_undated": lambda: list_page("Project", page("startDate DESC", None), MEMBER),
    "list_page_before_undated": lambda: list_page("Project", page("startDate DESC", None, backward=True), MEMBER),
    "count": lambda: count("Country"),
    "count_guarded": lambda: count("Need"),
    "linked_pages": lambda: linked("Country", hop("Country", "groups"), PLAIN),
    "linked_pages_inverse_guarded": lambda: linked("Country", hop("Project", "countries", inverse=True), PLAIN),
    "linked_pages_incoming_two_types": lambda: linked("Project", FUNDERS, PLAIN),
    "linked_pages_incoming_inverse": lambda: linked("Country", hop("Project", "funders", inverse=True), BACK),
    "linked_pages_after": lambda: linked("Country", hop("Project", "countries", inverse=True), page("startDate DESC", DAY)),
    "linked_pages_two_types_before": lambda: linked("Project", FUNDERS, page("title ASC", "zzname", backward=True)),
    "linked_pages_with_properties": lambda: linked("Project", hop("Project", "sources"), PLAIN),
    "linked_pages_mixed_visibility": lambda: linked("Need", hop("Need", "metBy"), PLAIN),
    "linked_counts": lambda: linked_count("Country", hop("Country", "groups")),
    "linked_counts_guarded": lambda: linked_count("Country", hop("Need", "country", inverse=True)),
    # graph/matching
    "rankings_english": lambda: candidates.rankings(ENGLISH, TEXT, SPACE, VECTOR, PARAMETERS, ANYONE),
    "rankings_without_words": lambda: candidates.rankings(FRENCH, "", SPACE, VECTOR, PARAMETERS, ANYONE),
    "rankings_as_of": lambda: candidates.rankings(Request(TEXT, "ZZC", "en", as_of=DAY), TEXT, SPACE, VECTOR, PARAMETERS, ANYONE),
    "rankings_blind": lambda: candidates.rankings(Request(TEXT, "ZZC", "en", blind_from=DAY), TEXT, SPACE, VECTOR, PARAMETERS, MEMBER),
    "rankings_named": lambda: candidates.rankings(
        ENGLISH, TEXT, SPACE, VECTOR, PARAMETERS, ANYONE, phrases=candidates.phrases([Named("solution:zzs", "ZZ-Road")])
    ),
    "rankings_by_topic": lambda: candidates.rankings(FRENCH, "zzregister", SPACE, VECTOR, PARAMETERS, ANYONE, direction=VECTOR),
    "neighbours": lambda: candidates.neighbours(Request(TEXT, "ZZC", "fr", blind_from=DAY), SPACE, VECTOR, PARAMETERS, ANYONE),
    "rankings_cases": lambda: candidates.rankings(
        Request(TEXT, "ZZC", "en", cases="source:zzcases"), TEXT, SPACE, VECTOR, PARAMETERS, ANYONE
    ),
    "mature_besides": lambda: mature_besides(IDS),
    "declined_of": lambda: declined_of(["need:zzn"]),
    "many_rankings": lambda: together(
        [
            candidates.rankings(ENGLISH, TEXT, SPACE, VECTOR, PARAMETERS, ANYONE, phrases='"zz road"'),
            candidates.rankings(FRENCH, "", SPACE, VECTOR, PARAMETERS, ANYONE, direction=VECTOR),
        ],
        ("vector", "terms", "phrases", "directions"),
        "byVector, byText, byName, byTopic, byProfile",
    ),
    "many_neighbours": lambda: together([candidates.neighbours(FRENCH, SPACE, VECTOR, PARAMETERS, ANYONE)], ("vector",), "texts"),
    "many_like_names": lambda: together([like_names(["ZZ-Road"])], ("terms",), "like"),
    "many_ground": lambda: together([ground("ZZC"), ground("ZZA")], ("country",), "name, key, region, language"),
    "stored_of": lambda: stored.stored_of("need:zzn", MEMBER),
    "stored_of_for_its_country": lambda: stored.stored_of("need:zzn", OF_COUNTRY),
    "stored_of_for_nobody": lambda: stored.stored_of("need:zzn", ANYONE),
    "stored_owner_of": lambda: stored.owner_of("need:zzn", MEMBER),
    "stored_looked_after": lambda: stored.looked_after(["match:zzm"], MEMBER),
    "stored_looked_after_for_a_party": lambda: stored.looked_after(["match:zzm"], OF_COUNTRY),
    "keeping_states_of": lambda: keeping.states_of(["match:zzm"]),
    "keeping_case_of": lambda: keeping.case_of("need:zzn", "country:ZZA", "partnership:zzm"),
    "reaches": lambda: candidates.reaches(IDS, MEMBER),
    "like_names": lambda: like_names(["ZZ-Road"]),
    "country_names": country_names,
    "document_edges": lambda: candidates.document_edges(IDS, ANYONE),
    "document_counts": lambda: candidates.document_counts(IDS, ANYONE),
    "ground": lambda: ground("ZZC"),
    "likeness": lambda: likeness("ZZC"),
    "known_before": lambda: known_before(DAY, ANYONE),
    "topics_with_vectors": lambda: topics_with_vectors(SPACE),
    "supply_for": lambda: package.supply_for(ENGLISH, ("topic:t",), SPACE, VECTOR, PARAMETERS, ANYONE),
    "supply_for_as_of": lambda: package.supply_for(Request(TEXT, "ZZC", "en", as_of=DAY), (), SPACE, VECTOR, PARAMETERS, MEMBER),
    "posts_of": lambda: package.posts_of(IDS),
    # graph/search.py
    "search_by_meaning": lambda: search.by_meaning(SPACE, VECTOR, Filters(), ANYONE),
    "search_by_meaning_filtered": lambda: search.by_meaning(SPACE, VECTOR, FILTERS, ANYONE),
    "search_by_words": lambda: search.by_words(TEXT_INDEX, TEXT, Filters(), ANYONE),
    "search_by_name_filtered": lambda: search.by_words(NAME_INDEX, TEXT, FILTERS, MEMBER),
    "search_browse": lambda: search.browse(Filters(), ANYONE),
    "search_browse_filtered": lambda: search.browse(FILTERS, ANYONE),
    # graph/writer.py
    "writer_lock_sequence": writer.lock_sequence,
    "writer_set_sequence": lambda: writer.set_sequence(771771),
    "writer_append_changes": lambda: writer.append_changes([{"id": "change:771771"}]),
    "writer_existing_ids": lambda: writer.existing_ids("Country", IDS),
    "writer_stored_hashes": lambda: writer.stored_hashes("Country", IDS),
    "writer_stored_content": lambda: writer.stored_content(MODEL["Project"], IDS),
    "writer_merge_nodes": lambda: writer.merge_nodes(MODEL["Observation"], ROWS),
    "writer_merge_documents": lambda: writer.merge_nodes(MODEL["Project"], ROWS),
    "writer_delete_links": lambda: writer.delete_links(MODEL["Project"], MODEL["Project"].relationship("countries"), IDS),
    "writer_delete_links_incoming": lambda: writer.delete_links(MODEL["Project"], FUNDERS.relationship, IDS),
    "writer_create_links": lambda: writer.create_links(MODEL["Project"], MODEL["Project"].relationship("countries"), "Country", LINK_ROWS),
    "writer_create_links_incoming": lambda: writer.create_links(MODEL["Project"], FUNDERS.relationship, "Organization", LINK_ROWS),
    # graph/vectors.py
    "vectors_create_index": lambda: vectors.create_index(SPACE.key, SPACE.dimensions),
    "vectors_drop_index": lambda: vectors.drop_index(SPACE.key),
    "vectors_quantised_index": lambda: vectors.quantised_index(SPACE.key),
    "vectors_await_index": lambda: vectors.await_index(SPACE.key),
    "vectors_store": lambda: vectors.store_vectors(SPACE.key, [{"id": "project:zzp", "vector": VECTOR, "hash": "zzhash"}]),
    "vectors_document_fields": lambda: vectors.document_fields(MODEL["Practice"]),
    "vectors_fields_of_documents": lambda: vectors.fields_of_documents(MODEL["Need"], SPACE.key, ["need:zzn"]),
    # graph/changes.py
    "changes": lambda: changes.changes(771771, 771772, ChangeFilter(), MEMBER),
    "changes_filtered": lambda: changes.changes(771771, 771772, ChangeFilter(("Need",), ("need:zzn",), ("country:ZZA",)), ANYONE),
    # graph/tokens.py
    "tokens_stored": tokens.stored_tokens,
    "tokens_stored_one": lambda: tokens.stored_tokens("token:zzt"),
    "tokens_valid_by_hash": lambda: tokens.valid_tokens("zzhash"),
    "tokens_valid_by_id": lambda: tokens.valid_token("token:zzt"),
    # graph/authoring.py
    "authoring_record_state": lambda: authoring.record_state(MODEL["Need"], "need:zzn", MEMBER),
    "authoring_visible_ids": lambda: authoring.visible_ids(MODEL["Country"], IDS, MEMBER),
    "authoring_visible_ids_guarded": lambda: authoring.visible_ids(MODEL["Project"], ["project:zzp"], MEMBER),
    # graph/mutation.py
    "mutation_used_key": lambda: mutation.used_key("idempotency-key:zzk"),
    "mutation_remember_key": lambda: mutation.remember_key("idempotency-key:zzk", "zzf", "need:zzn", datetime(1987, 6, 5, tzinfo=UTC)),
    "mutation_forget_keys": lambda: mutation.forget_keys(771771),
    # graph/merge.py
    "merge_open_candidates": merge.open_candidates,
    "merge_redirects_of": lambda: merge.redirects_of(["organization:zzo"]),
    "merge_count_links": lambda: merge.count_links("Organization", "organization:zzo"),
    "merge_move_links": lambda: merge.move_links("Organization", "organization:zzk", "organization:zzo", incoming=False),
    "merge_move_links_incoming": lambda: merge.move_links("Organization", "organization:zzk", "organization:zzo", incoming=True),
    "merge_rename": lambda: merge.rename("Statement", "organization:zzk", "organization:zzo"),
    "merge_decide_candidates": lambda: merge.decide_candidates("organization:zzk", "organization:zzo"),
    "merge_redirect": lambda: merge.redirect("Organization", "organization:zzk", "organization:zzo"),
    # graph/version.py
    "version_read": version.read_version,
    "version_raise": version.raise_revision,
    # graph/check.py
    "check_unknown_labels": lambda: check.unknown_labels(["Country"]),
    "check_broken_sequence": check.broken_sequence,
    "check_wrong_ids": lambda: check.wrong_ids(MODEL["Country"]),
    "check_wrong_values": lambda: check.wrong_values(MODEL["Observation"], MODEL["Observation"].by_physical_name["year"], "year"),
    "check_wrong_values_enum_list": lambda: check.wrong_values(
        MODEL["FundingCall"], MODEL["FundingCall"].by_physical_name["applicants"], "applicants"
    ),
    "check_wrong_links": lambda: check.wrong_links(MODEL["Observation"], MODEL["Observation"].relationship("indicator")),
    "check_wrong_links_shared_type": lambda: check.wrong_links(MODEL["Practice"], MODEL["Practice"].relationship("topics")),
    "check_wrong_copies": lambda: check.wrong_copies(MODEL["Project"], MODEL["Project"].relationship("countries")),
    "check_wrong_copies_incoming": lambda: check.wrong_copies(MODEL["Project"], FUNDERS.relationship),
    "check_wrong_links_incoming": lambda: check.wrong_links(MODEL["Evidence"], MODEL["Evidence"].relationship("commitment")),
}
