"""What a framework injects: the answers of functions, and objects of classes, that it makes from parts of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aud_action.taint.calling import classes
from aud_action.taint.calling.invoke import invoke
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.entries import parameters
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import ANY, UNKNOWN, Value

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine


def dependency(machine: Machine, frame: Frame, closure: Closure) -> Value:
    """What an injected function returns, called by the framework with parts of the request."""
    entry = machine.injecting
    inner = Frame(machine, Closure(closure.function.module.functions[0], closure.scope), frame.depth + 1)
    try:
        values = parameters.given(machine, inner, closure, entry, entry.model.kind if entry else "remote")
        if closure.receiver is not None:
            values.pop(closure.function.facts.parameters[0].name, None)
        value = invoke(frame, Env({}), closure, [], list(values.items()), [])
    except Unreachable:
        return UNKNOWN  # a check that lets nobody through, as far as is known: who gets past it isn't known either
    return value.items.get(ANY, UNKNOWN) if value.kind == "gen" and value.items else value


def dependency_class(machine: Machine, frame: Frame, owner: ClassRef) -> Value:
    """An injected class: built from parts of the request, by its constructor or, where it has none, field by field."""
    entry = machine.injecting
    kind = entry.model.kind if entry else "remote"
    found = machine.class_namespace(owner).get("__init__")
    if isinstance(found, Value) and found.refs and isinstance(found.refs[0], Closure):
        inner = Frame(machine, Closure(owner.module.functions[0], owner.scope), frame.depth + 1)
        instance = Value(refs=(owner,), items={}, kind="object")
        method = found.refs[0].bound(instance)
        values = parameters.given(machine, inner, method, entry, kind)
        values.pop(method.function.facts.parameters[0].name, None)
        return classes.construct(frame, Env({}), owner, [], list(values.items()), [])
    if kind not in machine.kinds or not any(
        isinstance(one, ClassRef) and one.annotations for one in machine.order(owner)
    ):
        return Value(refs=(owner,), kind="object")
    return parameters.model_instance(
        machine, owner, fresh(kind, f"a field of `{owner.facts.qualified}`", owner.body.place)
    )
