"""Addresses, on a real server on loopback: conditional requests, resumption, retries, limits, and no way into a private network."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from graph.errors import Code, NetworkError
from graph.settings import Settings
from ingest.download import ATTEMPTS, fetch
from ingest.inputs import inputs

CONTENT = bytes(range(256)) * 400
Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server that answers by the functions it is given, the last one again and again, and remembers the requests' headers."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.seen: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.seen.append({k.lower(): v for k, v in self.headers.items()})
                answer = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
                answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/data.csv"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def private(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, ingest_private=True, ingest_max_bytes=1024**2)


def answer(status: int, body: bytes = b"", *, sent: int | None = None, **headers: str) -> Answer:
    """An answer with this body, of which `sent` bytes are sent before the connection is closed."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:sent])
        if sent is not None:
            handler.close_connection = True

    return write


def test_what_has_not_changed_is_not_fetched_again(site: Site, private: Settings) -> None:
    site.answers = [answer(200, CONTENT, ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"), answer(304)]
    first = fetch(site.address, private)
    assert fetch(site.address, private) == first
    assert first.read_bytes() == CONTENT
    assert "if-none-match" not in site.seen[0]
    assert site.seen[1]["if-none-match"] == '"1"'
    assert site.seen[1]["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"


def test_what_has_changed_is_fetched(site: Site, private: Settings) -> None:
    site.answers = [answer(200, CONTENT, ETag='"1"'), answer(200, b"new", ETag='"2"'), answer(304)]
    fetch(site.address, private)
    assert fetch(site.address, private).read_bytes() == b"new"
    fetch(site.address, private)
    assert site.seen[2]["if-none-match"] == '"2"'


def test_a_broken_download_goes_on_where_it_was(site: Site, private: Settings) -> None:
    site.answers = [answer(200, CONTENT, sent=70_000, ETag='"1"'), answer(206, CONTENT[70_000:], ETag='"1"')]
    assert fetch(site.address, private, pause=0).read_bytes() == CONTENT
    assert site.seen[1]["range"] == "bytes=70000-"
    assert site.seen[1]["if-range"] == '"1"'


def test_a_download_begins_anew_where_the_file_is_another_one(site: Site, private: Settings) -> None:
    site.answers = [answer(200, CONTENT, sent=70_000, ETag='"1"'), answer(200, b"another", ETag='"2"')]
    assert fetch(site.address, private, pause=0).read_bytes() == b"another"


def test_failures_are_tried_again_and_then_told(site: Site, private: Settings) -> None:
    site.answers = [answer(503), answer(429), answer(200, CONTENT)]
    assert fetch(site.address, private, pause=0).read_bytes() == CONTENT
    site.answers, site.seen = [answer(503)], []
    with pytest.raises(NetworkError) as caught:
        fetch(site.address + "?other", private, pause=0)
    assert caught.value.code is Code.INGEST_FETCH_FAILED
    assert "status 503" in caught.value.message
    assert len(site.seen) == ATTEMPTS


def test_a_wrong_address_is_told_at_once(site: Site, private: Settings) -> None:
    site.answers = [answer(404)]
    with pytest.raises(NetworkError) as caught:
        fetch(site.address, private, pause=0)
    assert (caught.value.code, len(site.seen)) == (Code.INGEST_FETCH_FAILED, 1)


def test_a_file_beyond_the_limit_is_refused(site: Site, private: Settings) -> None:
    small = private.model_copy(update={"ingest_max_bytes": 1024})
    site.answers = [answer(200, CONTENT)]
    with pytest.raises(NetworkError) as caught:
        fetch(site.address, small, pause=0)
    assert caught.value.code is Code.INGEST_BAD_FILE


def test_redirects_are_followed_but_not_for_ever(site: Site, private: Settings) -> None:
    site.answers = [answer(302, Location="/elsewhere"), answer(200, CONTENT)]
    assert fetch(site.address, private, pause=0).read_bytes() == CONTENT
    site.answers = [answer(302, Location="/again")]
    with pytest.raises(NetworkError) as caught:
        fetch(site.address + "?loop", private, pause=0)
    assert caught.value.code is Code.INGEST_FETCH_FAILED


@pytest.mark.parametrize(
    ("path", "headers", "name"),
    [
        ("/list.csv", {}, "list.csv"),
        ("/export?id=7", {"Content_Type": "text/csv; charset=utf-8"}, "export.csv"),
        ("/export?id=7", {"Content_Disposition": 'attachment; filename="projects 2026.csv"'}, "projects 2026.csv"),
        ("/export", {"Content_Disposition": "attachment; filename*=UTF-8''Pays%C3%A9.csv"}, "Paysé.csv"),
        ("/export", {"Content_Disposition": 'attachment; filename="../../etc/list.csv"'}, "list.csv"),
        ("/export", {"Content_Disposition": 'attachment; filename="C:\\\\x\\\\list.csv"'}, "list.csv"),
        ("/export", {"Content_Disposition": 'attachment; filename=".."', "Content_Type": "nonsense"}, ".."),
        ("/", {"Content_Type": "application/json"}, "download.json"),
    ],
)
def test_a_file_has_the_name_that_its_server_gives_it(site: Site, private: Settings, path: str, headers: dict[str, str], name: str) -> None:
    site.answers = [answer(200, CONTENT, **headers), answer(304)]
    address = site.address.replace("/data.csv", path)

    for _ in range(2):
        with inputs(address, private) as files:
            assert [(file.name, file.address, file.path.parent) for file in files] == [(name, address, private.home / "downloads")]


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(site: Site, private: Settings) -> None:
    # given a server on loopback that may be asked, with a certificate of its own making
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("unvouched.pem"))
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    site.answers = [answer(200, CONTENT)]

    with pytest.raises(NetworkError) as caught:
        fetch(site.address.replace("http://127.0.0.1", "https://localhost"), private, pause=0)

    # then nothing was asked of it, and the sentence says why; trying again would not help
    assert caught.value.code is Code.INGEST_FETCH_FAILED
    assert "The certificate of https://localhost" in caught.value.message
    assert "self-signed" in caught.value.message.replace("self signed", "self-signed")
    assert site.seen == []
    assert list((private.home / "downloads").iterdir()) == []


@pytest.mark.parametrize("notes", ["", '{"etag": "1', "[]"])
def test_notes_that_were_cut_off_mean_that_the_file_is_fetched_anew(site: Site, private: Settings, notes: str) -> None:
    site.answers = [answer(200, CONTENT, ETag='"1"'), answer(200, b"new", ETag='"2"')]
    target = fetch(site.address, private)
    target.with_suffix(".json").write_text(notes)

    assert fetch(site.address, private).read_bytes() == b"new"
    assert "if-none-match" not in site.seen[1]


@pytest.mark.parametrize("address", ["http://example.org/a.csv", "ftp://example.org/a.csv", "file:///etc/passwd"])
def test_only_https_is_read(tmp_path: Path, address: str) -> None:
    with pytest.raises(NetworkError) as caught:
        fetch(address, Settings(home=tmp_path), pause=0)
    assert caught.value.code is Code.INGEST_ADDRESS_REFUSED


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "100.64.0.1",
        "[::ffff:10.1.2.3]",
        "[fd00::1]",
    ],
)
def test_a_private_network_is_never_entered(site: Site, tmp_path: Path, host: str) -> None:
    site.answers = [answer(200, CONTENT)]
    with pytest.raises(NetworkError) as caught:
        fetch(f"https://{host}:{site.server.server_port}/data.csv", Settings(home=tmp_path), pause=0)
    assert caught.value.code is Code.INGEST_ADDRESS_REFUSED
    assert site.seen == []
