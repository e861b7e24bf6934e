"""A database of facts that are kept, and of what the last run has derived from them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from aud_action.cache.past import Past
from aud_action.cache.state import State
from aud_action.packed import Row, unpacked
from aud_action.store import Store


def together(past: Past | None, shards: Sequence[str], database: Path, folder: str) -> Store:
    """The database with the facts that were known and those that were found."""
    known = past.shard(f"{folder}/known", with_fresh=not shards) if past else []
    return Store.from_shards(database, [*known, *shards])


def derived(last: State) -> dict[str, list[Row]]:
    """The rows that derivations of the last run made, by table. Raises Damaged."""
    return {name: table.rows for name, table in unpacked(last.tables).items()}


def restore(past: Past, last: State, shards: Sequence[str], database: Path, folder: str) -> None:
    """Write the whole database, where all that was derived stands as it is."""
    with closing(together(past, shards, database, folder)) as store:
        store.insert(derived(last))
        store.index()
