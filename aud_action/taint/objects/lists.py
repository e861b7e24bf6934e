"""Methods of lists and queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aud_action.taint.code.frame import keyed
from aud_action.taint.frames.assign import MOST_TOLD, element, placed
from aud_action.taint.library.streams import STREAM, written
from aud_action.taint.objects.given import Given
from aud_action.taint.values import fold
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, NEVER, UNKNOWN, Value, join, join_all


def pop(given: Given) -> Value:
    """`pop(index)`."""
    receiver = given.receiver
    items = receiver.items
    if items is None or ANY in items or not items:
        return given.held
    index = keyed(given.arg(0)) if given.positional else -1
    if not isinstance(index, int):
        return given.held
    values = list(items.values())
    try:
        found = values.pop(index)
    except IndexError:
        return UNKNOWN
    given.change(replaced(receiver, dict(enumerate(values))))
    return found


def _pop_left(given: Given) -> Value:
    return pop(Given(given.frame, given.env, given.receiver, [constant(0)], [], given.node))


def replaced(receiver: Value, items: dict[Any, Value]) -> Value:
    """The same container with other elements."""
    return Value(receiver.taints, None, receiver.paths, receiver.refs, items, receiver.kind)


def _written(given: Given) -> Value:
    """More of a text whose parts aren't told apart."""
    given.change(written(given.receiver, given.arg(0)))
    return constant(None)


def _append(given: Given) -> Value:
    receiver, value = given.receiver, given.arg(0)
    if receiver.kind == STREAM:
        return _written(given)
    items = dict(receiver.items) if receiver.items is not None else {}
    if ANY in items or (receiver.items is None and receiver.kind != "list") or len(items) > MOST_TOLD:
        items = {ANY: join(join_all(list(items.values())) if items else NEVER, value)}
    else:
        items[len(items)] = value
    given.change(Value(receiver.taints, None, receiver.paths, receiver.refs, items, receiver.kind or "list"))
    return constant(None)


def _append_left(given: Given) -> Value:
    receiver = given.receiver
    if receiver.items is None or ANY in receiver.items:
        return _append(given)
    given.change(replaced(receiver, dict(enumerate([given.arg(0), *receiver.items.values()]))))
    return constant(None)


def _extend_left(given: Given) -> Value:
    receiver = given.receiver
    given.change(replaced(receiver, {ANY: join(given.held, element(given.arg(0), ANY))}))
    return constant(None)


def _reverse(given: Given) -> Value:
    receiver = given.receiver
    if receiver.items is None or ANY in receiver.items or receiver.kind != "list":
        return _sort(given)
    given.change(replaced(receiver, dict(enumerate(reversed(list(receiver.items.values()))))))
    return constant(None)


def _insert(given: Given) -> Value:
    receiver = given.receiver
    index = keyed(given.arg(0))
    if receiver.items is not None and ANY not in receiver.items and isinstance(index, int):
        values = list(receiver.items.values())
        values.insert(index, given.arg(1))
        given.change(replaced(receiver, dict(enumerate(values))))
    else:
        given.change(placed(receiver, ANY, given.arg(1)))
    return constant(None)


def _extend(given: Given) -> Value:
    if given.receiver.kind == STREAM:
        return _written(given)
    receiver = given.receiver if given.receiver.kind in ("list", "tuple") else given.receiver.but(kind="list")
    given.change(fold.longer([receiver, given.arg(0)]))
    return constant(None)


def _remove(given: Given) -> Value:
    receiver = given.receiver
    if receiver.items is not None and receiver.items:
        given.change(replaced(receiver, {ANY: join_all(list(receiver.items.values()))}))
    return constant(None)


def _sort(given: Given) -> Value:
    _remove(given)
    return constant(None)


LIST_METHODS: dict[str, Callable[[Given], Value]] = {
    "append": _append, "put": _append, "put_nowait": _append, "appendleft": _append_left, "insert": _insert,
    "extend": _extend, "extendleft": _extend_left, "popleft": _pop_left, "remove": _remove, "sort": _sort, "rotate": _sort,
    "reverse": _reverse,
}  # fmt: skip
