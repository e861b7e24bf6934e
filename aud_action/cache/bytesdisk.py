"""diskcache made safe: bytes in, bytes out, inside its one database file; no pickle, no side files, vetted before opening."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import tempfile
from typing import Any, Final, NoReturn
from urllib.parse import quote

from aud_action.cache.folder import Unusable

# where Django is installed, its cache for Django would be imported too: more than all else that a warm run imports
sys.modules.setdefault("diskcache.djangocache", None)  # type: ignore[arg-type]  # which says that there is none

import diskcache  # noqa: E402  # see above

_MAX_VALUE: Final = 64 << 20
_COUNTERS: Final = frozenset({"count", "size", "hits", "misses", "size_limit"})
_INLINE: Final = 1


class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """A Disk that knows bytes only. Anything else in the directory was written by somebody else and is refused."""

    def __init__(self, directory: str, **_settings: Any) -> None:
        super().__init__(directory, min_file_size=1 << 40, pickle_protocol=0)

    def put(self, key: Any) -> tuple[sqlite3.Binary, bool]:
        """The key as stored."""
        if type(key) is not bytes:
            raise TypeError("bytes keys only")
        return sqlite3.Binary(key), True

    def get(self, key: Any, raw: bool) -> bytes:
        """The key as given; a pickled one is refused."""
        if not raw:
            raise ValueError("pickled key refused")
        return bytes(key)

    def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, sqlite3.Binary]:  # noqa: ARG002  # the signature is diskcache's
        """The value as stored: size 0, since what is inline is counted as pages of the database already."""
        if read or type(value) is not bytes:
            raise TypeError("bytes values only")
        return 0, _INLINE, None, sqlite3.Binary(value)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes:
        """The value as given; a pickled one, or one in another file, is refused."""
        if mode != _INLINE or filename is not None or not isinstance(value, bytes) or read:
            raise ValueError("foreign row refused")
        return value

    def filename(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """No value stands in a file of its own."""
        raise ValueError("no side files")

    def remove(self, *_arguments: Any) -> NoReturn:
        """As no file is made, none is removed."""
        raise ValueError("no side files")


def opened(directory: str, size_limit: int) -> Any:
    """The cache in a directory, vetted first when there is one. Raises Unusable, OSError, sqlite3.Error."""
    if os.path.lexists(directory):
        vet(directory)
    os.makedirs(directory, exist_ok=True)
    return _cache(directory, size_limit)


def _cache(directory: str, size_limit: int) -> Any:
    return diskcache.Cache(
        directory,
        disk=BytesDisk,
        size_limit=size_limit,
        eviction_policy="none",  # what is no longer needed is known better by who keeps it
        statistics=0,
        sqlite_journal_mode="delete",  # one file when closed, and no shared memory
        sqlite_synchronous=0,  # a cache may be lost
        sqlite_mmap_size=0,
    )


def vet(directory: str, largest: int = 4 << 30) -> None:
    """Raise Unusable unless the directory holds a cache that we could have written, looked at by plain SQLite."""
    if os.path.islink(directory) or not os.path.isdir(directory):
        raise Unusable("the facts are no folder")
    if extra := sorted(set(os.listdir(directory)) - {"cache.db"}):
        raise Unusable(f"unexpected files beside the facts: {extra[:3]}")
    path = os.path.join(directory, "cache.db")
    if not os.path.lexists(path):
        return
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > largest:
        raise Unusable("the facts are no plain file of sane size")
    try:
        database = sqlite3.connect(f"file:{quote(os.fsencode(path))}?mode=ro&immutable=1", uri=True)
        try:
            _examine(database)
        finally:
            database.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Unusable(f"the facts can't be read: {error}") from error


def _examine(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA trusted_schema=OFF")
    database.execute("PRAGMA cell_size_check=ON")
    schema, settings = _reference()
    if set(database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")) != schema:
        raise Unusable("the facts have another schema")
    for name, value in database.execute("SELECT key, value FROM Settings"):
        if name not in settings:
            raise Unusable(f"the facts have an unknown setting {name!r}")
        if type(value) is not int if name in _COUNTERS else value != settings[name]:
            raise Unusable(f"the facts' setting {name} was changed")
    if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Unusable("the facts are damaged")
    foreign = """
        SELECT count(*) FROM Cache WHERE raw IS NOT 1 OR mode IS NOT 1 OR filename IS NOT NULL OR typeof(key) <> 'blob'
        OR length(key) <> 32 OR typeof(value) <> 'blob' OR length(value) > ?
    """
    if count := database.execute(foreign, (_MAX_VALUE,)).fetchone()[0]:
        raise Unusable(f"{count} rows of the facts are not ours")


def _reference() -> tuple[set[tuple[Any, ...]], dict[str, Any]]:
    """Schema and settings of a cache that was just made."""
    with tempfile.TemporaryDirectory(prefix="aud-") as directory:
        _cache(directory, 1 << 30).close()
        database = sqlite3.connect(os.path.join(directory, "cache.db"))
        try:
            schema = set(database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            return schema, dict(database.execute("SELECT key, value FROM Settings"))
        finally:
            database.close()
