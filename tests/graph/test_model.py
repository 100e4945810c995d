"""The model holds what the design promises, under names that nobody can confuse."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from graph.model import MODEL, Access, Kind, NodeType, Property, Relationship, localised_name
from graph.vocabulary import LEVELS, UN_LANGUAGES, Visibility

PARTY = {"Organization", "Country"}
AUDIENCE = {"CountryGroup", "Country"}

# Section 4 of the design, line by line: the node that owns the relationship, its type, where it leads.
DESIGNED: list[tuple[str, str, set[str]]] = [
    ("Country", "MEMBER_OF", {"CountryGroup"}),
    ("Observation", "OF", {"Indicator"}),
    ("Observation", "FOR", {"Country"}),
    ("Observation", "SOURCED_FROM", {"Source"}),
    ("Organization", "PART_OF", {"Organization"}),
    ("Organization", "BASED_IN", {"Country"}),
    ("Post", "AT", PARTY),
    ("Person", "HELD", {"Post"}),
    ("Topic", "PART_OF", {"Topic"}),
    ("Topic", "UNDER", {"Pillar"}),
    ("Project", "IN", {"Country"}),
    ("Project", "FUNDS", PARTY),
    ("Project", "IMPLEMENTS", PARTY),
    ("Project", "SUPPORTS", PARTY),
    ("Project", "ABOUT", {"Topic"}),
    ("Project", "USES", {"Solution"}),
    ("Practice", "FROM", {"Country"}),
    ("Practice", "OF", {"Project"}),
    ("Practice", "ABOUT", {"Topic"}),
    ("Practice", "ADAPTED_FROM", {"Practice"}),
    ("Solution", "DEPLOYED_IN", {"Country"}),
    ("Offer", "BY", PARTY),
    ("Offer", "OPEN_TO", AUDIENCE),
    ("Offer", "ABOUT", {"Topic"}),
    ("FundingCall", "BY", PARTY),
    ("FundingCall", "OPEN_TO", AUDIENCE),
    ("FundingCall", "ABOUT", {"Topic"}),
    ("Need", "OF", {"Country"}),
    ("Need", "STATED_BY", {"Post"}),
    ("Need", "ABOUT", {"Topic"}),
    ("Match", "FOR", {"Need"}),
    ("Match", "WITH", PARTY),
    ("Partnership", "ANSWERS", {"Need"}),
    ("Partnership", "BETWEEN", PARTY),
    ("Session", "OF", {"Forum"}),
    ("Commitment", "MADE_AT", {"Forum"}),
    ("Commitment", "BY", PARTY),
    ("Evidence", "FULFILLED_BY", {"Commitment"}),
    ("EssentialService", "CHOSEN_BY", {"Country"}),
]
NODES = {
    *(owner for owner, _, _ in DESIGNED),
    *("CountryGroup", "Indicator", "Pillar", "Outcome", "Forum", "Source", "IngestRun", "Rejection", "Statement", "MergeCandidate"),
    *("Account", "Token", "Follow", "SavedSearch", "IdempotencyKey", "Change"),
}
# What the table of the design lists as main properties, where the name is told.
PROPERTIES: list[tuple[str, set[str]]] = [
    (
        "Country",
        {"iso2", "iso3", "m49", "name", "nameAr", "nameZh", "region", "incomeGroup", "languages", "population", "gdpPerCapita", "capital"},
    ),
    ("Observation", {"year", "value", "rank"}),
    ("Indicator", {"code", "publisher"}),
    ("Organization", {"name", "aliases", "kind", "iatiId", "website"}),
    ("Post", {"title", "languages"}),
    ("Person", {"consent"}),
    ("Project", {"title", "summary", "status", "startDate", "endDate", "amountUsd"}),
    ("Practice", {"summary", "results", "lessons", "cost", "durationMonths", "whatFailed"}),
    ("Solution", {"licence", "repository"}),
    ("Offer", {"kind", "languages", "capacity", "opens", "closes"}),
    ("FundingCall", {"minimumAmount", "maximumAmount", "currency", "coFinancingShare", "opens", "closes"}),
    ("Need", {"description", "lang", "amount", "deadline", "status", "visibility"}),
    ("Match", {"parts", "modelKey", "dataVersion", "state"}),
    ("EssentialService", {"name", "level", "channels", "electronicSince"}),
    ("Source", {"publisher", "sourceUrl", "licence", "retrieved"}),
    ("Change", {"sequence", "before", "after"}),
]

each_type = pytest.mark.parametrize("node_type", MODEL.types, ids=lambda t: t.label)
each_exposed = pytest.mark.parametrize("node_type", MODEL.exposed, ids=lambda t: t.label)


def relationships(label: str, kind: str) -> list[Relationship]:
    return [r for r in MODEL[label].all_relationships if r.type == kind]


@pytest.mark.parametrize(("owner", "kind", "targets"), DESIGNED, ids=lambda part: part if isinstance(part, str) else "|".join(sorted(part)))
def test_relationship_of_the_design_is_in_the_model(owner: str, kind: str, targets: set[str]) -> None:
    assert any(targets <= set(r.targets) for r in relationships(owner, kind))


def test_every_node_of_the_design_is_in_the_model_and_no_other() -> None:
    assert set(MODEL.by_label) == NODES


@pytest.mark.parametrize(("label", "names"), PROPERTIES, ids=[label for label, _ in PROPERTIES])
def test_main_properties_of_the_design_are_in_the_model(label: str, names: set[str]) -> None:
    assert names - set(MODEL[label].by_physical_name) == set()


def test_arrows_of_help_point_at_the_project_and_the_evidence_at_nothing() -> None:
    incoming = {(t.label, r.type) for t in MODEL.types for r in t.all_relationships if r.incoming}

    assert incoming == {("Project", "FUNDS"), ("Project", "IMPLEMENTS"), ("Project", "SUPPORTS"), ("Evidence", "FULFILLED_BY")}


def test_relationships_carry_the_properties_of_the_design() -> None:
    [sourced] = relationships("Project", "SOURCED_FROM")
    [held] = relationships("Person", "HELD")
    [adapted] = relationships("Practice", "ADAPTED_FROM")
    [between] = relationships("Partnership", "BETWEEN")

    assert [p.name for p in sourced.properties] == ["row", "url"]
    assert [(p.name, p.kind) for p in held.properties] == [("from", Kind.DATE), ("to", Kind.DATE)]
    assert [p.name for p in adapted.properties] == ["changed"]
    assert [(p.name, p.required) for p in between.properties] == [("role", True)]


def test_records_of_sources_can_be_traced_and_only_what_we_make_ourselves_cannot() -> None:
    own = {t.label for t in MODEL.types if not t.sourced}

    assert own == {
        *("Person", "Topic", "Match", "Source", "IngestRun", "Rejection", "MergeCandidate", "Change"),
        *("Account", "Token", "Follow", "SavedSearch", "IdempotencyKey"),
    }


def test_labels_prefixes_and_places_in_urls_are_unique() -> None:
    repeated = [
        name
        for names in (
            [t.label for t in MODEL.types],
            [t.prefix for t in MODEL.types],
            [t.path for t in MODEL.types if t.path],
            [name for t in MODEL.exposed for name in (t.single, t.plural)],
        )
        for name, times in Counter(names).items()
        if times > 1
    ]

    assert repeated == []


@each_type
def test_every_name_on_a_type_means_one_thing(node_type: NodeType) -> None:
    names = Counter(
        [
            "id",
            *(name for p in node_type.all_properties for name in p.physical_names()),
            *(r.name for r in node_type.all_relationships),
            *(r.inverse for _, r in MODEL.inverses(node_type.label)),
        ]
    )

    # A property and a relationship of an internal type never meet in one selection: internal types are not exposed.
    repeated = {name for name, times in names.items() if times > 1}
    assert repeated == ({"parts"} if node_type.label == "Match" else set())


@each_exposed
def test_exposed_type_says_what_it_is_and_how_it_is_asked_for(node_type: NodeType) -> None:
    assert re.fullmatch(r"[a-z][A-Za-z]+", node_type.single)
    assert re.fullmatch(r"[a-z][A-Za-z]+", node_type.plural)
    assert node_type.single != node_type.plural
    assert re.fullmatch(r"[A-Z].{15,}\.", node_type.description)


@each_exposed
def test_exposed_fields_are_described_in_sentences(node_type: NodeType) -> None:
    texts = [
        *(p.description for p in node_type.all_properties),
        *(r.description for r in node_type.all_relationships),
        *(p.description for r in node_type.all_relationships for p in r.properties),
        *(r.inverse_description for _, r in MODEL.inverses(node_type.label)),
    ]

    assert [text for text in texts if not re.fullmatch(r"[A-Z].*\.", text or "")] == []


@each_type
def test_title_sort_and_text_name_properties_of_the_type(node_type: NodeType) -> None:
    named = {node_type.title, *(name for name, _ in node_type.default_sort)}
    if node_type.text is not None:
        named |= {*node_type.text.fields, *([node_type.text.date] if node_type.text.date else [])}

    assert named - set(node_type.by_physical_name) == set()


@each_type
def test_relationships_lead_to_types_that_exist(node_type: NodeType) -> None:
    assert {label for r in node_type.relationships for label in r.targets} - set(MODEL.by_label) == set()


@each_type
def test_links_repeat_what_records_say_that_say_who_may_see_them(node_type: NodeType) -> None:
    repeating = [r for r in node_type.all_relationships if r.copies]
    own = [{node_type.level_name, *(node_type.copy_name(name) for name in r.copies)} for r in repeating]

    assert [r.name for r in repeating if node_type.access is not Access.BY_RECORD] == []
    assert [name for r in repeating for name in r.copies if name not in node_type.content] == []
    assert [r.name for r, names in zip(repeating, own, strict=True) if len(names) <= len(r.copies)] == []
    assert [r.name for r, names in zip(repeating, own, strict=True) if names & {p.name for p in r.stored_properties}] == []


def test_every_visibility_has_a_level_of_its_own() -> None:
    # They are stored on links: whoever changes one changes what is in every graph.
    assert LEVELS == {"PUBLIC": 0, "MEMBERS": 1, "MASKED": 2}
    assert set(LEVELS) == set(Visibility)


@each_exposed
def test_exposed_type_leads_to_exposed_types_only(node_type: NodeType) -> None:
    targets = {label for r in node_type.all_relationships for label in r.targets}

    assert [label for label in targets if not MODEL[label].exposed] == []


@pytest.mark.parametrize("node_type", MODEL.documents, ids=lambda t: t.label)
def test_document_says_who_may_see_it(node_type: NodeType) -> None:
    assert "visibility" in node_type.by_physical_name


def test_needs_help_and_cooperation_are_seen_by_each_records_own_rule() -> None:
    guarded = {t.label for t in MODEL.types if t.access is Access.BY_RECORD}

    assert guarded == {"Project", "Practice", "Solution", "Offer", "FundingCall", "Need", "Partnership", "Outcome"}


def test_rows_set_aside_are_for_members_and_say_nothing_of_where_files_lie() -> None:
    assert {t.label for t in MODEL.types if t.access is Access.MEMBERS} == {"Rejection"}
    assert {(t.label, p.name) for t in MODEL.types for p in t.all_properties if p.internal} == {("Rejection", "address")}


def test_what_happened_or_is_offered_can_vote() -> None:
    assert {t.label for t in MODEL.evidence} == {"Project", "Practice", "Solution", "Offer", "Partnership"}


def test_localised_names_are_english_first_then_one_a_language() -> None:
    name = Property("name", "Name.", localised=True)

    assert name.physical_names() == ("name", "nameAr", "nameEs", "nameFr", "nameRu", "nameZh")
    assert Property("name", "Name.").physical_names() == ("name",)
    assert [localised_name("description", lang) for lang in UN_LANGUAGES] == [
        *("description", "descriptionAr", "descriptionEs"),
        *("descriptionFr", "descriptionRu", "descriptionZh"),
    ]


def test_names_of_the_taxonomy_are_localised() -> None:
    localised = {(t.label, p.name) for t in MODEL.types for p in t.properties if p.localised}

    assert localised == {
        ("Country", "name"),
        ("CountryGroup", "name"),
        ("Indicator", "name"),
        ("Topic", "name"),
        ("Topic", "description"),
        ("Topic", "keywords"),
        ("Pillar", "name"),
        ("Pillar", "description"),
    }


def test_relationship_is_found_by_its_name_on_the_owner() -> None:
    assert MODEL["Need"].relationship("country").type == "OF"
    assert MODEL["Need"].relationship("sources").type == "SOURCED_FROM"
    with pytest.raises(StopIteration):
        MODEL["Need"].relationship("region")
