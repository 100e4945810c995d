"""Settings: one table, `GCIO_*` environment variables, defaults safe for one machine. `docs/settings.md` is made from it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.errors import Code, NetworkError


class Settings(BaseSettings):
    """What can be set from outside. A field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="GCIO_", extra="ignore", frozen=True)

    home: Path = Field(
        Path("~/.local/share/global-cio-network").expanduser(),
        description="Data folder: the embedded database, its password, logs, models.",
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on. Loopback unless you say otherwise.")
    port: int = Field(8600, ge=0, le=65535, description="Port the web server listens on; 0 takes a free one.")
    base_url: str | None = Field(
        None, description="Public address of the site, for links in answers and feeds, such as `https://cio.example.org`."
    )

    neo4j_uri: str | None = Field(None, description="Use this Neo4j instead of the embedded one: `bolt://`, `neo4j://` or `neo4j+s://`.")
    neo4j_user: str = Field("neo4j", description="User for `GCIO_NEO4J_URI`.")
    neo4j_password_file: Path | None = Field(
        None, description="File that holds the password for `GCIO_NEO4J_URI`, readable only by its owner."
    )
    neo4j_database: str = Field("neo4j", description="Name of the database in the server.")
    neo4j_heap: str = Field("1g", pattern=r"^\d+[mg]$", description="Largest heap of the embedded server.")
    neo4j_pagecache: str = Field("256m", pattern=r"^\d+[mg]$", description="Page cache of the embedded server.")
    neo4j_cache: Path = Field(
        Path("~/.cache/global-cio-network/neo4j").expanduser(),
        description="Where the jars of the embedded server are kept, shared by all data folders.",
    )
    query_timeout: float = Field(10.0, gt=0, le=600, description="Seconds after which the database ends a read.")

    model: str = Field("multilingual-e5-small", description="Embedding model: the default, a hub name, or a folder.")
    model_cache: Path = Field(
        Path("~/.cache/global-cio-network/models").expanduser(), description="Where unpacked or downloaded models are kept."
    )
    model_offline: bool = Field(False, description="Never ask a model hub; use what is on this machine.")
    embedding_url: str | None = Field(
        None,
        description="Remote embedding server: an OpenAI-compatible `…/v1/embeddings` or a text-embeddings-inference `…/embed` address.",
    )
    embedding_token: SecretStr | None = Field(None, description="Bearer token for `GCIO_EMBEDDING_URL`.")

    max_body: int = Field(1024 * 1024, ge=1024, description="Largest request body in bytes; a larger one gets 413.")
    max_text: int = Field(10_000, ge=100, description="Longest text of a need or a search in characters.")
    max_page: int = Field(100, ge=1, le=1000, description="Largest `first` of a connection.")
    max_depth: int = Field(15, ge=1, description="Deepest selection of a GraphQL operation.")
    max_aliases: int = Field(30, ge=0, description="Most aliases in a GraphQL operation.")
    max_tokens: int = Field(4_000, ge=100, description="Most tokens in a GraphQL document.")
    max_cost: int = Field(50_000, ge=100, description="Most records an operation may ask for, nested pages multiplied.")
    ingest_private: bool = Field(
        False,
        description="Let connectors read `http://` and addresses inside private networks. Off, so that nobody can make this machine ask its neighbours.",
    )
    ingest_max_bytes: int = Field(
        2 * 1024**3, ge=1024, description="Largest download and largest unpacked archive of a connector, in bytes."
    )
    introspection: bool = Field(True, description="Answer introspection queries: the schema is public.")
    graphiql: bool = Field(True, description="Serve the query editor at `/graphql` to browsers.")
    debug: bool = Field(False, description="Log more. Never shows a traceback to a client.")

    @property
    def database_home(self) -> Path:
        return self.home / "neo4j"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings, read once. Raises `BAD_INPUT` that names the variable and what it allows."""
    from pydantic import ValidationError  # noqa: PLC0415 - only needed on the failing path

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "GCIO_" + str(first["loc"][0]).upper()
        raise NetworkError(
            Code.BAD_INPUT,
            f"The setting {name} is not usable: {first['msg'].lower()}.",
            hint=f"Correct or unset {name}; `docs/settings.md` lists every setting.",
        ) from None
