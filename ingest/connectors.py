"""Every connector, by name. A new one is added here; the command line, the schedule and `gcio ingest all` follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from graph.errors import Code, NetworkError
from ingest.adb import Adb
from ingest.china import China
from ingest.cida import Cida
from ingest.connector import Connector
from ingest.dial import Dial
from ingest.dpg import Dpg
from ingest.dpi_map import DpiMap
from ingest.egdi import Egdi
from ingest.govstack import GovStack
from ingest.gtmi import Gtmi
from ingest.iati import Iati
from ingest.ieg import Ieg
from ingest.inputs import InputFile
from ingest.ips import Ips
from ingest.koica import Koica
from ingest.sheet import Sheet
from ingest.worldbank import WorldBank
from ingest.worldbank_governance import WorldBankGovernance

# In the order in which `gcio ingest all` reads them: ratings speak of projects that the lists bring in.
CONNECTORS: Final[dict[str, Connector[Any]]] = {
    connector.name: connector
    for connector in (
        Adb(),
        China(),
        Cida(),
        Dial(),
        Dpg(),
        DpiMap(),
        Egdi(),
        GovStack(),
        Gtmi(),
        Iati(),
        Ips(),
        Koica(),
        WorldBankGovernance(),
        WorldBank(),
        Ieg(),
        Sheet(),
    )
}

RANKS: Final = {name: connector.rank for name, connector in CONNECTORS.items()}


def connector(name: str) -> Connector[Any]:
    """Raises BAD_INPUT with the known names."""
    if name not in CONNECTORS:
        raise NetworkError(Code.BAD_INPUT, f"There is no connector “{name}”.", allowed=list(CONNECTORS))
    return CONNECTORS[name]


def sorted_out(files: Iterable[InputFile]) -> tuple[dict[str, list[InputFile]], list[InputFile]]:
    """Files by the connector that recognises them, the first one that does; and those that none does."""
    found: dict[str, list[InputFile]] = {name: [] for name in CONNECTORS}
    strangers: list[InputFile] = []
    for file in files:
        name = next((name for name, candidate in CONNECTORS.items() if candidate.recognises(file)), None)
        (strangers if name is None else found[name]).append(file)
    return {name: mine for name, mine in found.items() if mine}, strangers
