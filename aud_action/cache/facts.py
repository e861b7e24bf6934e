"""One file's facts by what it holds: for content that the kept database no longer has, as after a switch of branches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from aud_action.cache.bytesdisk import opened
from aud_action.cache.folder import FACTS, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed
from aud_action.files import SourceFile
from aud_action.store import Store, belongs

Tables = dict[str, list[list[Any]]]  # a value of any other type than SQLite has is refused by SQLite
_AT_ONCE: Final = 200
"""Values written in one transaction."""
_MOST: Final = 4000
"""Files whose facts are put aside by one run: a change of everything isn't worth it."""


class Facts:
    """The facts that were replaced in earlier runs. Raises Unusable, OSError and sqlite3.Error when opened."""

    def __init__(self, folder: Folder, extraction: str, size_limit: int) -> None:
        self._cache = opened(folder.at(FACTS), size_limit)
        self._extraction = extraction

    def key(self, number: int, path: str, module: str | None, content: str) -> bytes:
        """Everything that one file's rows depend on."""
        parts = (self._extraction, str(number), path, module or "", content)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).digest()

    def restore(self, store: Store, files: Iterable[SourceFile], contents: Mapping[int, str]) -> set[int]:
        """Put what is known of some files into the database; the numbers of those files. Raises Unusable."""
        found = {}
        with self._cache.transact():
            for file in files:
                if content := contents[file.number]:
                    value = self._cache.get(self.key(file.number, file.path, file.module, content))
                    if value is not None:
                        found[file.number] = _decoded(value, file, content)
        for tables in found.values():
            store.insert(tables)
        return set(found)

    def put_aside(self, store: Store, numbers: Iterable[int]) -> None:
        """Keep the rows of files that are about to leave the database."""
        wanted = sorted(numbers)[:_MOST]
        for first in range(0, len(wanted), _AT_ONCE):
            with self._cache.transact():
                for number in wanted[first : first + _AT_ONCE]:
                    tables = store.facts(number)
                    for _, path, content, *_rest, package in tables.get("files", ()):
                        value = sealed(msgspec.msgpack.encode(tables))
                        self._cache.set(self.key(number, path, package, content), value)

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()


def _decoded(value: bytes, file: SourceFile, content: str) -> Tables:
    """The rows of one file. Raises Unusable for what we can't have written."""
    body = unsealed(value)
    try:
        tables = msgspec.msgpack.decode(body or b"", type=Tables)
        rows: list[list[Any]] = tables["files"]
        is_file = [row[:3] for row in rows] == [[file.number, file.path, content]]
    except (msgspec.MsgspecError, KeyError, RecursionError) as error:
        raise Unusable(f"kept facts can't be read: {error}") from error
    if not is_file or not all(belongs(name, row, file.number) for name in tables for row in tables[name]):
        raise Unusable("kept facts are of another file")
    return tables
