"""What earlier runs know of the files of this one, and what this one adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from aud_action.cache.state import State, Told
from aud_action.packed import Flat, unpacked

if TYPE_CHECKING:
    from aud_action.cache.facts import Facts, Tables
    from aud_action.shard import Shard

FEW: Final = 400
"""Changed files up to which it is worth to compare their rows with those before."""

AT_ONCE: Final = 64
"""Files whose rows are kept at once."""


class Past:
    """Facts by content, and the end of the last run. Where odd bytes are met, exceptions of any kind are raised."""

    def __init__(
        self, facts: Facts, last: State | None, now: Sequence[Told], beside: Mapping[str, str] | None = None
    ) -> None:
        self.last = last
        self.beside = {name for name, held in (beside or {}).items() if last is None or last.beside.get(name) != held}
        self._facts = facts
        before = frozenset(last.files if last else ())
        self._stale = before - frozenset(now)
        self._new = [told for told in now if told not in before]
        self.changed = frozenset(told.path for told in self._new)
        self.known = {told.number: told for told in now if told in before or (told.content and told in facts)}
        self.held = set(self.known.values())  #: what the next run will know
        self._lacking = len(now) - len(self.known)
        self._fresh: dict[int, bytes] = {}  #: packed rows of files that were read, when they are few
        self._now = frozenset(now)
        self.is_current = True  #: no file has changed since the run has begun

    @property
    def is_used(self) -> bool:
        """Whether anything was believed."""
        return bool(self.known) or self.last is not None

    @property
    def is_most(self) -> bool:
        """Whether but few files are to be read: a part of the database for them alone would cost more than they do."""
        return bool(self.known) and self._lacking <= FEW

    def read(self, paths: Iterable[str]) -> None:
        """Keep what was found in files that were read."""
        from aud_action.parcel import parcels

        for path in paths:
            written = parcels(path)
            while some := list(islice(written, AT_ONCE)):
                every, kept = self._facts.put(some)
                self.held.update(kept)
                self.is_current = self.is_current and self._now.issuperset(every)
                if self._lacking <= FEW:
                    self._fresh |= {file.file[0]: file.content for file in some}

    def pour(self, shard: Shard, *, with_fresh: bool) -> None:
        """Write the rows of all files that are known, and of those that were read if these are few."""
        for number in sorted(self.known.keys() | self._fresh) if with_fresh else sorted(self.known):
            for name, table in self._flat(number).items():
                shard.pour(name, table.width, table.values)

    def _flat(self, number: int) -> dict[str, Flat]:
        """The rows of a file that is known, or was read."""
        fresh = self._fresh.get(number)
        return self._facts.flat(self.known[number]) if fresh is None else unpacked(fresh)

    def changes(self) -> tuple[dict[int, Tables], dict[int, Tables]] | None:
        """The rows of files that changed, before and now; None when they are too many or nothing is known."""
        if self.last is None or not self.last.reads or max(len(self._stale), len(self._new)) > FEW:
            return None
        before = {told.number: self._facts.of(told) for told in self._stale}
        now = ((told.number, self._flat(told.number)) for told in self._new)
        return before, {number: {name: table.rows for name, table in tables.items()} for number, tables in now}

    def forget(self, files: Collection[Told]) -> bool:
        """Let go of what no file holds any longer, but for the latest; whether there was room for what they hold."""
        self._facts.forget(files)
        return self._facts.is_whole
