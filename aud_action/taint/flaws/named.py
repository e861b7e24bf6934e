"""Names that say what a value is: `password` is a secret wherever it comes from, `reset_token` must not be guessable."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import FunctionRef
from aud_action.taint.flaws.sinks import check, is_named
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.value import ANY, Taint, Value, all_taints, join_taints
from extractors.flow import code

_PLAIN = {"number", "bool", "none", "function", "class", "module", "dict", "list", "tuple", "set"}
_ABOUT = ("errors", "labels", "fields", "widgets", "help_texts", "messages", "choices", "columns", "schema", "headers")
"""Containers whose elements tell something of a field, and aren't its value."""


_CLAIMS = ("host", "address")  #: kinds of what stands in a request's headers
_TABLE = 2  #: entries from which on a mapping is a table to look things up in
_ITSELF = frozenset("data value raw text content plaintext cleartext raw_data str string key".split())
"""Parts that are the thing itself: `form.password.data`."""


def read(frame: Frame, value: Value, name: Any, node: Any) -> Value:
    """The value of something with a name, with the taint that the name alone tells of."""
    models = frame.machine.models
    if type(name) is not str or not models.called(name) or _said(value):
        return value
    describes = _describes(node)
    at = node[-1] if type(node) is list and type(node[-1]) is int else -1
    taints = value.taints
    for model in models.called(name):
        if model.kind in frame.machine.kinds and (not describes or model.kind in _CLAIMS):
            slot = (model.kind, at, name)
            known = frame.entered.get(slot)
            if known is None:
                known = frame.entered[slot] = _fresh(model, name, frame.place(at))
            taints = join_taints(taints, (known,))
    return value if taints is value.taints else value.but(taints=taints)


def apart(frame: Frame, base: Value, value: Value, name: Any) -> Value:
    """A part whose name tells of no secret: what is secret of the whole isn't in it, unless it was put there."""
    if type(name) is not str or not value.taints or name in _ITSELF:
        return value
    keyed = _keyed(frame, base, name)
    if keyed is False:
        return value.but(taints=())
    if keyed or frame.machine.models.called(name):
        return value
    items = base.items or {}
    if name in items or not (base.taints or (ANY in items and items[ANY].taints)):
        return value
    return _without(value, frame.machine.told_mask)


def looked_up(frame: Frame, box: Value, found: Value, key: Value) -> Value:
    """What a table of named entries holds under a key that isn't known: rarely the one entry that is secret."""
    items = box.items or {}
    if key.consts is not None or ANY in items or len(items) < _TABLE or not all(type(one) is str for one in items):
        return found
    return _without(found, frame.machine.told_mask) if found.holds else found


def _keyed(frame: Frame, base: Value, name: str) -> bool | None:
    """
    Whether an element is what a source speaks of; None where it doesn't say which are.

    `META["SERVER_NAME"]` isn't the client's, it is what the server says of itself.
    """
    models = frame.machine.models
    found = [one for path in base.paths for one in models.find(models.sources, path) or ()]
    if not any(one.keys is not None for one in found):
        return None
    return any(one.keys is None or one.keys.search(name) for one in found)


def parameter(machine: Any, value: Value | None, name: str, function: FunctionRef) -> Value | None:
    """What a parameter of a function that is started from holds, by its name."""
    taints: tuple[Taint, ...] = ()
    for model in machine.models.called(name) if value is None or not _said(value) else ():
        if model.kind in machine.kinds:
            taints = join_taints(taints, (_fresh(model, name, function.place),))
    if not taints:
        return value
    return Value(taints) if value is None else value.but(taints=join_taints(value.taints, taints))


def stored(frame: Frame, env: Env, name: Any, value: Value, at: int, owner: Any = None) -> Value:
    """
    Something with a name gets a value: a variable, an attribute, an element, an argument, a result; told once.

    owner: the code of the object whose attribute, or of the function whose argument, it is.
    """
    found = frame.machine.models.called(name, sink=True) if type(name) is str else ()
    for model in found if found and all_taints(value) else ():
        if model.receiver and not (owner and is_named(model.receiver, described(owner))):
            continue
        check(frame, env, model, [value], [], None, [code.CALL, name, [], [], at])
        mask = frame.machine.models.mask([model.flaw])
        value = _without(value, mask)
    return value


def kept(frame: Frame, env: Env, target: Any, value: Value, at: int) -> Value:
    """A value as it is assigned: the target's name may tell what it is, or that it must be something better."""
    name, owner = target, None
    if type(target) is list:
        owner = target[1] if target[0] == code.ATTR else None
        name = target[2] if target[0] in (code.ATTR, code.ITEM) else None
        name = name[1] if type(name) is list and name[0] == code.CONST else name
    value = stored(frame, env, name, value, at, owner)
    return read(frame, value, name, [None, None, at]) if type(target) is str else value


def unpacked(frame: Frame, env: Env, targets: list[Any], at: int) -> None:
    """`name, password = …`: each name of several tells of its own value."""
    for one in targets:
        if type(one) is str and isinstance(value := env.vars.get(one), Value):
            told = kept(frame, env, one, value, at)
            if told is not value:
                env.vars[one] = told
        elif type(one) is list and one[0] == code.TUPLE:
            unpacked(frame, env, one[1], at)


def shortened(frame: Frame, value: Value) -> Value:
    """The first letters of a secret tell it from another, and are shown for that."""
    return _without(value, frame.machine.shown_mask) if value.taints else value


def _without(value: Value, mask: int) -> Value:
    """The value, harmless for some classes."""
    return each_taint(value, lambda taint: taint.clearing(mask))


def _fresh(model: Any, name: str, place: Any) -> Taint:
    text = f"`{name}`" + (f", {model.text}" if model.text else "")
    return fresh(model.kind, text, place, model.confidence, model.structured)._replace(cleared=model.clears)


def _said(value: Value) -> bool:
    """Whether more is known of a value than its name tells."""
    return value.consts is not None or value.items is not None or bool(value.refs) or value.kind in _PLAIN


def _describes(node: Any) -> bool:
    """`form.errors["password"]` is no password."""
    base = node[1] if type(node) is list and node[0] in (code.ITEM, code.ATTR) else None
    if type(base) is list and base[0] == code.CALL:
        base = base[1]
    last = base if type(base) is str else base[2] if type(base) is list and base[0] == code.ATTR else ""
    return isinstance(last, str) and last.lower().endswith(_ABOUT)
