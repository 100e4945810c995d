"""The EGOVKB tables: every year's shape, zeros that are none, and whatever bytes a file may hold."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from hypothesis import strategies

from graph.records import validate
from ingest.connector import Draft, OutOfScope, Rejected
from ingest.egdi import Egdi
from ingest.inputs import InputFile
from ingest.starter import FOLDER, read_observations
from tests.ingest.files import given, outcomes

HEADER = (
    "Survey Year,Country Name,E-Government Rank,E-Government Index,E-Participation Index,"
    "Online Service Index,Human Capital Index,Telecommunication Infrastructure Index\n"
)


def figures(outcome: object) -> dict[str, object]:
    assert isinstance(outcome, Draft)
    return {record.key: record.properties["value"] for record in outcome.records}


def test_a_row_gives_five_figures_and_the_rank(tmp_path: Path) -> None:
    file = given(tmp_path, "EGOV_DATA_2014.csv", HEADER + '2014,"Iraq ",134,0.31414,0.13726,0.19681,0.52830,0.21727\n')
    assert Egdi().recognises(file)

    [draft] = outcomes(Egdi(), file)

    assert figures(draft) == {
        "egdi-IRQ-2014": 0.3141,
        "egdi-epi-IRQ-2014": 0.1373,
        "egdi-osi-IRQ-2014": 0.1968,
        "egdi-hci-IRQ-2014": 0.5283,
        "egdi-tii-IRQ-2014": 0.2173,
    }
    assert isinstance(draft, Draft)
    assert [record.properties.get("rank") for record in draft.records] == [134, None, None, None, None]
    assert (draft.row, draft.about, list(draft.set_aside)) == ("IRQ 2014", None, [])
    assert [problem for record in draft.records for problem in validate(record)] == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_known_in_whatever_encoding_it_was_saved(tmp_path: Path, encoding: str) -> None:
    file = given(tmp_path, "saved.csv", (HEADER + "2014,Côte d'Ivoire,134,0.3,0.1,0.1,0.5,0.2\n").encode(encoding))

    [draft] = outcomes(Egdi(), file)

    assert Egdi().recognises(file)
    assert figures(draft)["egdi-CIV-2014"] == 0.3


@pytest.mark.parametrize(
    ("name", "content", "country"),
    [
        (
            "EGOV_DATA_2024_marylia.csv",
            "Survey Year,Country,Rank,E_Index,E_Participation,Online_Service,Human_Capital,Tele_Infra,Region\n2024,Iraq ,148,0.4,0.1,0.2,0.5,0.7,Asia\n",
            "IRQ",
        ),
        (
            "unu_egdi-2024.csv",
            "country-code,country-name,e-gov-rank,e-gov-index,e-pat-index,osi,hci,tii\nIRQ,Iraq,148,0.4,0.1,0.2,0.5,0.7\n",
            "IRQ",
        ),
        ("egdi_2003_2024.csv", "iso3,year,country,rank,egdi,epi,osi,hci,tii,source\nIRQ,2024,Iraq,148.0,0.4,0.1,0.2,0.5,0.7,x\n", "IRQ"),
        ("EGOV_DATA_2024.csv", HEADER + "2024,Georgia (Country),148,0.4,0.1,0.2,0.5,0.7\n", "GEO"),
    ],
)
def test_columns_are_found_by_whatever_name(tmp_path: Path, name: str, content: str, country: str) -> None:
    file = given(tmp_path, name, content)
    assert Egdi().recognises(file)
    [draft] = outcomes(Egdi(), file)
    assert figures(draft) == {
        f"egdi-{country}-2024": 0.4,
        f"egdi-epi-{country}-2024": 0.1,
        f"egdi-osi-{country}-2024": 0.2,
        f"egdi-hci-{country}-2024": 0.5,
        f"egdi-tii-{country}-2024": 0.7,
    }


@pytest.mark.parametrize(
    ("row", "left"),
    [
        ("2003,Iraq,174,0,0,0,0.93,0.0158", {"egdi-hci-IRQ-2003", "egdi-tii-IRQ-2003"}),
        ("2010,Iraq,1,0.5,0,0,0,0", {"egdi-IRQ-2010", "egdi-epi-IRQ-2010", "egdi-osi-IRQ-2010"}),
        (
            "2012,Iraq,1,0.5,0.1,0.1,0,0",
            {"egdi-IRQ-2012", "egdi-epi-IRQ-2012", "egdi-osi-IRQ-2012", "egdi-hci-IRQ-2012", "egdi-tii-IRQ-2012"},
        ),
        ("2014,Iraq,1,0.5,0,0,0,0", {f"egdi{part}-IRQ-2014" for part in ("", "-epi", "-osi", "-hci", "-tii")}),
    ],
)
def test_a_zero_before_2014_may_stand_for_not_surveyed(tmp_path: Path, row: str, left: set[str]) -> None:
    [draft] = outcomes(Egdi(), given(tmp_path, "EGOV_DATA.csv", HEADER + row + "\n"))
    assert set(figures(draft)) == left
    assert isinstance(draft, Draft)
    assert all("rank" not in record.properties or record.key.startswith("egdi-IRQ") for record in draft.records)


@pytest.mark.parametrize("rank", ["", "0", "192", "-"])
def test_whatever_stands_for_the_rank_of_a_country_that_was_left_out_says_nothing(tmp_path: Path, rank: str) -> None:
    [outcome] = outcomes(Egdi(), given(tmp_path, "EGOV_DATA.csv", f"{HEADER}2005,Iraq,{rank},0,0,0,0,0\n"))

    assert outcome == OutOfScope("Iraq was not surveyed in 2005")


def test_what_cannot_be_taken_is_told(tmp_path: Path) -> None:
    rows = [
        "2003,Tuvalu,1,0.5,0.1,0.1,1.03,x",
        "2014,Atlantis,1,0.5,0,0,0,0",
        "2014,World,1,0.5,0,0,0,0",
        "soon,Iraq,1,0.5,0,0,0,0",
        "2003,Iraq,174,0,0,0,0,0",
    ]
    first, *others = outcomes(Egdi(), given(tmp_path, "EGOV_DATA.csv", HEADER + "\n".join(rows)))
    assert isinstance(first, Draft)
    assert set(figures(first)) == {"egdi-TUV-2003", "egdi-epi-TUV-2003", "egdi-osi-TUV-2003"}
    assert [(r.line, r.field, r.value, r.reason) for r in first.set_aside] == [
        (2, "Human Capital Index", "1.03", "is out of range"),
        (2, "Telecommunication Infrastructure Index", "x", "is not a number"),
    ]
    atlantis, world, soon, unsurveyed = others
    assert isinstance(atlantis, Rejected)
    assert (atlantis.line, atlantis.value, atlantis.broken) == (3, "Atlantis", False)
    assert len(atlantis.allowed) == 3
    assert world == OutOfScope("“World” is no country: no country named")
    assert isinstance(soon, Rejected)
    assert (soon.field, soon.value) == ("Survey Year", "soon")
    assert unsurveyed == OutOfScope("Iraq was not surveyed in 2003")


@pytest.mark.slow
def test_all_surveys_of_the_public_data_are_read(shared: Path) -> None:
    files = sorted((shared / "data/egdi").rglob("*.csv"))
    if not files:
        pytest.skip("the EGDI files are not among the public data")
    keys: set[str] = set()
    aside = 0
    for path in files:
        file = InputFile(path, str(path), path.name)
        assert Egdi().recognises(file), path
        for outcome in outcomes(Egdi(), file):
            assert not isinstance(outcome, Rejected), (path, outcome)
            if isinstance(outcome, Draft):
                keys |= {record.key for record in outcome.records}
                aside += len(outcome.set_aside)
    assert len({key.rpartition("-")[2] for key in keys}) == 12
    starter = read_observations(FOLDER / "observations_egdi.csv", "egdi", ("egdi", "epi", "osi", "hci", "tii"), "egdi")
    assert keys == {row.record.key for row in starter.rows}
    assert aside == 4


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(strategies.lists(strategies.text(alphabet='0123456789.,-"eNaIraq \n\0é', max_size=40), max_size=8))
def test_any_cells_give_an_outcome(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        for outcome in outcomes(Egdi(), given(Path(folder), "EGOV_DATA.csv", HEADER + "\n".join(lines))):
            if isinstance(outcome, Draft):
                assert [problem for record in outcome.records for problem in validate(record)] == []
