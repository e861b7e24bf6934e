"""Functions that a method makes and that change the method's object: `@registry.register("name")`."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure
from aud_action.taint.frames.assign import write
from aud_action.taint.values.value import Value
from extractors.flow import code


def changed(frame: Frame, env: Env, node: Any, made: Value) -> None:
    """
    Write back what functions have changed of the object whose method made them.

    node: code of the call that made them, `registry.register("name")`; made: what it yielded, called since.
    """
    if type(node) is not list or node[0] != code.CALL or type(node[1]) is not list or node[1][0] != code.ATTR:
        return
    scopes = [ref.scope for ref in made.refs if isinstance(ref, Closure) and ref.scope and not ref.receiver]
    if not scopes:
        return
    for method in frame.machine.value_of(frame, env, node[1]).refs:
        if isinstance(method, Closure) and method.receiver is not None and method.function.facts.parameters:
            own = method.function.facts.parameters[0].name
            for scope in scopes:
                after = scope.get(own)
                if isinstance(after, Value) and after.items and after.items != (method.receiver.items or {}):
                    write(frame, env, node[1][1], after)
