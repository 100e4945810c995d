"""Where the embedded database keeps what. One spelling of every path, whatever way a folder was named.

Must not read or write any of it.
"""

from __future__ import annotations

from pathlib import Path

from graph.settings import Settings


def home_of(settings: Settings) -> Path:
    """The database's folder. Its absolute name is how a running server is recognised."""
    return settings.database_home.expanduser().resolve()


def cache_of(settings: Settings) -> Path:
    """Program files, shared by all data folders of a user."""
    return settings.neo4j_cache.expanduser().resolve()


def log_file(home: Path) -> Path:
    """What the server says; `logs/debug.log` beside it has everything."""
    return home / "logs" / "console.log"


def password_file(home: Path) -> Path:
    return home / "password"


def keep_marker(home: Path) -> Path:
    """Exists while `gcio db start` wants the server to stay when nobody uses it."""
    return home / "keep"


def store_version(home: Path) -> Path:
    """Holds the version of the last Neo4j that opened the store."""
    return home / "store-version"


def database_folder(home: Path, database: str, kind: str = "databases") -> Path:
    """The folder of one database's files; `kind` "transactions" is that of its log."""
    return home / "data" / kind / database
