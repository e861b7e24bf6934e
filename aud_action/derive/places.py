"""Sites for places that a derivation speaks of: the walk's own where it mentioned the node, else new ones."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from aud_action.store import Store
from schema import SITE_BITS, TABLES
from schema.ground import Site

FIRST: Final = 1 << (SITE_BITS - 1)
"""The walk numbers the nodes of a file from below, derivations from here."""
Region = tuple[int, int, int, int]


class Places:
    """The sites of one run's derived places. Call `save` when all are known."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._files: dict[int, _File] = {}
        self._new: list[tuple[int, Site]] = []
        store.forget_derived_sites(FIRST)

    def site(self, file: int, region: Region) -> int:
        """The site of a region (line, column, end line, end column) of a file."""
        known = self._files.get(file)
        if known is None:
            known = self._files[file] = _File(self._store, file)
        found = known.sites.get(region)
        if found is None:
            found = known.sites[region] = (file << SITE_BITS) | (FIRST + known.added)
            known.added += 1
            self._new.append((found, Site(file, "Place", *region, known.scope(region))))
        return found

    def save(self) -> None:
        """Write the new sites."""
        self._store.add([(site, *row) for site, row in self._new], TABLES[Site])
        self._new.clear()


class _File:
    """The places of one file that the walk mentioned; where a call and its statement are one region, the call."""

    def __init__(self, store: Store, file: int) -> None:
        query = """
            SELECT line, col, end_line, end_col, id, scope FROM sites WHERE id BETWEEN ? AND ?
            ORDER BY kind = 'Call', id DESC
        """
        rows = list(store.rows(query, (file << SITE_BITS, ((file + 1) << SITE_BITS) - 1), of=[file]))
        self.sites: dict[Region, int] = {(row[0], row[1], row[2], row[3]): row[4] for row in rows}
        self._starts = sorted((row[0], row[1], row[5] or row[4]) for row in rows)
        self.added = 0

    def scope(self, region: Region) -> int | None:
        """The scope of the nearest place before: a derived place is part of a statement that has one."""
        nearest = bisect_right(self._starts, (region[0], region[1], 1 << 62)) - 1
        return self._starts[nearest][2] if nearest >= 0 else None
