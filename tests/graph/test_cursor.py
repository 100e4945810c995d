"""Cursors come back as they were made, and anything else is refused with a code."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import cursor
from graph.errors import Code, NetworkError

SORT = "date DESC"
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)


def made_of(content: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


@given(VALUES, st.text(), st.text())
def test_cursor_comes_back_as_it_was_made(value: Any, record_id: str, sort: str) -> None:
    assert cursor.decode(cursor.encode(sort, [value], record_id), sort) == ((value,), record_id)


@given(VALUES, st.text())
def test_cursor_can_stand_in_an_address(value: Any, record_id: str) -> None:
    assert set(cursor.encode(SORT, [value], record_id)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.one_of(st.text(), st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode())))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(NetworkError) as caught:
        cursor.decode(text, SORT)

    assert caught.value.code is Code.BAD_CURSOR


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a cursor of this service"),
        ("not a cursor", "is not a cursor of this service"),
        ("é", "is not a cursor of this service"),
        (made_of([2, SORT, [None], "need:a"])[:-3], "is not a cursor of this service"),
        (made_of({"v": 1}), "is not a cursor of this service"),
        (made_of(7), "is not a cursor of this service"),
        (made_of([2, SORT, None]), "is not a cursor of this service"),
        (made_of([2, SORT, [{"d": "2024-13-01"}], "need:a"]), "is not a cursor of this service"),
        (made_of([2, SORT, [{"d": 7}], "need:a"]), "is not a cursor of this service"),
        (made_of([2, SORT, [{"x": "2024-01-01"}], "need:a"]), "is not a cursor of this service"),
        (made_of([1, SORT, [None], "need:a"]), "is of another version"),
        (made_of([2, SORT, [None], 7]), "is of another version"),
        (made_of([2, SORT, [["a"]], "need:a"]), "is not a cursor of this service"),
        (made_of([2, SORT, "a", "need:a"]), "is of another version"),
        (made_of([2, SORT, ["a", "b"], "need:a"]), "belongs to a list in another order"),
        (made_of([2, "name ASC", [None], "need:a"]), "belongs to a list in another order"),
    ],
)
def test_refusal_says_why_and_what_to_do(text: str, reason: str) -> None:
    with pytest.raises(NetworkError) as caught:
        cursor.decode(text, SORT)

    assert caught.value.code is Code.BAD_CURSOR
    assert caught.value.message == f"The cursor {reason}."
    assert caught.value.hint == "Take `endCursor` or `startCursor` of the page you have, or leave `after` and `before` out to begin again."


def test_days_and_moments_stay_what_they_are() -> None:
    day, moment = date(2024, 3, 1), datetime(2024, 3, 1, 8, 30, tzinfo=UTC)

    assert type(cursor.decode(cursor.encode(SORT, [day], "need:a"), SORT)[0][0]) is date
    assert cursor.decode(cursor.encode(SORT, [moment], "need:a"), SORT)[0] == (moment,)
