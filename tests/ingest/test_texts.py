"""Texts are made fit to be stored; lists of names and web addresses are read as a person would."""

from __future__ import annotations

import pytest

from ingest.texts import address, cut, names, without_contacts


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("World Bank, CABEI, and UNDP", ["World Bank", "CABEI", "UNDP"]),
        ("IDB, CAF and EU", ["IDB", "CAF", "EU"]),
        ("Trinidad and Tobago", ["Trinidad and Tobago"]),
        ("Bank of Tides (BT, west), the European Union (EU)", ["Bank of Tides (BT, west)", "European Union (EU)"]),
        ("Tide, Inc., Rain Ltd;Snow\nHail", ["Tide, Inc.", "Rain Ltd", "Snow", "Hail"]),
        ("Office, Albania | PATH |", ["Office, Albania", "PATH"]),
        ("Tide, Tide", ["Tide"]),
        (" , ;", []),
    ],
)
def test_names_of_a_list(cell: str, found: list[str]) -> None:
    assert names(cell) == found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("https://tide.example/a?b", "https://tide.example/a?b"),
        ("tide.example/desk", "https://tide.example/desk"),
        ("\u00a0", None),
        ("see tide.example", None),
        ("ftp://tide.example", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("tide", None),
    ],
)
def test_a_web_address(cell: str, found: str | None) -> None:
    assert address(cell) == found


def test_contact_details_are_taken_out() -> None:
    assert without_contacts("Write to a.b@tide.example or call +33 1 23 45 67 89") == "Write to  or call"
    assert without_contacts("Since 2019, 12 000 people") == "Since 2019, 12 000 people"


def test_a_long_text_is_cut() -> None:
    assert cut("tides", 5) == "tides"
    assert cut("tide s", 5) == "tide…"
