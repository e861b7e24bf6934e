"""Handlers that a framework makes anew for each request, with arguments that were given once, where they were registered."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.labels import known_of
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.names import attribute
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value, join
from extractors.flow import code


def stand(frame: Frame, env: Env, owner: ClassRef, method: str, given: list[Value], words: Named) -> None:
    """What a method keeps of such arguments is there for every request."""
    instance = Value(refs=(owner,), items={}, kind="object")
    for found in attribute(frame, env, instance, method).refs:
        if isinstance(found, Closure) and found.function.facts.parameters:
            outs: dict[str, Value] = {}
            node: list[Any] = [None, None, [None] * len(given), [], -1]
            frame.machine.invoke(frame, env, found, given, words, node, outs)
            left = outs.get(found.function.facts.parameters[0].name, UNKNOWN)
            for name, value in (left.items or {}).items():
                known = known_of(value)
                if known is UNKNOWN or not (known.refs or known.paths or known.items or known.consts):
                    continue  # what its annotation says is more
                owner.slots[name] = join(owner.slots[name], known) if name in owner.slots else known


def _view(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`Listing.as_view("listing", store)`: a view that is made with what follows the name of its endpoint."""
    callee = node[1] if type(node) is list and node[0] == code.CALL else None
    if type(callee) is not list or callee[0] != code.ATTR:
        return UNKNOWN
    view = frame.machine.value_of(frame, env, callee[1])
    words: Named = [(word, value) for word, value in named if word not in (None, "name")]
    for owner in view.refs:
        if isinstance(owner, ClassRef) and (given[1:] or words):
            stand(frame, env, owner, "__init__", given[1:], words)
    return view


CALLS: dict[str, Handler] = {"flask.views.View.as_view": _view}
"""API path → what a call of it yields, for views."""
