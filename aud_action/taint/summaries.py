"""What a function of the project does with what it is given, in words: its summary, as callers see it."""

from __future__ import annotations

from typing import NamedTuple

from aud_action.taint.calling.invoke import invoke
from aud_action.taint.code.frame import Beliefs, Env, Frame
from aud_action.taint.code.program import Closure
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.limits.stop import Exhausted, Unreachable
from aud_action.taint.machine import Machine
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import Label, Source, Taint, Value, all_taints


class Reaches(NamedTuple):
    """A parameter that ends in a dangerous call."""

    parameter: str
    flaw: str
    callee: str
    place: Place


class Summary(NamedTuple):
    """What calling a function does."""

    ends: bool  #: False when it never returns
    returns: dict[str, tuple[str, ...]]  #: parameters that come back → classes for which they are harmless then
    sources: tuple[str, ...]  #: what it reads and returns
    reaches: tuple[Reaches, ...]
    checks: dict[str, dict[str, tuple[str, ...]]]  #: true, false or return → parameter → classes that are cleared


def summary(machine: Machine, closure: Closure) -> Summary:
    """Run a function once with every parameter untrusted, and tell what came of it."""
    function = closure.function
    names = [one.name for one in function.facts.parameters if one.kind not in ("*", "**")]
    if closure.receiver is not None and closure.kind != "static":
        names = names[1:]
    taints = {name: fresh("remote", name, function.place) for name in names}
    frame = Frame(machine, Closure(function.module.functions[0], closure.scope), 0)
    env = Env({})
    before, watch, machine.watch = len(machine.flows), machine.watch, None
    ends, value = True, Value()
    pending = len(machine.pending)
    try:
        with machine.budget.within():
            value = invoke(frame, env, closure, [], [(name, Value((taint,))) for name, taint in taints.items()], [])
    except Unreachable:
        ends = False
    except (Exhausted, RecursionError):
        pass
    finally:
        machine.watch = watch
        del machine.pending[pending:]
    reached = machine.flows[before:]
    del machine.flows[before:]
    own = {taint.origin: name for name, taint in taints.items()}
    reaches = {
        Reaches(own[one.taint.origin], one.flaw, one.callee, one.place) for one in reached if one.taint.origin in own
    }
    promise = frame.promises
    sides = {
        "return": env.beliefs,
        "true": promise.then if promise and promise.then else {},
        "false": promise.otherwise if promise and promise.otherwise else {},
    }
    told = {side: _cleared(machine, beliefs, taints) for side, beliefs in sides.items()}
    return Summary(
        ends,
        _returned(machine, value, own),
        _read(value, own),
        tuple(sorted(reaches)),
        {side: one for side, one in told.items() if one},
    )


def _returned(machine: Machine, value: Value, own: dict[Source | Label, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, int] = {}
    for taint in all_taints(value):
        name = own.get(taint.origin)
        if name is not None:
            found[name] = found.get(name, ~0) & taint.cleared
    return {name: machine.models.names(mask) for name, mask in found.items()}


def _read(value: Value, own: dict[Source | Label, str]) -> tuple[str, ...]:
    origins = [taint.origin for taint in all_taints(value)]
    return tuple(dict.fromkeys(one.text for one in origins if isinstance(one, Source) and one not in own))


def _cleared(machine: Machine, beliefs: Beliefs, taints: dict[str, Taint]) -> dict[str, tuple[str, ...]]:
    found = {name: machine.models.names(beliefs.get(taint.token, 0)) for name, taint in taints.items()}
    return {name: classes for name, classes in found.items() if classes}
