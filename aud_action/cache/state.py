"""The database of the last run: examined before it is opened, brought up to date where files changed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aud_action.cache.folder import SEAL, STATE, WORK, Folder, Unusable
from aud_action.cache.seal import file_seal, seal
from aud_action.files import SourceFile

if TYPE_CHECKING:
    from aud_action.store import Store

_SEAL_LIMIT: Final = 32 << 20
_AGAIN: Final = ("timeout", "MemoryError")
"""Errors that depend on the machine's mood: such a file is extracted again."""


class Seal(NamedTuple):
    """What the database says of itself, beside it."""

    extraction: str  #: what its facts depend on, beside the files
    derived: str  #: what all of it depends on
    content: str  #: the seal of its bytes
    stat: list[int]  #: the file as it was when we wrote it: inode, size, both times
    options: str = ""  #: what its derived tables depend on, beside other tables
    reads: Mapping[str, Any] = {}  #: what each derivation has read


class Difference(NamedTuple):
    """What has to be done to the database."""

    stale: frozenset[int]  #: numbers of files whose rows go
    missing: tuple[SourceFile, ...]  #: files whose rows must come


def read_seal(folder: Folder) -> Seal | None:
    """What is known of the database; None without one. Raises Unusable."""
    content = folder.read(SEAL, _SEAL_LIMIT)
    if content is None:
        return None
    try:
        entry = json.loads(content)
        extraction, derived, bytes_, options = (
            str(entry[name]) for name in ("extraction", "derived", "content", "options")
        )
        found = Seal(extraction, derived, bytes_, list(entry["stat"]), options, dict(entry["reads"]))
        ours = entry["seal"] == _own_seal(found)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unusable("the database's seal can't be read") from error
    if not ours:
        raise Unusable("the database has another seal")
    return found


def write_seal(folder: Folder, about: Seal) -> None:
    """Say what the database is: `about` without what its file says. Raises OSError."""
    path = folder.at(STATE)
    about = about._replace(content=file_seal(path), stat=_stat(path))
    folder.write(SEAL, json.dumps({**about._asdict(), "seal": _own_seal(about)}).encode())


def _own_seal(about: Seal) -> str:
    return seal(json.dumps(about).encode()).hex()


def _stat(path: str) -> list[int]:
    found = os.lstat(path)
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def vet(folder: Folder, about: Seal, limit: int) -> None:
    """Raise Unusable unless the database may be opened. A file nobody touched since we wrote it is believed."""
    path = folder.at(STATE)
    try:
        if folder.size(STATE) > limit:
            raise Unusable(f"the database is over {limit >> 20} MiB")
        if [name for name in ("-journal", "-wal", "-shm") if os.path.lexists(path + name)]:
            raise Unusable("the database was left in the middle of a change")
        if _stat(path) != about.stat:
            if file_seal(path) != about.content:
                raise Unusable("the database is not the one that was kept")
            examine(path)
    except OSError as error:
        raise Unusable(f"the database: {error.strerror}") from error


def examine(path: str, *, indexed: bool = True) -> None:
    """Look at a database with nothing of it trusted. Raises Unusable."""
    from aud_action.store import expected_schema, version

    try:
        database = sqlite3.connect(f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True)
        try:
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute("PRAGMA cell_size_check=ON")
            if database.execute("PRAGMA user_version").fetchone() != (version(),):
                raise Unusable("the database has another schema")
            found = set(database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            if found != expected_schema(indexed=indexed):
                raise Unusable("the database has other tables, triggers or views than ours")
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise Unusable("the database is damaged")
        finally:
            database.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unusable(f"the database: {error}") from error


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path))


def take(folder: Folder) -> Store:
    """The kept database, opened for change under another name: if we are killed now, the next run starts cold."""
    from aud_action.store import Store

    folder.drop(SEAL)
    os.replace(folder.at(STATE), folder.at(WORK))
    return Store(folder.at(WORK))


def give_back(folder: Folder, about: Seal) -> None:
    """Put the changed database back. Raises OSError."""
    os.replace(folder.at(WORK), folder.at(STATE))
    write_seal(folder, about)


def keep(folder: Folder, database: str, limit: int, about: Seal) -> None:
    """Keep a cold run's database. Raises OSError, and Unusable when it is too large."""
    folder.drop(SEAL, STATE, WORK)
    if os.path.getsize(database) > limit:
        raise Unusable(f"the database is over cache-max-size ({limit >> 20} MiB), so it isn't kept")
    try:
        shutil.copyfile(database, folder.at(WORK), follow_symlinks=False)
        give_back(folder, about)
    except OSError:
        folder.drop(SEAL, STATE, WORK)
        raise


def difference(store: Store, files: Iterable[SourceFile], contents: Mapping[int, str]) -> Difference:
    """Which files of the database are no longer, and which are not yet, what they are now."""
    known = {row[0]: row[1:] for row in store.rows("SELECT id, path, content_id, package FROM files")}
    moods = f"SELECT DISTINCT site >> 24 FROM python_extraction_errors WHERE kind IN {_AGAIN}"
    again = {row[0] for row in store.rows(moods)}
    now = {file.number: _told(file, contents) for file in files}
    good = {number for number, told in now.items() if contents[number] and known.get(number) == told} - again
    return Difference(frozenset(known.keys() - good), tuple(file for file in files if file.number not in good))


def _told(file: SourceFile, contents: Mapping[int, str]) -> tuple[Any, ...]:
    return file.path, contents[file.number], file.module or None
