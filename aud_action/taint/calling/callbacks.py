"""Functions that a library calls with arguments it was given: `Thread(target=f, args=(x,))`, `submit(f, x)`."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import element
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import ANY, UNKNOWN, Value
from extractors.flow import code


def called(
    frame: Frame, env: Env, path: str, positional: list[Value], named: Named, node: Any, receiver: Value | None
) -> Value | None:
    """Functions that the library calls with arguments it was given: `Thread(target=f, args=(x,))`, `map(f, xs)`."""
    models = frame.machine.models
    result = None
    for model in models.find(models.callbacks, path) or ():
        function = _argument(model.function, positional, named, receiver)
        if function is None or not (function.refs or function.paths):
            continue
        inner, words = _given(model, positional, named)
        holder, name = _held_by(frame, env, model.function, node) if function.paths else (None, "")
        try:
            value = frame.machine.call(frame, env, function, inner, words, node, holder, name)
        except Unreachable:
            continue
        if model.result == "also":  # what else the call yields
            continue
        result = value if model.result else UNKNOWN
        if model.result == "each":
            result = Value(items={ANY: value}, kind="list")
    return result


def _held_by(frame: Frame, env: Env, key: str, node: Any) -> tuple[Value | None, str]:
    """Whose method a library's function is that is handed over, and its name: `to_thread(path.write_text, text)`."""
    for part in key.split("/") if type(node) is list and node[0] == code.CALL else ():
        words = [one for word, one in node[3] if word == part]
        given = node[2][int(part)] if part.isdigit() and int(part) < len(node[2]) else words[0] if words else None
        if type(given) is list and given[0] == code.ATTR:
            return frame.machine.value_of(frame, env, given[1]), given[2]
    return None, ""


def _argument(key: str, positional: list[Value], named: Named, receiver: Value | None) -> Value | None:
    for part in key.split("/"):
        if part == "recv":
            return receiver
        if part.isdigit() and int(part) < len(positional):
            return positional[int(part)]
        for name, value in named:
            if name == part:
                return value
    return None


def _given(model: Any, positional: list[Value], named: Named) -> tuple[list[Value], Named]:
    """The arguments that a callback is called with."""
    inner: list[Value] = []
    words: Named = []
    if model.rest >= 0:
        own = {*model.own, *model.spread.split("/"), *model.words.split("/")}
        inner, words = list(positional[model.rest :]), [pair for pair in named if pair[0] not in own]
    for key in model.each:
        value = _argument(key, positional, named, None)
        inner.append(UNKNOWN if value is None else element(value, ANY))
    spread = _argument(model.spread, positional, named, None) if model.spread else None
    if spread is not None and spread.items is not None:
        inner += list(spread.items.values())
    extra = _argument(model.words, positional, named, None) if model.words else None
    if extra is not None and extra.items is not None:
        words += [(key, value) for key, value in extra.items.items() if isinstance(key, str)]
    return inner, words
