"""Bring everything up, with progress: database, schema, starter data, vectors, web server."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import logging
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.app import create_app
from api.state import Network
from graph.ahead import plan_ahead
from graph.embedding import EmbeddingService, text_hash
from graph.errors import Code, NetworkError
from graph.schema import migrate
from graph.server import Progress as ServerProgress
from graph.settings import Settings
from graph.state import remember, remembered
from graph.vector_file import read_vectors, write_vectors
from graph.vectors import EmbedReport, Vector, asked_hash, document_text, embed_documents, topic_questions, topic_text
from graph.vocabulary import UN_LANGUAGES
from ingest.starter import FOLDER, VECTORS, StarterReport, load, read_starter

console = Console(stderr=True, highlight=False)
STARTER = "starter"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def steps() -> Iterator[Progress]:
    """Progress bars on a terminal; a plain line for each finished step elsewhere."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield progress


def done(what: str, started: float) -> None:
    console.print(f"  {what} [dim]({monotonic() - started:.1f} s)[/]")


async def bring_up(settings: Settings) -> None:
    """Everything, until stopped. Raises a NetworkError that says what is in the way."""
    listener = listening_socket(settings)
    began = monotonic()
    _stop_on_sigterm()
    console.print("[bold]Global CIO Network[/]")
    with steps() as progress:
        network = await _open(settings, progress)
    try:
        await prepare(network)
        await network.embedding.ready()
        await _serve(network, listener, began)
    finally:
        await network.close()


