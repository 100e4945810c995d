"""What the pages compute: gauges, amounts, tables. Pure: no database."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from api.schema import schema
from web.package import Gauge, gauge
from web.page import as_csv
from web.pages.match import amount_of
from web.queries import operation, operation_names
from web.speech import Speech
from web.terms import DOMAINS


@pytest.mark.parametrize("name", operation_names())
def test_every_document_fits_the_schema(name: str) -> None:
    assert validate(schema._schema, parse(operation(name))) == []  # the schema that the endpoint serves


def test_every_kind_has_a_list_and_a_record_document() -> None:
    for domain in DOMAINS:
        assert {domain.operation, f"{domain.operation}List"} <= set(operation_names())


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1400000", 1_400_000),
        ("1 400 000", 1_400_000),
        ("1,400,000", 1_400_000),
        ("1.400.000", 1_400_000),
        ("1.400.000,50", 1_400_000.5),
        ("1\u202f400\u00a0000", 1_400_000),
        ("١٬٤٠٠٬٠٠٠", 1_400_000),
        ("１４０００００", 1_400_000),
        ("1.400", 1.4),
        ("1.5", 1.5),
        ("1.4 mio", None),
        ("0", None),
        ("-3", None),
        ("1,4", None),
        ("٣", 3),
        ("1e9", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: float | None) -> None:
    assert amount_of(text) == amount


def miss(rule: str, **record: object) -> dict[str, object]:
    return {
        "rule": rule,
        "distance": record.pop("distance", None),
        "record": {"minimumAmount": None, "maximumAmount": None, "opens": None, "closes": None} | record,
    }


def test_a_gauge_of_money_has_rule_and_request_on_one_scale() -> None:
    drawn = gauge(miss("MINIMUM_AMOUNT", minimumAmount=2e6), 1e6, 0, Speech("en"))
    assert drawn == Gauge(182.0, 100.0, "you ask 1 M USD", "at least 2 M USD")
    assert drawn.gap == (100.0, 182.0)


def test_a_gauge_of_days_shares_the_longest_distance() -> None:
    drawn = gauge(miss("CLOSED", distance=50.0, closes="2026-01-01"), None, 100.0, Speech("en"))
    assert drawn == Gauge(18.0, 100.0, "closed 1 January 2026", "your date")


def test_a_rule_without_a_number_has_no_gauge() -> None:
    assert gauge(miss("AUDIENCE"), 1e6, 0, Speech("en")) is None


def test_a_table_is_safe_in_a_spreadsheet() -> None:
    data = {
        "records": {
            "nodes": [
                {"id": "x:1", "title": "=HYPERLINK()", "n": -3, "tags": ["a", "b"], "of": {"nodes": [{"title": "+1"}, {"title": None}]}}
            ]
        }
    }
    assert as_csv(data) == "id,title,n,tags,of.nodes.title\r\nx:1,'=HYPERLINK(),-3,a | b,'+1 | \r\n"


def test_an_empty_answer_is_an_empty_table() -> None:
    assert as_csv({"records": {"nodes": []}}) == "\r\n"
