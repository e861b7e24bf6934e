"""Settings files in memory: a value under a section and a name."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame, keyed
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element, placed, write
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, NUMBER, UNKNOWN, Value, all_taints, join

PARSERS = ("configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser")
_EMPTY = Value(items={}, kind="dict")


def _made(path: str) -> Handler:
    def make(_frame: Frame, _env: Env, _given: list[Value], _named: Named, _node: Any) -> Value:
        return Value(paths=(path,), items={}, kind="dict")

    return make


def _receiver(frame: Frame, env: Env, node: Any) -> Value:
    target = receiver_of(node)
    return UNKNOWN if target is None else frame.machine.value_of(frame, env, target)


def _section(box: Value, key: Any) -> Value:
    """One section; of a parser that read a file, any may hold anything."""
    found = element(box, key)
    return found if found.items is not None else _EMPTY.but(taints=found.taints)


def _set(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    box = _receiver(frame, env, node)
    if len(given) > 2:
        key = keyed(given[0])
        section = placed(_section(box, key), keyed(given[1]), given[2])
        write(frame, env, receiver_of(node), placed(box, key, section))
    return constant(None)


def _add(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    if given:
        box = _receiver(frame, env, node)
        write(frame, env, receiver_of(node), placed(box, keyed(given[0]), _EMPTY))
    return constant(None)


def _get(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    box = _receiver(frame, env, node)
    key = keyed(given[1]) if len(given) > 1 else ANY
    section = element(box, keyed(given[0])) if given else UNKNOWN
    found = element(section, key)
    fallback = next((value for name, value in named if name == "fallback"), None)
    if fallback is None or (section.items is not None and key in section.items):
        return found
    return fallback if found is UNKNOWN else join(found, fallback)


def _items(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    box = _receiver(frame, env, node)
    held = element(box, keyed(given[0])) if given else box
    rows = [
        Value(items={0: UNKNOWN if key == ANY else constant(key), 1: value}, kind="tuple")
        for key, value in (held.items or {}).items()
    ]
    return Value(held.taints, items=dict(enumerate(rows)), kind="list")


def _read_text(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    box = _receiver(frame, env, node)
    taints = all_taints(given[0]) if given else ()
    if taints:
        section = Value(items={ANY: Value(taints)}, kind="dict")
        write(frame, env, receiver_of(node), placed(box, ANY, section))
    return constant(None)


def _read_dictionary(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    box = _receiver(frame, env, node)
    for key, section in (given[0].items or {}).items() if given else ():
        box = placed(box, key, section)
    write(frame, env, receiver_of(node), box)
    return constant(None)


def _number(_frame: Frame, _env: Env, _given: list[Value], _named: Named, _node: Any) -> Value:
    return NUMBER


CALLS: dict[str, Handler] = {}
"""API path → what a call of it yields, for settings files."""
for _path in PARSERS:
    CALLS.update({
        _path: _made(_path), f"{_path}.set": _set, f"{_path}.add_section": _add, f"{_path}.get": _get,
        f"{_path}.items": _items, f"{_path}.read_string": _read_text, f"{_path}.read_file": _read_text,
        f"{_path}.read_dict": _read_dictionary, f"{_path}.getint": _number, f"{_path}.getfloat": _number,
        f"{_path}.getboolean": _number,
    })  # fmt: skip
