"""Methods of dictionaries: what stands under a name is told apart while the names are known."""

from __future__ import annotations

from collections.abc import Callable

from aud_action.taint.code.frame import keyed
from aud_action.taint.frames.assign import element, opened, paired, placed
from aud_action.taint.frameworks.open_models import copied
from aud_action.taint.objects.given import Given
from aud_action.taint.values import fold
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, NEVER, NUMBER, UNKNOWN, Value, join, join_all, join_taints, tainted


def _setdefault(given: Given) -> Value:
    receiver, key = given.receiver, keyed(given.arg(0))
    if receiver.items is not None and key in receiver.items and key != ANY:
        return receiver.items[key]
    given.change(placed(receiver, key, given.arg(1)))
    return join(element(receiver, key), given.arg(1)) if receiver.taints else given.arg(1)


def _popped_pair(given: Given) -> Value:
    """`popitem()`: a name and what stands under it."""
    pair = given.frame.machine.iterate(given.frame, given.env, _items(given), -1)
    return pair if pair.items is not None else Value(items={0: UNKNOWN, 1: given.held}, kind="tuple")


def _elements(given: Given) -> Value:
    """`Counter.elements()`: its names."""
    return Value(items={ANY: given.frame.machine.iterate(given.frame, given.env, given.receiver, -1)}, kind="list")


def _most_common(given: Given) -> Value:
    name = given.frame.machine.iterate(given.frame, given.env, given.receiver, -1)
    return Value(items={ANY: Value(items={0: name, 1: NUMBER}, kind="tuple")}, kind="list")


def _update(given: Given) -> Value:
    receiver = given.receiver
    items = dict(receiver.items) if receiver.items is not None else opened(receiver)
    taints = receiver.taints
    for value in [*given.positional, *(value for name, value in given.named if name is None)]:
        if receiver.kind == "set" or value.kind in ("set", "gen"):
            items[ANY] = join(items.get(ANY, NEVER), element(value, ANY))
        elif value.kind in ("list", "tuple") and value.items is not None:
            items = paired(items, value)
        else:
            items = fold.spread(items, value)
            taints = join_taints(taints, value.taints)
    items.update({name: value for name, value in given.named if name is not None})
    kind = receiver.kind or "dict"
    given.change(Value(taints, None, receiver.paths, receiver.refs, items, kind))
    return constant(None)


def _items(given: Given) -> Value:
    receiver = given.receiver
    if receiver.items is None:
        pair = {0: fold.part(receiver, "part"), 1: given.one}
        return Value(items={ANY: Value(items=pair, kind="tuple")}, kind="list")
    rows = {}
    for index, (key, value) in enumerate(receiver.items.items()):
        name = tainted(receiver.taints) if key == ANY else constant(key)
        rows[index] = Value(items={0: name, 1: value}, kind="tuple")
    if ANY in receiver.items or receiver.taints:
        return Value(items={ANY: join_all(list(rows.values()))} if rows else {}, kind="list")
    return Value(items=rows, kind="list")


def _values(given: Given) -> Value:
    if given.receiver.items is None or ANY in given.receiver.items:
        return Value(items={ANY: given.one}, kind="list")
    return Value(items=dict(enumerate(given.receiver.items.values())), kind="list")


def _keys(given: Given) -> Value:
    if given.receiver.items is None:
        return Value(items={ANY: given.held}, kind="list")
    names = [tainted(given.receiver.taints) if key == ANY else constant(key) for key in given.receiver.items]
    return Value(items=dict(enumerate(names)), kind="list")


def _copy(given: Given) -> Value:
    """`copy()`, and a model's `copy(update={…})`."""
    return copied(given.receiver, dict(given.named).get("update"))


def _new_child(given: Given) -> Value:
    """`ChainMap.new_child(first)`."""
    return fold.merged(given.receiver.but(kind="dict"), given.arg(0))


def _clear(given: Given) -> Value:
    given.change(Value(kind=given.receiver.kind, items={}))
    return constant(None)


MAPPING_METHODS: dict[str, Callable[[Given], Value]] = {
    "setdefault": _setdefault, "update": _update, "items": _items, "iteritems": _items, "lists": _items, "values": _values,
    "itervalues": _values, "keys": _keys, "copy": _copy, "model_copy": _copy, "clear": _clear, "popitem": _popped_pair,
    "elements": _elements, "new_child": _new_child, "most_common": _most_common,
}  # fmt: skip
