"""Where records come from: a folder, a zip, one record, a snapshot. Nothing is unpacked to disk, and all has limits."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from aud_action.advisories.records import Affected, Record
from aud_action.settings import WrongInput

MOST_RECORDS: Final = 1_000_000
LARGEST_RECORD: Final = 16 << 20
"""Bytes; the largest known has a tenth."""
LARGEST_LIST: Final = 4 << 30
"""Bytes of all records, unpacked."""
_DECODER: Final = msgspec.json.Decoder(Record)
_DAY: Final = 10
"""Letters of a date in `2026-11-27T10:00:00Z`."""


class Listed(NamedTuple):
    """A list of advisories: how many they are, of which day the newest is, and what they say of packages."""

    records: int
    day: str
    by_package: Mapping[str, list[tuple[Record, Affected]]]


def digest(path: Path) -> str:
    """What a list holds, as a digest of its files' bytes. Raises WrongInput."""
    found = hashlib.sha256()
    try:
        for file in _files(path):
            name = file.relative_to(path).as_posix() if file != path else path.suffix
            found.update(f"{name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
            with file.open("rb") as content:
                found.update(hashlib.file_digest(content, "sha256").digest())
    except OSError as error:
        raise WrongInput(f"advisories: {error}") from error
    return found.hexdigest()


def read(path: Path, packages: Collection[str]) -> Listed:
    """What a list has for some packages, without what is withdrawn. Raises WrongInput naming the record that is none."""
    found: defaultdict[str, list[tuple[Record, Affected]]] = defaultdict(list)
    count, newest = 0, ""
    for record in records(path):
        count, newest = count + 1, max(newest, record.modified[:_DAY])
        for part in record.affected or ():
            if part.name in packages:
                found[part.name].append((record, part))
    if not count:
        raise WrongInput(f"advisories: {path} holds no OSV record of a Python package")
    return Listed(count, newest, found)


def write(source: Path, target: Path) -> tuple[int, str]:
    """Make a snapshot, sorted by identifier; how many records, and the newest one's day. Raises WrongInput."""
    if not source.exists():
        raise WrongInput(f"advisories: there is no {source}")
    encoder = msgspec.json.Encoder(order="sorted")
    lines = sorted({record.id: (record.modified, encoder.encode(record)) for record in records(source)}.items())
    if not lines:
        raise WrongInput(f"advisories: {source} holds no OSV record of a Python package")
    pending = target.with_name(f".{target.name}.new")
    with pending.open("wb") as file:
        file.writelines(line + b"\n" for _, (_, line) in lines)
    pending.replace(target)
    return len(lines), max(modified[:_DAY] for _, (modified, _) in lines)


def records(path: Path) -> Iterator[Record]:
    """Each record of a list, trimmed, in the order of files and lines. Raises WrongInput naming the record that is none."""
    size = 0
    try:
        for number, (where, content) in enumerate(_contents(path), 1):
            size += len(content)
            if number > MOST_RECORDS or size > LARGEST_LIST:
                raise WrongInput(
                    f"advisories: {path} is too large: over {MOST_RECORDS:,} records or {LARGEST_LIST >> 30} GiB"
                )
            record = _decoded(content, where).trimmed()
            if record is not None:
                yield record
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise WrongInput(f"advisories: {path} can't be read: {error}") from error


def _decoded(content: bytes, where: str) -> Record:
    if len(content) > LARGEST_RECORD:
        raise WrongInput(f"advisories: {where} is larger than {LARGEST_RECORD >> 20} MiB, no OSV record is")
    try:
        return _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WrongInput(f"advisories: {where} is no OSV record: {error}") from error


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """The place and the bytes of each record; of one that is too large, one byte more than it may have."""
    if path.suffix == ".zip":
        yield from _zipped(path)
        return
    if not path.is_dir() and path.suffix not in {".json", ".jsonl"}:
        raise WrongInput(f"advisories: {path} is neither a folder nor a .zip, .json or .jsonl file")
    for file in _files(path):
        with file.open("rb") as stream:
            if file.suffix == ".json":
                yield str(file), stream.read(LARGEST_RECORD + 1)
                continue
            number = 0
            while line := stream.readline(LARGEST_RECORD + 1):
                number += 1
                if line.strip():
                    yield f"{file}:{number}", line


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    """Members are read in memory, up to a limit that doesn't believe the header: a name leads nowhere, a bomb stays small."""
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda one: one.filename):
            if member.filename.endswith(".json"):
                with archive.open(member) as stream:
                    yield f"{path}:{member.filename}", stream.read(LARGEST_RECORD + 1)


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or those of a folder in the order of their names; links in it are not followed."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith((".json", ".jsonl")) and not file.is_symlink() and file.is_file():
                yield file
