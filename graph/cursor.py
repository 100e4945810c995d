"""The cursor: the sort values and the id of a record, opaque to clients, versioned, checked against the sort it was made for."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Any, Final

import orjson

from graph.errors import Code, NetworkError

VERSION: Final = 1


def encode(sort: str, value: Any, record_id: str) -> str:
    """A cursor behind the record whose sort value is `value`. `sort` names what the list is sorted by."""
    plain = {"t" if isinstance(value, datetime) else "d": value.isoformat()} if isinstance(value, date) else value
    return base64.urlsafe_b64encode(orjson.dumps([VERSION, sort, plain, record_id])).decode().rstrip("=")


def decode(cursor: str, sort: str) -> tuple[Any, str]:
    """(sort value, id) of a cursor. Raises `BAD_CURSOR` for one that is broken or of another list."""
    try:
        version, made_for, value, record_id = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["t"]) if "t" in value else date.fromisoformat(value["d"])
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise _bad("is not a cursor of this service") from None
    if version != VERSION or not isinstance(record_id, str) or isinstance(value, list):
        raise _bad("is of another version")
    if made_for != sort:
        raise _bad("belongs to a list in another order")
    return value, record_id


def _bad(reason: str) -> NetworkError:
    return NetworkError(
        Code.BAD_CURSOR,
        f"The cursor {reason}.",
        hint="Take `endCursor` or `startCursor` of the page you have, or leave `after` and `before` out to begin again.",
    )
