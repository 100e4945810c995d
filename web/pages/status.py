"""How the network is: the process, the database, the model, the version of the graph, and the last runs that brought data in."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from graph.errors import NetworkError
from graph.message import Message
from web.errors import told
from web.page import Page
from web.visit import Visit

STARTED: Final = datetime.now(UTC)
MODEL_STATES: Final = {
    "idle": Message("is not loaded"),
    "loading": Message("is loading; search works"),
    "ready": Message("answers"),
    "failed": Message("could not be loaded; search by words works"),
}


async def view(visit: Visit) -> Page:
    """The page answers whatever is down: what does not answer is named with what to do. Supervisors ask `/readyz`."""
    answer: dict[str, Any] | None = None
    trouble: NetworkError | None = None
    try:
        answer = await visit.ask("Status")
    except NetworkError as error:
        trouble = error
    model = visit.network.embedding
    values = {
        "health": answer["health"] if answer else None,
        "runs": answer["ingestRuns"]["nodes"] if answer else [],
        "trouble": trouble,
        "told": told(trouble.code) if trouble else None,
        "model_state": visit.speech.tell(MODEL_STATES[model.state]),
        "model_error": model.error,
        "ready": answer is not None and model.state == "ready",
        "version": version("global-cio-network"),
        "started": STARTED.isoformat(timespec="minutes"),
    }
    return Page("status.html", visit.speech.say("Status"), values, cache="no-store")
