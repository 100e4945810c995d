"""Settings: one table, `GCIO_*` environment variables, defaults safe for one machine. `docs/settings.md` is made from it."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
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
    neo4j_driver_reads: bool = Field(
        False,
        description="Read the embedded server through Neo4j's driver too, as any other server; slower. A way out, should lean reads ever go wrong.",
    )
    query_timeout: float = Field(
        10.0,
        gt=0,
        le=600,
        description="Seconds after which the database ends a read; one about twenty needs of an assignment has a minute at the least.",
    )

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
    max_tokens: int = Field(2_000, ge=100, description="Most tokens in a GraphQL document.")
    max_depth: int = Field(15, ge=1, le=40, description="Deepest selection of a GraphQL operation.")
    max_aliases: int = Field(30, ge=0, description="Most aliases in a GraphQL operation.")
    max_root_fields: int = Field(30, ge=1, description="Most fields at the root of a GraphQL operation.")
    max_list: int = Field(100, ge=1, description="Longest list in an argument or a variable.")
    max_variables: int = Field(200_000, ge=1_000, description="Most characters in the `variables` of an operation.")
    max_values: int = Field(
        1_000, ge=10, description="Most values in the `variables` of an operation, those inside lists and objects counted."
    )
    max_batch: int = Field(0, ge=0, le=50, description="Most operations in one request; 0 takes no batches.")
    max_cost: int = Field(
        30_000, ge=100, description="Most that an operation may cost, about the records it may bring; docs/limits.md has the table."
    )
    rate: int = Field(
        1_200,
        ge=0,
        description="Requests that a client may send in a minute; 0 is no limit. Clients on this machine's loopback have none.",
    )
    rate_clients: int = Field(10_000, ge=100, description="Clients whose rate is remembered; beyond that the longest unseen is forgotten.")
    proxies: str | None = Field(
        None,
        description="Proxies in front, as addresses or networks separated by commas: only their `X-Forwarded-For` is believed.",
    )
    trusted_only: bool = Field(False, description="Answer trusted documents alone: those of the pages and of `GCIO_DOCUMENTS`.")
    documents: Path | None = Field(None, description="Manifest of further trusted documents, as `gcio documents build` writes it.")
    answer_memory: int = Field(
        64 * 1024 * 1024, ge=0, description="Bytes of answers kept for reuse while the graph's version holds; 0 keeps none."
    )
    answer_staleness: float = Field(
        1.0,
        ge=0,
        le=3600,
        description="Seconds after which a change that another process wrote is seen for certain; 0 looks at every request.",
    )
    cache_seconds: int = Field(
        0, ge=0, le=86_400, description="Seconds that caches may use a public `GET` answer without asking again; 0 has them ask each time."
    )
    origins: str = Field(
        "",
        description="Origins whose pages may ask GraphQL from a browser, separated by commas, such as `https://cio.example.org`; `*` is all.",
    )
    streams: int = Field(
        500, ge=0, description="Most open subscriptions' connections of this process, WebSockets and event streams together."
    )
    stream_operations: int = Field(20, ge=1, description="Most operations at a time on one WebSocket.")
    stream_patience: float = Field(
        10.0,
        gt=0,
        le=600,
        description="Seconds that a client may take to read what was sent to it before it is told that it lags, and closed.",
    )
    stream_ping: float = Field(
        20.0, gt=0, le=600, description="Seconds between two signs of life on a stream; a WebSocket that answers none is closed."
    )
    stream_init: float = Field(10.0, gt=0, le=600, description="Seconds that a new WebSocket has to send `connection_init`.")
    ingest_private: bool = Field(
        False,
        description="Let connectors read `http://` and addresses inside private networks. Off, so that nobody can make this machine ask its neighbours.",
    )
    ingest_max_bytes: int = Field(
        2 * 1024**3, ge=1024, description="Largest download and largest unpacked archive of a connector, in bytes."
    )
    introspection: bool = Field(True, description="Answer introspection queries: the schema is public.")
    suggestions: bool = Field(True, description="Name the nearest fields in errors; never where introspection is off.")
    graphiql: bool = Field(True, description="Serve GraphiQL at `/graphiql`, where it is built, and lead browsers there from `/graphql`.")
    debug: bool = Field(
        False,
        description="Log more, and explain each GraphQL operation in `extensions.explain`: plan, Cypher, dbHits. Never shows a traceback to a client.",
    )

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, value: str | None) -> str | None:
        for item in (value or "").split(","):
            if item.strip():
                ip_network(item.strip(), strict=False)  # its ValueError names the item
        return value or None

    @field_validator("origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for item in value.split(","):
            parts = urlsplit(item.strip())
            if item.strip() not in {"", "*"} and not (parts.scheme in {"http", "https"} and parts.netloc and parts.path in {"", "/"}):
                raise ValueError(f"{item.strip()!r} is not an origin such as https://cio.example.org")
        return value

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
