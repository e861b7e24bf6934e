"""What earlier runs know of the files of this one, and what this one adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final

from aud_action.cache.state import State, Told

if TYPE_CHECKING:
    from aud_action.cache.facts import Facts, Tables

FEW: Final = 400
"""Changed files up to which it is worth to compare their rows with those before."""


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
        self._fresh: dict[int, Tables] = {}
        self._now = frozenset(now)
        self.is_current = True  #: no file has changed since the run has begun

    @property
    def is_used(self) -> bool:
        """Whether anything was believed."""
        return bool(self.known) or self.last is not None

    def read(self, shards: Iterable[str]) -> None:
        """Keep what was found in files that were read."""
        from aud_action.store import Store

        for shard in shards:
            with closing(Store(shard)) as store:
                for tables in store.walked():
                    every, kept = self._facts.put(tables)
                    self.held.update(kept)
                    self.is_current = self.is_current and self._now.issuperset(every)
                    if len(self._new) <= FEW:
                        self._fresh |= tables

    def shard(self, path: str) -> list[str]:
        """Write the rows of all files that are known; the shard, if there are any."""
        from aud_action.shard import Shard

        if not self.known:
            return []
        shard = Shard(path)
        for number in sorted(self.known):
            for name, table in self._facts.flat(self.known[number]).items():
                shard.pour(name, table.width, table.values)
        shard.close()
        return [path]

    def changes(self) -> tuple[dict[int, Tables], dict[int, Tables]] | None:
        """The rows of files that changed, before and now; None when they are too many or nothing is known."""
        if self.last is None or not self.last.reads or max(len(self._stale), len(self._new)) > FEW:
            return None
        before = {told.number: self._facts.of(told) for told in self._stale}
        return before, {told.number: self._fresh.get(told.number) or self._facts.of(told) for told in self._new}

    def forget(self, files: Collection[Told]) -> bool:
        """Let go of what no file holds any longer, but for the latest; whether there was room for what they hold."""
        self._facts.forget(files)
        return self._facts.is_whole
