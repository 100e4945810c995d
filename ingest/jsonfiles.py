"""JSON from strangers: one object, or a list of objects, within a limit of size. What breaks the format comes as `Rejected`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from ingest.connector import Rejected, Row
from ingest.inputs import InputFile
from ingest.textfiles import clean

LARGEST: Final = 16 * 1024**2
"""JSON is read whole; the sources' files have 2 MB at most."""

Object = Mapping[str, object]


def parsed(file: InputFile, line: int = 1) -> object | Rejected:
    """What the file holds. `line` is its place where it is one of many."""
    if file.size > LARGEST:
        return Rejected(line, "", f"{file.size} bytes", f"is more than {file.name} may have", (f"{LARGEST} bytes",), broken=True)
    try:
        with file.open() as stream:
            return json.loads(stream.read())  # type: ignore[no-any-return]  # whatever it is, the caller looks
    except (ValueError, RecursionError) as error:
        return Rejected(line, "", str(error)[:100], f"breaks the JSON format of {file.name}", broken=True)


def items(file: InputFile, name: str = "") -> Iterator[Row[Object] | Rejected]:
    """The objects of a list: the whole file, or the list under `name`. The line is the object's place, from 1."""
    found = parsed(file)
    if isinstance(found, Rejected):
        yield found
        return
    listed = found.get(name) if name and isinstance(found, dict) else found
    if not isinstance(listed, list):
        yield Rejected(1, name, str(listed)[:80], "is not a list of records", broken=True)
        return
    for number, item in enumerate(listed, start=1):
        yield Row(number, item) if isinstance(item, dict) else Rejected(number, "", str(item)[:80], "is not a record")


def text(value: object) -> str:
    """The text of a value, cleaned; empty for what is no text and no number."""
    return clean(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def texts(value: object) -> list[str]:
    """The texts of a list, without empty ones and repeats; a single text is a list of one."""
    found = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(t for item in found if (t := text(item))))


def objects(value: object) -> list[Object]:
    """The objects of a list; none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
