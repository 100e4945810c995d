"""The cursor: the sort values and the id of a record, opaque to clients, versioned, checked against the sort it was made for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import orjson

from graph.errors import Code, NetworkError
from graph.model import Kind

VERSION: Final = 2
TEMPORAL: Final = {Kind.DATE: "d", Kind.DATETIME: "t"}
"""How values are marked that JSON does not have."""
URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
LONGEST: Final = 4_000
"""Characters of a cursor: sort values are names and dates."""


def encode(sort: str, values: Sequence[Any], record_id: str) -> str:
    """A cursor behind the record with these sort values, dates as they are or marked. `sort` names what the list is sorted by."""
    told = orjson.dumps([VERSION, sort, values, record_id], _written, orjson.OPT_PASSTHROUGH_DATETIME)
    return binascii.b2a_base64(told, newline=False).translate(URL_SAFE, b"=").decode()


def decode(cursor: str, sort: str, keys: int = 1) -> tuple[tuple[Any, ...], str]:
    """(sort values, id) of a cursor. Raises `BAD_CURSOR` for one that is broken or of another list."""
    made_for, values, record_id = _parts(cursor)
    if made_for != sort or len(values) != keys:
        raise of_another_order()
    return values, record_id


def absent_in(cursor: str) -> tuple[bool, ...]:
    """Which of its sort values are absent. Raises `BAD_CURSOR` for a broken one."""
    return tuple(value is None for value in _parts(cursor)[1])


# A request reads its cursor twice: for the shape of its plan and for its values.
@lru_cache(256)
def _parts(cursor: str) -> tuple[str, tuple[Any, ...], str]:
    if len(cursor) > LONGEST:
        raise _bad("is not a cursor of this service")
    try:
        version, made_for, written, record_id = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        current = version == VERSION and isinstance(record_id, str) and isinstance(written, list)
        values = tuple(_read(v) for v in written) if current else ()
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise _bad("is not a cursor of this service") from None
    if not current:
        raise _bad("is of another version")
    return made_for, values, record_id


def _written(value: Any) -> dict[str, str]:
    if isinstance(value, date):
        return {"t" if isinstance(value, datetime) else "d": value.isoformat()}
    raise TypeError(f"no sort value: {value!r}")


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["t"]) if "t" in value else date.fromisoformat(value["d"])
    if isinstance(value, list):
        raise TypeError
    return value


def of_another_order() -> NetworkError:
    """What a cursor of a list with other keys gets."""
    return _bad("belongs to a list in another order")


def _bad(reason: str) -> NetworkError:
    return NetworkError(
        Code.BAD_CURSOR,
        f"The cursor {reason}.",
        hint="Take `endCursor` or `startCursor` of the page you have, or leave `after` and `before` out to begin again.",
    )
