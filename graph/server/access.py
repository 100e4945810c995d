"""Names and passwords: the embedded server's own, made once, and those of a Neo4j that the settings name.

Must not know processes. No password or user info is ever part of a message.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from urllib.parse import urlsplit

from graph.errors import Code, NetworkError
from graph.server.places import home_of, password_file
from graph.server.records import Endpoint
from graph.settings import Settings

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
USER = "neo4j"
_MOUNTED_SECRETS = Path("/run/secrets")


def embedded_endpoint(settings: Settings, port: int) -> Endpoint:
    """Where the embedded server answers."""
    password = password_file(home_of(settings)).read_text().strip()
    return Endpoint(f"bolt://127.0.0.1:{port}", USER, password, settings.neo4j_database, embedded=True)


def external_endpoint(settings: Settings) -> Endpoint:
    """The Neo4j of `GCIO_NEO4J_URI`. Raises BAD_INPUT that names the variable to correct; does not connect."""
    uri = settings.neo4j_uri or ""
    parts = urlsplit(uri)
    if parts.scheme not in SCHEMES:
        raise NetworkError(
            Code.BAD_INPUT,
            "The setting GCIO_NEO4J_URI has no scheme that Neo4j speaks.",
            hint="Write it like neo4j+s://db.example.org or bolt://127.0.0.1:7687.",
            allowed=[f"{scheme}://" for scheme in SCHEMES],
        )
    if not parts.hostname or "@" in parts.netloc:
        raise NetworkError(
            Code.BAD_INPUT,
            "The setting GCIO_NEO4J_URI must hold a host and no user or password.",
            hint="Write it like neo4j+s://db.example.org; the user goes to GCIO_NEO4J_USER, the password to GCIO_NEO4J_PASSWORD_FILE.",
        )
    return Endpoint(uri, settings.neo4j_user, _external_password(settings), settings.neo4j_database, embedded=False)


def make_password(home: Path) -> None:
    """Write a random password, readable by its owner alone, unless there is one. The letter keeps it from looking like an option."""
    try:
        handle = os.open(password_file(home), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(f"g{secrets.token_urlsafe(32)}\n")


def _external_password(settings: Settings) -> str:
    path = settings.neo4j_password_file
    if path is None:
        raise _bad_file("GCIO_NEO4J_PASSWORD_FILE is not set, but GCIO_NEO4J_URI is.", "Name a file that holds the password alone.")
    try:
        mode = path.stat().st_mode
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _bad_file(
            f"The file {path} of GCIO_NEO4J_PASSWORD_FILE cannot be read: {reason}.", "Check the path and the rights."
        ) from error
    exposed = mode & (stat.S_IRWXO | stat.S_IWGRP)
    if exposed and not path.resolve().is_relative_to(_MOUNTED_SECRETS):
        raise _bad_file(f"Other users can read or change the file {path} of GCIO_NEO4J_PASSWORD_FILE.", f"Run: chmod 600 {path}")
    if not text:
        raise _bad_file(f"The file {path} of GCIO_NEO4J_PASSWORD_FILE is empty.", "Write the password into it.")
    return text


def _bad_file(message: str, hint: str) -> NetworkError:
    return NetworkError(Code.BAD_INPUT, message, hint=hint)
