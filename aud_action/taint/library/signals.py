"""Signals and emitters of libraries: whoever sends one calls all that are connected to it, in whatever file they stand."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, UNKNOWN, Value, join_all
from extractors.flow import code

_SIGNAL: Final = "<signal>"
"""What tells a signal from others: its name, or where it is made."""


def _maker(path: str, *, named: bool = False) -> Handler:
    """`Signal()`, of this class: one of its own wherever it is made, or one for each name."""

    def made(frame: Frame, _env: Env, given: list[Value], _named: Named, node: Any) -> Value:
        name = given[0].consts[0] if named and given and given[0].consts else None
        mark = str(name) if name is not None else f"{frame.function.module.name}:{frame.function.index}:{node[-1]}"
        return Value(paths=(path,), items={_SIGNAL: constant(mark)}, kind="object")

    return made


def _marks(value: Value) -> set[Any]:
    """The signals that a value is, or holds: `@receiver([saved, gone])`."""
    items = value.items or {}
    if _SIGNAL in items:
        return set(items[_SIGNAL].consts or ())
    found = set(value.consts or ()) if not items else set()
    return found.union(*(_marks(one) for one in items.values()))


def _sent(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`signal.send(sender, **data)`, as Django's and Blinker's: receivers are given the sender by name, or first."""
    signal = _object(frame, env, node)
    if "django.dispatch.Signal" in signal.paths:
        given, named = [], [*(("sender", one) for one in given[:1]), *named, ("signal", signal)]
    answers = _called(frame, env, _marks(signal), None, given, named, node)
    return Value(items={ANY: Value(items={0: UNKNOWN, 1: answers}, kind="tuple")}, kind="list")


def _dispatched(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`dispatcher.send(signal, sender, **data)`, as PyDispatcher's."""
    words = dict(named)
    signal = given[0] if given else words.get("signal", UNKNOWN)
    rest = [(name, value) for name, value in named if name != "signal"]
    return _called(frame, env, _marks(signal), None, given[2:], rest, node)


def _emitted(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`emitter.emit("event", *data)`: whoever listens to this event of this emitter."""
    event = _marks(given[0]) if given else set()
    return _called(frame, env, _marks(_object(frame, env, node)), event, given[1:], named, node)


def _object(frame: Frame, env: Env, node: Any) -> Value:
    """The object whose method is called."""
    is_method = node[0] == code.CALL and type(node[1]) is list and node[1][0] == code.ATTR
    return frame.machine.value_of(frame, env, node[1][1]) if is_method else UNKNOWN


def _called(
    frame: Frame, env: Env, marks: set[Any], event: set[Any] | None, given: list[Value], named: Named, node: Any
) -> Value:
    answers: list[Value] = []
    for ref, entry in list(frame.machine.entries.listening):
        words = dict(entry.arguments)
        if not marks & _marks(words.get(entry.model.signal, words.get("signal", UNKNOWN))):
            continue
        if event is None or event & _marks(words.get("0", words.get("event", UNKNOWN))):
            answers.append(frame.machine.call(frame, env, Value(refs=(ref,), kind="function"), given, named, node))
    return join_all(answers) if answers else UNKNOWN


_EMITTERS: Final = ("pyee.EventEmitter", "pyee.asyncio.AsyncIOEventEmitter", "pyee.base.EventEmitter")
CALLS: dict[str, Handler] = {
    "django.dispatch.Signal": _maker("django.dispatch.Signal"),
    "blinker.Signal": _maker("blinker.Signal"),
    "blinker.signal": _maker("blinker.Signal", named=True),
    "blinker.Namespace.signal": _maker("blinker.Signal", named=True),
    **dict.fromkeys(_EMITTERS, _maker("pyee.EventEmitter")),
    **dict.fromkeys(
        [f"django.dispatch.Signal.{one}" for one in ("send", "send_robust", "asend", "asend_robust")], _sent
    ),
    **dict.fromkeys([f"blinker.Signal.{one}" for one in ("send", "send_async")], _sent),
    "pydispatch.dispatcher.send": _dispatched,
    "pyee.EventEmitter.emit": _emitted,
}