def _stop_on_sigterm() -> None:
    """Make SIGTERM end the start the way Ctrl-C does: with everything let go."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def prepare(network: Network) -> None:
    """Schema, starter data where it changed, vectors where they are missing."""
    started = monotonic()
    report = await migrate(network.database)
    done(f"Schema ready, {len(report.created)} constraints and indexes new", started)
    digest = starter_digest()
    if await remembered(network.database, STARTER) != digest:
        await load_with_progress(network, None)
        await remember(network.database, STARTER, digest)
    started = monotonic()
    embedded = await embed_with_progress(network)
    done(f"{embedded.documents} documents searchable, {embedded.embedded} newly embedded", started)


def starter_digest() -> str:
    """Changes when a file of the starter data, or the code that reads it, changes."""
    digest = hashlib.sha256()
    for path in sorted([*FOLDER.glob("*.csv"), *FOLDER.glob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


async def serve_only(settings: Settings) -> None:
    """Serve what is there; requests are answered with 503 until the database and the model are ready."""
    listener = listening_socket(settings)
    network = Network.starting(settings)
    try:
        await _serve(network, listener, monotonic())
    finally:
        await network.close()


async def _open(settings: Settings, progress: Progress) -> Network:
    started = monotonic()
    task = progress.add_task("Database", total=None)

    def show(state: ServerProgress) -> None:
        progress.update(task, description=state.text, completed=state.done, total=state.total or None)

    network = await Network.open(settings, progress=show)
    progress.update(task, visible=False)
    done("Database ready", started)
    return network


async def load_with_progress(network: Network, folder: Path | None) -> StarterReport:
    with steps() as progress:
        task = progress.add_task("Loading records", total=None)
        report = await load(network.database, folder or FOLDER, progress=lambda n, total: progress.update(task, completed=n, total=total))
        progress.update(task, visible=False)
    console.print(
        f"  {report.read} records read: {report.new} new, {report.changed} changed, {report.unchanged} unchanged, "
        f"{len({(r.file, r.line) for r in report.rejected})} set aside [dim]({report.seconds:.1f} s)[/]"
    )
    for rejected in report.rejected[:20]:
        console.print(f"    set aside: {rejected}", soft_wrap=True, markup=False)
    if len(report.rejected) > 20:
        console.print(f"    … and {len(report.rejected) - 20} more")
    return report


async def embed_with_progress(network: Network) -> EmbedReport:
    with steps() as progress:
        task = progress.add_task("Embedding documents", total=None)
        report = await embed_documents(
            network.database,
            network.embedding,
            known=partial(read_vectors, VECTORS),
            progress=lambda n, total: progress.update(task, completed=n, total=total),
        )
        progress.update(task, visible=False)
    return report


async def export_vectors(settings: Settings, target: Path) -> int:
    """Embed every document of the starter data and write the vectors to a file; returns how many."""
    service = EmbeddingService(settings)
    service.start()
    info = await service.ready()
    texts: dict[str, str] = {}
    asked: list[str] = []
    for table in read_starter():
        for row in table.rows:
            if row.record.type.is_document:
                values = dict(row.record.properties)
                own = [document_text(row.record.type, values)]
                parallel = [topic_text(values, language) for language in UN_LANGUAGES] if row.record.label == "Topic" else []
                texts |= {text_hash(text): text for text in (*own, *parallel)}
                if row.record.label == "Topic":
                    asked += [text for language in UN_LANGUAGES for text in topic_questions(values, language)]
    ordered = sorted(texts, key=lambda digest: len(texts[digest]))
    vectors: dict[str, Vector] = {}
    with steps() as progress:
        task = progress.add_task("Embedding documents", total=len(ordered))
        for start in range(0, len(ordered), 64):
            batch = ordered[start : start + 64]
            vectors.update(zip(batch, await service.passages([texts[digest] for digest in batch]), strict=True))
            progress.update(task, completed=start + len(batch))
    vectors |= {asked_hash(text): await service.query(text) for text in asked}
    await service.close()
    write_vectors(target, info.key, vectors)
    return len(vectors)


def listening_socket(settings: Settings) -> socket.socket:
    """The web server's socket, taken first so that a busy port is told before anything else starts."""
    # asyncio sends small packets at once only on sockets that name TCP; else an answer waits up to 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise NetworkError(
            Code.SERVER_PORT_BUSY,
            f"The address {settings.host}:{settings.port} cannot be used: {error.strerror}.",
            hint="Stop what listens there, or choose another port: `gcio up --port 8601`, or GCIO_PORT=0 for a free one.",
        ) from None
    return listener


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens."""

    def __init__(self, config: uvicorn.Config, network: Network, began: float) -> None:
        super().__init__(config)
        self.network = network
        self.began = began

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own way raises the signal again when it is done, and the process would end before the database is let go."""
        loop = asyncio.get_running_loop()
        for sign in STOP_SIGNALS:
            loop.add_signal_handler(sign, self.handle_exit, sign, None)
        try:
            yield
        finally:
            for sign in STOP_SIGNALS:
                loop.remove_signal_handler(sign)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams end by themselves, or uvicorn would wait for them as long as it may.
        self.network.feed.close()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            done("Ready", self.began)
            console.print(f"\n  Open     [bold]{address}/[/]\n  GraphQL  {address}/graphql")
            console.print(
                "  Try      gcio match --country KHM \"Nous voulons relier les registres de l'état civil et de l'identité\"", soft_wrap=True
            )
            console.print("  Stop with Ctrl-C\n")


async def _settle(network: Network) -> None:
    """Once the model is there, keep full collections short (`gcio serve` answers before, and its libraries are most of what they walk
    through), and have the database plan what matches and pages ask."""
    # Without a model the server goes on; /readyz says what is missing.
    with contextlib.suppress(NetworkError):
        await network.embedding.ready()
        gc.collect()
        gc.freeze()
        await plan_ahead(await network.opened())


async def _serve(network: Network, listener: socket.socket, began: float) -> None:
    # What is loaded by now stays: without it each full collection would stop the answers for a tenth of a second.
    gc.collect()
    gc.freeze()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        create_app(network),
        log_level="warning",
        access_log=network.settings.debug,
        timeout_graceful_shutdown=5,
        server_header=False,
        # uvicorn believes proxies on loopback by default; here only those that are named.
        proxy_headers=network.settings.proxies is not None,
        forwarded_allow_ips=network.settings.proxies,
    )
    settling = asyncio.create_task(_settle(network))
    try:
        await _Server(config, network, began).serve(sockets=[listener])
    finally:
        settling.cancel()
        # What is still frozen when Python ends counts as leaked, and libraries with native parts say so on the terminal.
        gc.unfreeze()
