"""A file from an address: conditional requests, resumption, retries, a size limit, and no way into a private network.

Kept under the data folder by address, with what the server said of it. Must not know what the file holds.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import random
import socket
import ssl
import time
from collections.abc import Iterable
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from graph.errors import Code, NetworkError
from graph.settings import Settings

ATTEMPTS: Final = 5
PAUSE: Final = 0.5
MOST_REDIRECTS: Final = 5
AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}
ENDINGS: Final = {
    "text/csv": ".csv",
    "application/json": ".json",
    "text/markdown": ".md",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""Of the media types in which sources are published; connectors know their files by it."""
AGENT: Final = "global-cio-network (+connector)"


class _Guarded(httpcore.SyncBackend):
    """Connects to public addresses only. The name is looked up once and that very address is used, so it cannot change in between."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for address in found:
            if not ipaddress.ip_address(address.partition("%")[0]).is_global:
                raise refused(f"{host} is {address}, an address inside a private network")
        return super().connect_tcp(found[0], port, timeout, local_address, socket_options)


def client(settings: Settings) -> httpx.Client:
    """A client that checks certificates, uses no proxy, and (unless the setting allows) connects to public addresses alone."""
    transport = httpx.HTTPTransport(verify=True)
    if not settings.ingest_private:
        # httpx has no public way to hand a network backend to its pool.
        transport._pool._network_backend = _Guarded()
    return httpx.Client(
        transport=transport, timeout=httpx.Timeout(30, connect=10), follow_redirects=False, trust_env=False, headers={"User-Agent": AGENT}
    )


def refused(what: str) -> NetworkError:
    return NetworkError(
        Code.INGEST_ADDRESS_REFUSED,
        f"The address is refused: {what}.",
        hint="Take a public https:// address. Where this one is yours and meant, set GCIO_INGEST_PRIVATE=true.",
    )


def fetch(address: str, settings: Settings, *, pause: float = PAUSE) -> Path:
    """The local copy of what stands at the address, fetched only where it changed.

    Raises INGEST_ADDRESS_REFUSED, INGEST_FETCH_FAILED after several attempts, INGEST_BAD_FILE where it is too large.
    """
    target, notes = _places(address, settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    known = _noted(notes) if target.exists() else {}
    last = ""
    with client(settings) as http:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(pause * 2 ** (attempt - 1) * (1 + random.random() / 2))  # noqa: S311 - spreads retries, guards nothing
            try:
                answer = _attempt(http, address, settings, target, known)
            except (httpx.TransportError, OSError) as error:
                if why := _certificate(error):
                    raise NetworkError(
                        Code.INGEST_FETCH_FAILED,
                        f"The certificate of {address} does not hold: {why}.",
                        hint="Nothing was read. Check the address; where it is right, its publisher has to mend the certificate.",
                    ) from None
                last = str(error) or type(error).__name__
                continue
            if isinstance(answer, str):
                last = answer
                continue
            if answer is not None:
                notes.write_text(json.dumps(answer), encoding="utf-8")
            return target
    raise NetworkError(
        Code.INGEST_FETCH_FAILED,
        f"{address} could not be read in {ATTEMPTS} attempts; the last one said: {last}.",
        hint="Try again later: what has arrived is kept and the download goes on from there.",
    )


def name_of(address: str, settings: Settings) -> str:
    """What the file that was fetched is called: as the server says, else as the address ends, with the ending of its media type where it has none."""
    said = _noted(_places(address, settings)[1])
    name = said.get("name") or PurePosixPath(urlsplit(address).path).name or "download"
    return name if PurePosixPath(name).suffix else name + ENDINGS.get(said.get("type", ""), "")


def _places(address: str, settings: Settings) -> tuple[Path, Path]:
    """Where the file of an address is kept, and what the server said of it."""
    key = hashlib.sha256(address.encode()).hexdigest()[:24]
    folder = settings.home / "downloads"
    return folder / key, folder / f"{key}.json"


def _attempt(http: httpx.Client, address: str, settings: Settings, target: Path, known: dict[str, str]) -> dict[str, str] | str | None:
    """None when nothing changed, the server's notes when the file is new, a reason when it should be tried again."""
    part = target.with_suffix(".part")
    mark = target.with_suffix(".part.json")
    begun = _noted(mark) if part.exists() else {}
    headers: dict[str, str] = {}
    if begun.get("validator") and part.stat().st_size:
        headers = {"Range": f"bytes={part.stat().st_size}-", "If-Range": begun["validator"], "Accept-Encoding": "identity"}
    elif known:
        headers = {k: v for k, v in (("If-None-Match", known.get("etag")), ("If-Modified-Since", known.get("last-modified"))) if v}
    for _ in range(MOST_REDIRECTS + 1):
        _check(address, settings)
        with http.stream("GET", address, headers={"Accept-Encoding": "identity", **headers}) as response:
            if response.has_redirect_location:
                address = str(response.next_request.url) if response.next_request else address
                continue
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return None
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
                return "the server had another file than the one begun"
            if response.status_code in AGAIN:
                return f"status {response.status_code}"
            if response.status_code >= 400:
                raise NetworkError(
                    Code.INGEST_FETCH_FAILED, f"{address} answered with status {response.status_code}.", hint="Check the address."
                )
            return _receive(response, settings, target, part, mark)
    raise NetworkError(Code.INGEST_FETCH_FAILED, f"{address} leads on and on.", hint="Check the address.")


