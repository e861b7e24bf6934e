"""What the last whole run knew beside the facts of single files: which those were, what followed from them, what that had read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from aud_action.cache.folder import STATE, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed


class Told(NamedTuple):
    """What one file's rows depend on, beside the program."""

    number: int
    path: str
    module: str
    content: str  #: content id


class State(NamedTuple):
    """The end of a run that had the facts of all files."""

    extraction: str  #: what facts depend on, beside the files
    options: str  #: what derived tables depend on, beside other tables
    beside: Mapping[str, str]  #: what single derivations depend on beside tables, as digests
    derived: str  #: what all of it depends on; "" when something was cut short
    files: tuple[Told, ...]  #: those whose facts are kept
    reads: Mapping[str, Any]  #: what each derivation has read
    tables: bytes  #: the derived tables, packed
    kept: Mapping[str, bytes]  #: what derivations keep for themselves


def read(folder: Folder, limit: int) -> State | None:
    """The last run's state; None without one. Raises Unusable for what we can't have written."""
    content = folder.read(STATE, limit)
    if content is None:
        return None
    body = unsealed(content)
    if body is None:
        raise Unusable("the state has another seal")
    try:
        return msgspec.msgpack.decode(body, type=State)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unusable(f"the state can't be read: {error}") from error


def write(folder: Folder, state: State) -> None:
    """Keep a state. Raises OSError."""
    folder.write(STATE, sealed(msgspec.msgpack.encode(state)))
