"""One file's facts by what it holds: of the files as they are, and of content seen before, as on another branch."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from aud_action.cache.bytesdisk import opened
from aud_action.cache.folder import FACTS, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed
from aud_action.cache.state import Told
from aud_action.packed import Damaged, Flat, Row, unpacked
from aud_action.parcel import Parcel
from aud_action.store import belongs

Tables = dict[str, list[Row]]
_SPARE: Final = 20
"""Values of content that is no longer there: so many are kept, or a tenth of what is there."""


class Facts:
    """The facts that earlier runs have found. Raises Unusable, OSError and sqlite3.Error when opened."""

    def __init__(self, folder: Folder, extraction: str, size_limit: int) -> None:
        self._cache = opened(folder.at(FACTS), size_limit)
        self._extraction = extraction

    def key(self, told: Told) -> bytes:
        """Everything that one file's rows depend on."""
        return hashlib.sha256(
            "\0".join((self._extraction, *map(str, told))).encode("utf-8", "surrogateescape")
        ).digest()

    def __contains__(self, told: Told) -> bool:
        return self.key(told) in self._cache

    def of(self, told: Told) -> Tables:
        """The rows of one file. Raises Unusable as `columns` does."""
        return {name: table.rows for name, table in self.flat(told).items()}

    def flat(self, told: Told) -> dict[str, Flat]:
        """The same, row after row. Raises Unusable when they aren't there, or are none that we can have written."""
        body = unsealed(self._cache.get(self.key(told), b""))
        if body is None:
            raise Unusable("facts are missing, or have another seal")
        return _checked(body, told)

    def put(self, files: Iterable[Parcel]) -> tuple[list[Told], list[Told]]:
        """Keep the rows of some files; what these are, and those that the next run need not read again."""
        every, kept = [], []
        with self._cache.transact():
            for file in files:
                told = told_by(file.file)
                every.append(told)
                if told.content and file.lasts:
                    self._cache.set(self.key(told), sealed(file.content))
                    kept.append(told)
        return every, kept

    def forget(self, files: Collection[Told]) -> None:
        """Keep a bounded number of facts of content that is no longer there, the latest."""
        spare = max(_SPARE, len(files) // 10)
        if len(self._cache) > len(files) + spare:
            current = {self.key(told) for told in files}
            others = [key for key in self._cache if key not in current]
            with self._cache.transact():
                for key in others[:-spare]:
                    self._cache.delete(key)

    @property
    def is_whole(self) -> bool:
        """Whether they are no more than may be kept."""
        return bool(self._cache.volume() < self._cache.size_limit)

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()


def told_by(row: Sequence[Any]) -> Told:
    """What a file's row says that all of them depend on."""
    number, path, content, *_rest, package = row
    return Told(number, path, package or "", content)


def _checked(body: bytes, told: Told) -> dict[str, Flat]:
    """The tables of one file. Raises Unusable for what we can't have written."""
    try:
        tables = unpacked(body)
        is_file = [told_by(row) for row in tables["files"].rows] == [told]
    except (Damaged, KeyError, ValueError) as error:
        raise Unusable(f"kept facts can't be read: {error}") from error
    if not is_file or not all(belongs(name, table.keys, told.number) for name, table in tables.items()):
        raise Unusable("kept facts are of another file")
    return tables
