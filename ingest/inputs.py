"""What is read: a path, a folder, an archive or an address becomes local files, one after the other.

Archives are unpacked within limits; paths that lead outside and bombs are refused. Must not know what the files hold.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader, RawIOBase
from os.path import commonpath
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import IO, Final

from typing_extensions import Buffer

from graph.errors import Code, NetworkError
from graph.settings import Settings
from ingest.download import fetch, name_of

HEAD: Final = 4096
UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CHUNK: Final = 1 << 20
MOST_FILES: Final = 20_000
# Text packs to a tenth; XML of one element repeated to a hundredth. A bomb is at a thousandth and beyond.
MOST_RATIO: Final = 400
ARCHIVES: Final = (".zip", ".gz")
SPREADSHEETS: Final = (".xlsx", ".xlsm")
ENCODING: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
ENCODINGS: Final = frozenset((b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii"))
DOCUMENT_TYPE: Final = b"<!DOCTYPE"
MOST_SPREADSHEET: Final = 64 << 20
"""Bytes that a spreadsheet may unpack to: it is read into memory."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A local file to read. `address` is where a person finds it: a path, an URL, or `archive.zip!member`.

    With `parts` it stands for these files, which are one data set together; see `together`.
    """

    path: Path
    address: str
    name: str
    counter: list[int] = field(default_factory=lambda: [0], compare=False, repr=False)
    parts: tuple[InputFile, ...] = ()

    def open(self) -> IO[bytes]:
        """The content as a stream that counts, so that `done` tells how far a reader got."""
        return BufferedReader(_Counted(self.path.open("rb", buffering=0), self.counter), CHUNK)

    @property
    def done(self) -> int:
        """Bytes read so far by the latest reader."""
        return self.counter[0]

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0] or self.name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def head(self, length: int = HEAD) -> bytes:
        """The first bytes; those of a file that says that it is UTF-16 as UTF-8, so that whoever looks for words in them finds them."""
        with self.path.open("rb") as stream:
            begin = stream.read(length)
        return begin.decode("utf-16", "ignore").encode() if begin.startswith(UTF16) else begin

    def digest(self) -> str:
        """SHA-256 of the content; of names and contents where there are several."""
        if self.parts:
            return hashlib.sha256("".join(f"{part.name} {part.digest()}\n" for part in self.parts).encode()).hexdigest()
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def together(files: Sequence[InputFile], name: str) -> InputFile:
    """Several files as one data set, such as a registry that keeps each record in a file of its own. Its address is where all of them are."""
    parts = tuple(sorted(files, key=lambda file: file.address))
    folders = {file.address.partition("!")[0] if "!" in file.address else str(Path(file.address).parent) for file in parts}
    return InputFile(parts[0].path, commonpath(folders) if len(folders) > 1 else folders.pop(), name, parts=parts)


class _Counted(RawIOBase):
    def __init__(self, inner: RawIOBase, counter: list[int]) -> None:
        self._inner, self._counter = inner, counter
        counter[0] = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        count = self._inner.readinto(buffer)
        self._counter[0] += count or 0
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


@contextmanager
def inputs(address: str, settings: Settings, refused: list[NetworkError] | None = None) -> Iterator[Iterator[InputFile]]:
    """The files behind a path, a folder, an archive or an address. What was unpacked is deleted at the end.

    Raises BAD_INPUT where there is nothing, INGEST_BAD_FILE, INGEST_FETCH_FAILED or INGEST_ADDRESS_REFUSED. With `refused`, a file of a
    folder that cannot be opened is told there, and those beside it are given.
    """
    with TemporaryDirectory(prefix="gcio-ingest-") as folder:
        yield _files(address, settings, Path(folder), refused)


def _files(address: str, settings: Settings, room: Path, refused: list[NetworkError] | None) -> Iterator[InputFile]:
    if "://" in address:
        path = fetch(address, settings)
        yield from _open(InputFile(path, address, name_of(address, settings)), settings, room)
        return
    path = Path(address).expanduser()
    if not path.exists():
        raise NetworkError(
            Code.BAD_INPUT,
            f"There is no file or folder at {path}.",
            hint="Give a file, a folder, a .zip or .gz archive, or an https:// address.",
        )
    if path.is_file():
        yield from _open(InputFile(path, str(path), path.name), settings, room)
        return
    for found in sorted(path.rglob("*")):
        if not found.is_file() or any(part.startswith(".") for part in found.relative_to(path).parts):
            continue
        try:
            # To the last member, so that nothing of an archive that is refused in its midst is given.
            opened = list(_open(InputFile(found, str(found), found.name), settings, room))
        except NetworkError as error:
            if refused is None:
                raise
            refused.append(error)
        else:
            yield from opened


def _open(file: InputFile, settings: Settings, room: Path) -> Iterator[InputFile]:
    # A spreadsheet is a zip archive as well; it is read by what it is called.
    if file.suffix == ".zip" and file.head(4) == b"PK\x03\x04":
        yield from _unzip(file, settings, room)
    elif file.head(2) == b"\x1f\x8b":
        yield _checked(_gunzip(file, settings, room), settings)
    else:
        yield _checked(file, settings)


def _unzip(file: InputFile, settings: Settings, room: Path) -> Iterator[InputFile]:
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = [m for m in _members(file, archive) if not _safe_name(file, m.filename).startswith(".")]
            left = settings.ingest_max_bytes
            for number, member in enumerate(members):
                name = _safe_name(file, member.filename)
                _check_size(file, member, left)
                target = room / f"{number}-{abs(hash(file.address))}"
                with archive.open(member) as stream:
                    # The directory of an archive can lie: what arrives is counted as well.
                    left -= _copy(stream, target, min(left, member.file_size), file)
                inner = InputFile(target, f"{file.address}!{member.filename}", name)
                yield _checked(inner, settings)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise _bad(file, f"cannot be unpacked ({error})") from None


def _members(file: InputFile, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) > MOST_FILES:
        raise _bad(file, f"holds {len(members)} files, more than {MOST_FILES}")
    return members


def _check_size(file: InputFile, member: zipfile.ZipInfo, left: int) -> None:
    if member.file_size > left or (member.file_size > CHUNK and member.file_size > MOST_RATIO * max(member.compress_size, 1)):
        raise _bad(file, f"would unpack {member.filename} to {member.file_size} bytes, more than is allowed")


def _checked(file: InputFile, settings: Settings) -> InputFile:
    """The file, where it is a spreadsheet only if its archive keeps to the limits and its XML declares no entities.

    Its parts are read where it stands, so all of them are gone through here: no reader looks at one that was not.
    """
    if file.suffix not in SPREADSHEETS or file.head(4) != b"PK\x03\x04":
        return file
    left = min(settings.ingest_max_bytes, MOST_SPREADSHEET)
    try:
        with zipfile.ZipFile(file.path) as archive:
            for member in _members(file, archive):
                _safe_name(file, member.filename)
                _check_size(file, member, left)
                with archive.open(member) as stream:
                    left -= _check_part(file, member, stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise _bad(file, f"cannot be unpacked ({error})") from None
    return file


def _check_part(file: InputFile, member: zipfile.ZipInfo, stream: IO[bytes]) -> int:
    """The size of a part. Whatever its name, it may be read as XML; no program writes that with a document type, or in an encoding to hide one in."""
    size, before = 0, b""
    while chunk := stream.read(CHUNK):
        if not size and (found := ENCODING.search(chunk[:200].replace(b"\0", b""))) and found[1].lower() not in ENCODINGS:
            raise _bad(file, f"holds {member.filename} in the encoding {found[1].decode('ascii', 'replace')}")
        plain = chunk.replace(b"\0", b"")
        if DOCUMENT_TYPE in before + plain:
            raise _bad(file, f"declares a document type in {member.filename}")
        size, before = size + len(chunk), plain[-len(DOCUMENT_TYPE) :]
    return size


def _gunzip(file: InputFile, settings: Settings, room: Path) -> InputFile:
    name = file.name.removesuffix(".gz")
    target = room / f"gz-{abs(hash(file.address))}"
    most = min(settings.ingest_max_bytes, max(CHUNK, file.size * MOST_RATIO))
    try:
        with gzip.open(file.path) as stream:
            _copy(stream, target, most, file)
    except (gzip.BadGzipFile, zlib.error, EOFError, OSError) as error:
        raise _bad(file, f"cannot be unpacked ({error})") from None
    return InputFile(target, file.address, name)


def _copy(stream: IO[bytes] | gzip.GzipFile, target: Path, most: int, file: InputFile) -> int:
    done = 0
    with target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            done += len(chunk)
            if done > most:
                raise _bad(file, f"unpacks to more than {most} bytes")
            out.write(chunk)
    return done


def _safe_name(file: InputFile, member: str) -> str:
    """The member's own name. Refuses one that would be written outside its folder, though nothing is ever written by that name."""
    for path in (PurePosixPath(member), PureWindowsPath(member)):
        if path.is_absolute() or ".." in path.parts or path.drive:
            raise _bad(file, f"holds the path {member!r}, which leads outside its folder")
    if "\0" in member:
        raise _bad(file, "holds a file whose name cannot be written")
    return PurePosixPath(member).name


def _bad(file: InputFile, what: str) -> NetworkError:
    return NetworkError(
        Code.INGEST_BAD_FILE,
        f"{file.address} {what}.",
        hint="Nothing of it was loaded. Fetch it again, or unpack it yourself and look what it holds; GCIO_INGEST_MAX_BYTES is the limit.",
    )
