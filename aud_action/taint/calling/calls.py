"""Calls: of the project's functions and classes, of libraries by their models, of methods of plain values."""

from __future__ import annotations

from typing import Any, NamedTuple

from aud_action.taint.calling import makers
from aud_action.taint.calling.external import ASKS, external, guessed, modelled, owner_of, passed
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, Fields, Method, Partial
from aud_action.taint.flaws.sinks import reach, reach_by_name
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library import statements
from aud_action.taint.library.constructors import made_tuple
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.objects.conventions import made_by_name, meant
from aud_action.taint.objects.methods import method_of
from aud_action.taint.values import fold
from aud_action.taint.values.value import (
    BOOL,
    NEVER,
    UNKNOWN,
    Value,
    all_taints,
    join,
)
from extractors.flow import code

_ANSWERS = "start_response"
"""What a WSGI application is given to answer with: the one that it is handed on to answers."""


class Call(NamedTuple):
    """A call that was just made, for the test that it may stand in."""

    node: Any
    method: str
    receiver: Value | None
    paths: tuple[str, ...]
    positional: list[Value]
    named: Named
    known: bool  #: it is one of the project's


def call(
    frame: Frame, env: Env, callee: Value, positional: list[Value], named: Named, node: Any,
    receiver: Value | None = None, method: str = "",
) -> Value:  # fmt: skip
    """What a call yields. Raises Unreachable when it never returns."""
    machine = frame.machine
    machine.budget.spend()
    if machine.watch is not None:
        machine.watch(frame, callee, positional, named, node, receiver, method)
    result = _followed(frame, env, callee, positional, named, node)
    if result is NEVER and callee.paths and type(node) is list and _ANSWERS in node[2]:
        return UNKNOWN  # it answers by itself: an application, or a response that is one
    if result is NEVER:
        for path in meant(callee.paths):
            made = callee.kind == "object" and _is_instance(path, node)
            called = f"{path}.__call__" if made else path
            result = join(result, external(frame, env, called, positional, named, node, receiver))
        if receiver is not None and callee.paths and not any(_of_known(frame, path) for path in callee.paths):
            reach_by_name(frame, env, method, positional, named, receiver, node)
    if receiver is not None and (receiver.refs or (receiver.items and callee.paths)):
        result = machine.loaded(frame, receiver, callee.paths, positional, named, result)
    if result is NEVER:
        result = _unknown(frame, env, positional, named, node, receiver, method)
    if receiver is not None or positional:
        result = statements.answered(frame, env, callee, positional, named, receiver, node, result)
    frame.last_call = Call(node, method, receiver, callee.paths, positional, named, bool(callee.refs))
    return result


def _followed(frame: Frame, env: Env, callee: Value, positional: list[Value], named: Named, node: Any) -> Value:
    """What the project's functions and classes yield that are called. Raises Unreachable when none of them returns."""
    result = NEVER
    dead = 0
    for ref in callee.refs:
        try:
            found = _reference(frame, env, ref, callee, positional, named, node)
        except Unreachable:
            dead += 1
            continue
        if found is not None:
            result = join(result, found)
    if dead and result is NEVER:
        raise Unreachable
    return result


def _is_instance(path: str, node: Any) -> bool:
    """Whether what is called goes by another name than its class's: an instance, which isn't made anew."""
    name = path.rpartition(".")[2]
    called = node[1] if type(node) is list else None
    word = called[2] if type(called) is list and called[0] == code.ATTR else called
    return name[:1].isupper() and not name.endswith("()") and word != name


def _of_known(frame: Frame, path: str) -> bool:
    """Whether a method is one of a named class, or known itself: not of what hangs on some library's object."""
    owner = owner_of(path)
    models = frame.machine.models
    return owner.rpartition(".")[2][:1].isupper() or models.find(models.sinks, path) is not None or models.knows(owner)


