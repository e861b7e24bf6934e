"""Tornado's applications: handlers read what they are made with as `self.settings`, `initialize` is given what a rule says."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.library.standing import stand
from aud_action.taint.values.value import ANY, UNKNOWN, Value

_SETTINGS = Value(paths=("tornado.web.Application.settings",), kind="object")


def _application(frame: Frame, env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    rules = given[0] if given else dict(named).get("handlers", UNKNOWN)
    for rule in (rules.items or {}).values():
        _led(frame, rule.items or {})
        _initialize(frame, env, rule.items or {})
    for name, value in named:
        for key, one in (value.items or {}).items() if name is None else [(name, value)]:
            frame.machine.scopes.put(frame.machine, _SETTINGS, key, env.settled(one))
    return Value(paths=("tornado.web.Application",), kind="object")


def _led(frame: Frame, rule: dict[Any, Value]) -> None:
    """Which addresses lead to a handler."""
    patterns = [one for one in rule.get(0, UNKNOWN).consts or () if isinstance(one, str)]
    for owner in rule.get(1, UNKNOWN).refs:
        if isinstance(owner, ClassRef):
            known = frame.machine.entries.rules.setdefault(owner, [])
            known.extend(one for one in patterns or [""] if one not in known)


def _rule(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`url(pattern, Handler, {…})`, which a tuple is short for."""
    words = {{"handler": 1, "kwargs": 2, "pattern": 0}.get(str(name), name): value for name, value in named}
    return Value(items={**dict(enumerate(given)), **words}, kind="tuple")


def _initialize(frame: Frame, env: Env, rule: dict[Any, Value]) -> None:
    """What `initialize` keeps of the arguments of a rule is there for every request."""
    words: Named = [(str(name), value) for name, value in (rule.get(2, UNKNOWN).items or {}).items() if name != ANY]
    for owner in rule.get(1, UNKNOWN).refs if words else ():
        if isinstance(owner, ClassRef):
            stand(frame, env, owner, "initialize", [], words)


CALLS: dict[str, Handler] = {
    "tornado.web.Application": _application,
    **dict.fromkeys(("tornado.web.url", "tornado.web.URLSpec", "tornado.routing.URLSpec"), _rule),
}