def _noted(notes: Path) -> dict[str, str]:
    """What the server said of a file; nothing where that is not there, or was cut off while it was written: the file is then fetched anew."""
    try:
        found = json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _certificate(error: BaseException | None) -> str | None:
    """Why a certificate does not hold, where that is behind a failure: trying again does not help."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None


def _check(address: str, settings: Settings) -> None:
    scheme = httpx.URL(address).scheme
    if scheme != "https" and not (settings.ingest_private and scheme == "http"):
        raise refused(f"it begins with {scheme}://, not https://")


def _receive(response: httpx.Response, settings: Settings, target: Path, part: Path, mark: Path) -> dict[str, str] | str:
    notes = {name: response.headers[name] for name in ("etag", "last-modified") if name in response.headers}
    told = Message()
    told["Content-Type"] = response.headers.get("content-type", "application/octet-stream")
    told["Content-Disposition"] = response.headers.get("content-disposition", "attachment")
    notes["type"] = told.get_content_type()
    # A name and no path: whatever folders a server puts before it, nothing is ever written there.
    if name := PurePosixPath((told.get_filename() or "").replace("\\", "/")).name:
        notes["name"] = name
    etag = notes.get("etag", "")
    validator = etag if etag and not etag.startswith("W/") else notes.get("last-modified", "")
    resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
    done = part.stat().st_size if resumed else 0
    wanted: Any = response.headers.get("content-length")
    total = done + int(wanted) if wanted and wanted.isdigit() else None
    if total is not None and total > settings.ingest_max_bytes:
        raise _too_large(settings)
    mark.write_text(json.dumps({"validator": validator}), encoding="utf-8")
    with part.open("ab" if resumed else "wb") as out:
        for chunk in response.iter_raw():
            done += len(chunk)
            if done > settings.ingest_max_bytes:
                raise _too_large(settings)
            out.write(chunk)
    if total is not None and done < total:
        return f"the connection ended after {done} of {total} bytes"
    part.replace(target)
    mark.unlink(missing_ok=True)
    return notes


def _too_large(settings: Settings) -> NetworkError:
    return NetworkError(
        Code.INGEST_BAD_FILE,
        f"The file is larger than {settings.ingest_max_bytes} bytes.",
        hint="Raise GCIO_INGEST_MAX_BYTES where a file of that size is expected.",
    )
