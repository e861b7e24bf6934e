"""A database of facts that are kept, and of what the last run has derived from them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from aud_action.cache.past import Past
from aud_action.cache.state import State
from aud_action.packed import Row, unpacked
from aud_action.shard import Shard
from aud_action.store import Store, indexes
from schema import shown


def together(past: Past | None, shards: Sequence[str], database: Path, folder: str) -> Store:
    """The database with the facts that were known and those that were found."""
    if past is None or not past.known:
        return Store.from_shards(database, [*shards])
    known = Shard(f"{folder}/known")
    past.pour(known, with_fresh=not shards)
    known.close()
    return Store.from_shards(database, [f"{folder}/known", *shards])


def derived(last: State) -> dict[str, list[Row]]:
    """The rows that derivations of the last run made, by table. Raises Damaged."""
    return {name: table.rows for name, table in unpacked(last.tables).items()}


def restore(past: Past, last: State, database: Path, folder: str) -> None:
    """Write the whole database, where few files were read and all that was derived stands as it is."""
    whole = Shard(f"{folder}/whole")
    past.pour(whole, with_fresh=True)
    for name, table in unpacked(last.tables).items():
        whole.pour(name, table.width, table.values)
    whole.close([*shown(), *indexes()])
    os.replace(f"{folder}/whole", database)