def _reference(
    frame: Frame, env: Env, ref: Any, callee: Value, positional: list[Value], named: Named, node: Any
) -> Value | None:
    machine = frame.machine
    if isinstance(ref, Closure):
        if ref.kind == "property":
            return None
        if ref.receiver is None and (path := machine.models.canonical(ref.function.path)) in machine.models.flows:
            return modelled(frame, env, path, positional, named, node, None)  # a library that is scanned itself
        return machine.invoke(frame, env, ref, positional, named, node)
    if isinstance(ref, Partial):
        inner = [*ref.positional, *positional]
        words: Named = [*ref.named.items(), *named]
        return call(frame, env, ref.callee, inner, words, node)
    if isinstance(ref, Method):
        inside = env.vars.home is ref.home
        receiver = machine.value_of(frame, env, ref.target) if inside else ref.receiver
        at = [code.CALL, [code.ATTR, ref.target if inside else None, ref.name, -1], [], [], node[-1] if node else -1]
        return method_of(frame, env, receiver, ref.name, positional, named, at)
    if isinstance(ref, Fields):
        return made_tuple(ref, positional, named)
    if isinstance(ref, ClassRef):
        if callee.kind == "class":
            return machine.construct(frame, env, ref, positional, named, node)
        method = machine.attribute(frame, env, callee, "__call__")
        if method.refs and not any(one is ref for one in method.refs):
            return call(frame, env, method, positional, named, node)
    return None


def _unknown(
    frame: Frame, env: Env, positional: list[Value], named: Named, node: Any, receiver: Value | None, method: str
) -> Value:
    """A call of something of which nothing is known."""
    if type(node) is list and _ANSWERS in node[2]:
        return UNKNOWN
    if receiver is not None:
        reach_by_name(frame, env, method, positional, named, receiver, node)
        loose = frame.machine.models.flows.get(f"?.{method}")
        if loose and receiver.items is None:
            return passed(loose[0], positional, named, receiver)
        return method_of(frame, env, receiver, method, positional, named, node)
    if type(node) is list and type(node[1]) is str:
        name = node[1]
        _called_back(frame, name, [*positional, *(value for _, value in named)])
        found = frame.machine.models.sinks.get(f"?{name}")
        if found:
            reach(frame, env, f"?{name}", positional, named, None, node)
        if name.startswith(ASKS):
            return BOOL
        if _hands_on(node):
            return UNKNOWN
        if made := made_by_name(name):
            return made
    name = node[1] if type(node) is list and type(node[1]) is str else ""
    return Value(guessed(frame, env, [*positional, *(value for _, value in named)], name))


def _called_back(frame: Frame, name: str, given: list[Value]) -> None:
    """A parameter that is called with a client's data: who hands over a function is asked which, as if that were returned."""
    if any(one.name == name for one in frame.function.facts.parameters):
        for value in given:
            frame.machine.returns(frame.function, all_taints(value))


def _hands_on(node: Any) -> bool:
    """`function(*args, **kwargs)`: the call that a decorator stands before; what comes of it is judged where it is made."""
    spread = [type(one) is list and one[0] == code.STAR for one in node[2]]
    return (any(spread) or (not spread and len(node[3]) == 1)) and any(name is None for name, _ in node[3])


def evaluated(frame: Frame, env: Env, node: Any, positional: list[Value], named: Named) -> Value:
    """A call as it stands: a method's object is looked at once."""
    machine = frame.machine
    target = node[1]
    if type(target) is list and target[0] == code.ATTR:
        receiver = machine.value_of(frame, env, target[1])
        callee = machine.attribute(frame, env, receiver, target[2])
        return call(frame, env, callee, positional, named, node, receiver, target[2])
    if type(target) is list and target[0] == code.CALL and positional and positional[0].kind == "function":
        machine.handed(frame, env, target, positional[0])
    callee = machine.value_of(frame, env, target)
    if not callee.refs and not callee.paths and callee.kind != "function" and fold.truth(callee) is False:
        return UNKNOWN
    result = call(frame, env, callee, positional, named, node)
    makers.changed(frame, env, target, callee)
    return result
