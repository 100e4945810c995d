"""Countries and organisations are found by whatever name they bear; what is doubtful is not merged."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from graph.vocabulary import OrganizationKind
from ingest.inputs import InputFile
from ingest.resolution import Countries, Index, Resolver, kind_of, slug
from ingest.textfiles import table
from tests.ingest.files import countries, resolver

# Columns of country names in the public data, by file.
COLUMNS = {
    "adb_projects/adb_sovereign_projects_2025-01-09.csv": ("Country",),
    "bilateral/china_official_finance_2000_2014_v1.0.csv": ("recipient_condensed", "all_recipients"),
    "bilateral/cida_2009.csv": ("countries",),
    "bilateral/koica_1991_2007_all.csv": ("country",),
    "bilateral/koica_ict_training_courses.csv": ("country_list",),
    "countries/gdp.csv": ("Country Name",),
    "countries/population.csv": ("Country Name",),
    "countries/UNSD-en.csv": ("Country or Area",),
    "countries/wb_country_groups.csv": ("country_name",),
    "countries/wb_income_and_region_2025.csv": ("country_name",),
    "dial/DHA-Data.csv": ("Country",),
    "dial/DPIReadings.csv": ("Country/Region",),
    "dial/MMPhase1.csv": ("country",),
    "dial/MMPhase2.csv": ("country",),
    "dial/countries.csv": ("country name",),
    "dial/digital-square-implementations.csv": ("Countries of Implementation",),
    "dial/newamerica-digital-platform-tracker.csv": ("Jurisdiction of Origin",),
    "dpg/dpg_country_edges.csv": ("country_raw",),
    "dpi_map/exchange.csv": ("Country / Region",),
    "dpi_map/identity.csv": ("Country / Region",),
    "dpi_map/payment.csv": ("Country / Region",),
    "egdi/raw/EGOV_DATA_2003.csv": ("Country Name",),
    "egdi/raw/EGOV_DATA_2022.csv": ("Country Name",),
    "egdi/raw/EGOV_DATA_2024_marylia.csv": ("Country",),
    "gtmi/gtmi_indicators_2020_2022.csv": ("Economy",),
    "gtmi/gtmi_scores_2020_2022_2025.csv": ("country_name",),
    "ips/cases.csv": ("geocoverage",),
    "wb_projects/ieg_ratings_2026-01-17.csv": ("Country / Economy",),
    "wb_projects/wb_digital_governance_projects.csv": ("Country",),
    "wb_projects/wb_projects_2024-08-29.csv": ("countryname",),
    "wb_projects/wb_projects_2025-03-31.csv": ("countryshortname",),
}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("KEN", "KEN"),
        ("ke", None),
        ("KE", "KEN"),
        ("Kenya ", "KEN"),
        ("Côte d’Ivoire", "CIV"),
        ("COTE D'IVOIRE", "CIV"),
        ("Ivory Coast", "CIV"),
        ("Bolivia (Plurinational State of)", "BOL"),
        ("Egypt, Arab Rep.", "EGY"),
        ("Yemen, Republic of", "YEM"),
        ("Congo, Dem. Rep.", "COD"),
        ("Congo, Rep.", "COG"),
        ("Korea, Republic of", "KOR"),
        ("Korea, Dem. People's Rep.", "PRK"),
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("Dominica", "DMA"),
        ("Dominican Republic", "DOM"),
        ("El Savador", "SLV"),
        ("Eswatini (fmr. 'Swaziland')", "SWZ"),
        ("West Bank and Gaza", "PSE"),
        ("Alemania", "DEU"),
        ("Allemagne", "DEU"),
        ("Германия", "DEU"),
        ("德国", "DEU"),
        ("ألمانيا", "DEU"),
        ("ZAR", "COD"),
        ("Sub-Saharan Africa", None),
        ("Czechoslovakia", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_country_is_found_by_code_and_by_name(name: str, code: str | None) -> None:
    assert countries().one(name) == code


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Latin America & Caribbean (excluding high income)", "region"),
        ("Africa, regional", "region"),
        ("UNESCO", "organisation"),
        ("IDA blend", "group of countries"),
        ("No Country Identified", "no country named"),
        ("Yugoslavia", "former state, several countries today: the row has to say which"),
        ("Antarctica", "territory without a record"),
        ("Kenya", None),
        ("Atlantis", None),
    ],
)
def test_what_is_no_country_is_told_by_what_it_is(name: str, why: str | None) -> None:
    assert countries().why_not(name) == why


def test_a_cell_of_several_countries_is_taken_apart() -> None:
    assert countries().many("Congo, Democratic Republic, Kenya; Czechoslovakia|Africa multiple countries, Atlantis") == Countries(
        ("COD", "KEN", "CZE", "SVK"), (("Africa multiple countries", "region"),), ("Atlantis",)
    )


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    assert countries().near("Uzbekstan")[0] == "Uzbekistan"


@pytest.mark.slow
def test_every_country_name_of_the_public_data_is_known(shared: Path) -> None:
    unknown: dict[str, str] = {}
    cells = 0
    for file, columns in COLUMNS.items():
        path = shared / "data" / file
        if not path.exists():
            pytest.skip(f"{file} is not among the public data")
        for row in table(InputFile(path, str(path), path.name)):
            for column in columns:
                if text := getattr(row, "cells", {}).get(column):
                    cells += 1
                    unknown |= dict.fromkeys(countries().many(text).unknown, file)
    assert cells > 50_000
    assert unknown == {}


def test_every_listed_name_leads_to_countries_or_says_what_it_is() -> None:
    path = Path(__file__).parents[2] / "ingest" / "country_names.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["name"] for r in rows if bool(r["countries"]) == bool(r["why_not"]) and not r["why_not"].startswith("former")] == []
    assert all(re.fullmatch(r"([A-Z]{3}(\|[A-Z]{3})*)?", r["countries"]) for r in rows)


def test_a_record_kept_by_hand_is_found_by_each_row_that_it_joins() -> None:
    curated = {
        ("source:s", "A, 2002; B, 2003"): "offer:a-and-b",
        ("source:s", "B, 2003; C"): "offer:b-and-c",
        ("source:s", "D; with a semicolon"): "offer:d",
    }
    known = Resolver(Index(countries(), [], curated))
    asked = ("A, 2002", "B, 2003", "C", "A", "D; with a semicolon")
    assert [known.record_of("source:s", row) for row in asked] == ["offer:a-and-b", None, "offer:b-and-c", None, "offer:d"]
    assert known.record_of("source:t", "A, 2002") is None


def test_an_organisation_is_found_by_identifier_before_its_name() -> None:
    known = resolver()
    assert known.organization("Something else entirely", ref="41114") == "organization:undp"
    assert known.organization("Banque mondiale") == "organization:world-bank"
    assert known.organization("THE WORLD BANK") == "organization:world-bank"
    assert known.take() == []


def test_a_new_organisation_is_made_once() -> None:
    known = resolver()
    first = known.organization("Example Systems Ltd.", ref="GB-COH-1", country="country:GBR")
    assert known.organization("EXAMPLE SYSTEMS LIMITED") == first
    assert known.organization("Another spelling", ref="gb-coh-1") == first
    [(record, doubt)] = known.take()
    assert (record.id, doubt) == (first, None)
    assert record.properties == {"name": "Example Systems Ltd.", "kind": "PRIVATE", "iatiId": "GB-COH-1", "lang": "en"}
    assert [link.target for link in record.links["basedIn"]] == ["country:GBR"]
    assert known.take() == []


@pytest.mark.parametrize(
    ("name", "ref", "kept"),
    [
        ("United Nations Development Programm", None, "organization:undp"),
        ("United Nations Development Programme", "XX-1", "organization:undp"),
    ],
)
def test_a_doubtful_organisation_is_kept_apart_and_told(name: str, ref: str | None, kept: str) -> None:
    known = resolver()
    made = known.organization(name, ref=ref)
    assert made != kept
    [(_, doubt)] = known.take()
    assert doubt is not None
    assert (doubt.properties["kept"], doubt.properties["other"], doubt.properties["state"]) == (kept, made, "OPEN")


def test_a_ministry_is_another_one_in_each_country() -> None:
    known = resolver()
    nepal = known.organization("Ministry of Health", country="country:NPL")
    uganda = known.organization("Ministry of Health", country="country:UGA")
    assert nepal != uganda
    assert known.organization("ministry of health", country="country:NPL") == nepal
    assert [record.properties["name"] for record, _ in known.take()] == ["Ministry of Health (Nepal)", "Ministry of Health (Uganda)"]


def test_a_merged_organisation_is_not_made_anew() -> None:
    old = f"organization:{slug('Old Name')}"
    known = Resolver(Index(countries(), [("organization:new", "New Name", None, [], None)], {}, {old: "organization:new"}))
    assert known.organization("Old Name") == "organization:new"
    assert known.take() == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Asian Development Bank", OrganizationKind.DEVELOPMENT_BANK),
        ("Ministerio de Hacienda", OrganizationKind.GOVERNMENT),
        ("Universidad de Chile", OrganizationKind.ACADEMIA),
        ("Deloitte Consulting LLP", OrganizationKind.PRIVATE),
        ("Chemonics", OrganizationKind.OTHER),
    ],
)
def test_a_name_tells_the_kind_only_where_it_does(name: str, kind: OrganizationKind) -> None:
    assert kind_of(name) is kind


def test_keys_are_stable_and_keep_names_apart() -> None:
    assert slug("caf-cfa011677") == "caf-cfa011677"
    assert slug("A B") != slug("A-B") != slug("A/B")
    assert slug("A B") == slug("A B")
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", slug(text)) for text in ("日本", "x" * 300, "É à", "--", "a"))


def test_a_row_that_several_records_name_is_found_by_kind() -> None:
    place = ("source:adb-projects", "55001")
    known = Resolver(Index(countries(), (), {}, {}, {place: ["need:adb-55001", "project:adb-55001"]}))
    assert known.record_of(*place) is None
    assert known.record_of(*place, "project") == "project:adb-55001"
    assert known.record_of(*place, "offer") is None
    single = Resolver(Index(countries(), (), {place: "need:adb-55001"}))
    assert (single.record_of(*place), single.record_of(*place, "project")) == ("need:adb-55001", None)


def test_an_acronym_behind_a_name_is_no_other_name() -> None:
    known = resolver()
    assert known.organization("United Nations Development Programme (UNDP)") == "organization:undp"
    assert known.organization("United Nations Development Programme (Yemen)") != "organization:undp"
    assert known.organization("World Bank Group (WBG)", kind=OrganizationKind.GOVERNMENT) != "organization:world-bank"


def test_a_body_of_government_bears_the_short_name_of_its_country() -> None:
    known = resolver()
    known.organization("Office of Tides", kind=OrganizationKind.GOVERNMENT, country="country:NLD")
    [(record, _)] = known.take()
    assert record.properties["name"] == "Office of Tides (Netherlands)"


def test_a_party_is_a_country_an_organisation_or_nobody() -> None:
    known = resolver()
    assert known.party("Government of the Netherlands") == "country:NLD"
    assert known.party("World Bank") == "organization:world-bank"
    assert [known.party(name) for name in ("", "N/A", "Unknown", "various donors")] == [None, None, None, None]
    assert known.take() == []


def test_a_body_that_a_person_keeps_is_told_from_one_that_was_read() -> None:
    known = Resolver(Index(countries(), [("organization:a", "A", None, [], None)], by_hand=frozenset({"organization:a"})))
    read = known.organization("Office of Tides")
    assert (known.kept_by_hand("organization:a"), known.kept_by_hand(read)) == (True, False)
