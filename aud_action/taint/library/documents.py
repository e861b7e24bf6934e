"""Documents: what clients store in a collection of MongoDB's, and who finds it there."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.frames import tables
from aud_action.taint.frames.assign import element
from aud_action.taint.values.value import ANY, ROW, UNKNOWN, Value
from extractors.flow import code

_STORES = {
    "insert_one": 0,
    "insert_many": 0,
    "replace_one": 1,
    "update_one": 1,
    "update_many": 1,
    "find_one_and_update": 1,
}
"""Methods that store, and the argument that holds what."""
_FINDS = frozenset({"find_one", "find_one_and_update", "find_one_and_delete"})
_OPERATORS = ("$set", "$setOnInsert", "$push", "$addToSet")


def answered(
    frame: Frame, env: Env, name: str, positional: list[Value], receiver: Value | None, node: Any, result: Value
) -> Value:  # fmt: skip
    """What a method of a collection yields: a document with what clients stored, or several; else its result as it is."""
    if receiver is None or (name not in tables.FINDS and name not in _STORES):
        return result
    called = _called(receiver_of(node))
    if called is None or not (name in _STORES or name in _FINDS or "pymongo.Collection" in receiver.paths):
        return result
    at = node[-1] if type(node[-1]) is int else -1
    place = _STORES.get(name, -1)
    if 0 <= place < len(positional):
        _stored(frame, env, called, positional[place], at)
    if name not in tables.FINDS:
        return result
    document = _document(frame, called, at)
    if document is None:
        return result
    return document if name in _FINDS else Value(items={ROW: document}, kind="object", paths=result.paths)


def _called(node: Any) -> str | None:
    """The name of a collection: `db.notes`, `db["notes"]`, `notes`."""
    if type(node) is list and node[0] == code.ITEM and type(node[2]) is list and node[2][0] == code.CONST:
        node = node[2][1]
    elif type(node) is list and node[0] == code.ATTR:
        node = node[2]
    return f"collection {node}" if type(node) is str else None


def _stored(frame: Frame, env: Env, called: str, value: Value, at: int) -> None:
    held = [element(value, one) for one in _OPERATORS if one in (value.items or {})] or [value]
    for one in held:
        for key, item in (one.items or {}).items():
            if one.kind != "list" and key is not ANY:
                tables.put(frame, called, key, env.settled(item), at)
            elif item.items:
                _stored(frame, env, called, item, at)


def _document(frame: Frame, called: str, at: int) -> Value | None:
    """A document; None when nobody stored anything."""
    late = frame.machine.tables.of(called).late
    items: dict[Any, Value] = {name: tables.held(frame, called, name, at) for name in late}
    return Value(items={**items, "_id": UNKNOWN}) if any(one.taints for one in items.values()) else None
