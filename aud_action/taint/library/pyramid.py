"""Pyramid's requests: what a configuration adds to each of them."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure, Partial
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value
from extractors.flow import code


def _added(frame: Frame, _env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`config.add_request_method(service, "service", reify=True)`: every request has it from then on."""
    words: dict[str | None, Value] = {"callable": UNKNOWN, "name": UNKNOWN}
    words.update(zip(("callable", "name"), given, strict=False))
    words.update(named)
    request = Value(paths=("pyramid.request.Request",), kind="object")
    made = Value(refs=(Partial(words["callable"], [request], {}),), kind="function")
    if "reify" in words or "property" in words:
        made = frame.machine.call(frame, Env({}), words["callable"], [request], [], [code.CALL, None, [], [], node[-1]])
    name = words["name"].consts[0] if words["name"].consts else None
    known = [ref.function.facts.name for ref in words["callable"].refs if isinstance(ref, Closure)]
    for one in [name] if isinstance(name, str) else known:
        frame.machine.scopes.put(frame.machine, request, one, made)
    return UNKNOWN


CALLS: dict[str, Handler] = {"pyramid.config.Configurator.add_request_method": _added}
