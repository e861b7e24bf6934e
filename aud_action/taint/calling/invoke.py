"""Running a function of the project: arguments become labels, so that one run serves every call of the same shape."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.declared import instance, typed
from aud_action.taint.code.describe import receiver_of
from aud_action.taint.code.frame import Env, Frame, Names, Return, shared
from aud_action.taint.code.handing import CALLED, handed, used
from aud_action.taint.code.labels import Labels
from aud_action.taint.code.naming import word
from aud_action.taint.code.program import ClassRef, Closure, FunctionRef, Partial
from aud_action.taint.flaws.sinks import Reached, innocuous
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import write
from aud_action.taint.frames.binding import DEEPEST, SENT, bind
from aud_action.taint.frames.landing import Landing, Outcome, guessed
from aud_action.taint.frames.promises import common, promise
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import (
    ANY,
    NEVER,
    NONE,
    TAINTS,
    UNKNOWN,
    Value,
    all_taints,
    join_all,
)
from aud_action.taint.values.widening import Widened
from aud_action.taint.values.work import WORK
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_MOST_PASSED = 200
"""Flows of what a function is given that its callers are told of."""
_MOST_SHAPES = 8
"""Runs of one function for different constants; after that constants are forgotten."""
_MOST_LOOKS = 8_000
"""Values that the runs of one function look at; after that what is in containers is told apart less: see Labels."""
_MOST_IDLE = 4
"""The same where nothing of a client's is passed, and no function."""
_MOST_RUNS = 300
"""Runs of one function for any shapes; what more of them would find is said to be unknown."""
_MOST_ACTIVE = 2
_MOST_OUTCOMES = 40_000
"""Outcomes kept in memory; beyond that they are forgotten and found again."""


def invoke(
    frame: Frame, env: Env, closure: Closure, positional: list[Value], named: Named, node: Any, outs: Any = None
) -> Value:
    """What a call of a project's function yields; its effects are applied. Raises Unreachable."""
    machine = frame.machine
    bound, origin = bind(frame, closure, positional, named)
    given = {name: env.settled(value) for name, value in bound.items()} if env.beliefs else bound
    captured = _captured(closure, env, frame)
    outcome, actual = _outcome(machine, frame, closure, given, captured)
    machine.calls.add((frame.function if outcome is not None else None, closure.function))
    if frame.handed:
        used(frame, (closure.function,), CALLED)
    if outcome is None:
        return guessed(machine, given)
    at = node[-1] if node and type(node[-1]) is int else -1
    _settle(frame, env, [*positional, *(value for _, value in named)], at)
    landing = Landing(frame, closure.function, None if node is None else frame.place(at), actual, outcome)
    for reached in outcome.flows:
        landing.flow(reached)
    for token, mask in outcome.believed.items():
        landing.believe(env, token, mask)
    for (holder, name), value in outcome.stores.items():
        machine.keep(holder, name, landing.kept(value))
    if outcome.raised is not NEVER:
        frame.raised.append(landing.value(outcome.raised))
    if not outcome.ends:
        raise Unreachable
    for name, value in outcome.outs.items():
        if name[0] in "^~":
            landed = landing.value(value)
            number, _, inner = name[1:].rpartition("~")
            holder = actual.passed[int(number)] if number else closure
            _recapture(frame, env, holder, inner, landed)
            continue
        landed = landing.changed(value, outcome.given[name], given[name])
        if outs is not None:
            outs[name] = landed
        _write_back(frame, env, name, origin, node, landed)
    frame.promises = landing.promise()
    return landing.value(outcome.value)


def _settle(frame: Frame, env: Env, given: list[Value], at: int) -> None:
    """Note whether the texts that a call of the project's own is given could do harm as a statement."""
    texts = [value for value in given if value.forms is not None]
    if texts and at >= 0:
        frame.machine.settle("sql-injection", frame.place(at), all(innocuous(frame, env, one) for one in texts))


def _captured(closure: Closure, env: Env, frame: Frame) -> dict[str, Value]:
    scope = closure.scope
    if scope is None:
        return {}
    mentions = closure.function.mentions
    around = frame.closure.scope
    latest = env.vars if shared(scope, env.vars) else around if around is not None and shared(scope, around) else scope
    found = {}
    for name in sorted(mentions & (scope.keys() | latest.keys())):
        value = latest[name] if name in latest else scope[name]
        if isinstance(value, Value):
            found[name] = env.settled(value) if latest is env.vars else value
        elif value is not None:
            found[name] = frame.machine.force(value)
    return found


def _recapture(frame: Frame, env: Env, closure: Closure, name: str, value: Value) -> None:
    """An inner function changed what it captured: the function around it sees that."""
    own = frame.closure.scope
    if shared(closure.scope, env.vars):
        env.vars[name] = value
        env.forget(name)
        if own is not None and name in frame.borrowed:
            own[name] = value
    elif own is not None and shared(closure.scope, own):
        own[name] = value
    elif closure.scope is not None:
        closure.scope[name] = value


def _outcome(
    machine: Machine, frame: Frame, closure: Closure, given: dict[str, Value], captured: dict[str, Value]
) -> tuple[Outcome | None, Labels]:
    function = closure.function
    values = [*given.items()]
    if captured:
        values += [(f"^{name}", value) for name, value in captured.items()]
    told, start = _told(machine, frame, function, given)
    way = (function, *handed(captured.values()), *told) if captured else (function, *told)
    shapes_known = machine.runs.shapes.get(way, start)
    holds = any(value.holds for _, value in values)
    coarse = min(shapes_known // _MOST_SHAPES, 5) if holds else min(machine.runs.idle.get(function, 0) // _MOST_IDLE, 2)
    heavy = min(machine.runs.spent.get(function, 0) // _MOST_LOOKS, 2)
    labels = Labels(coarse, heavy, machine.every_mask, machine.numbered)
    abstracted: dict[str, Value] = {}
    shapes: list[Any] = []
    for name, value in values:
        labels.name = name
        abstracted[name], shape = labels.abstract(value)
        shapes.append((name, shape))
    receiver = tuple([one for one in values[0][1].refs if isinstance(one, ClassRef)]) if values else ()
    if labels.sparse and shapes_known >= _MOST_SHAPES * 6:
        abstracted, shapes = _widened(machine, (function, closure.owner, receiver), abstracted, labels)
    key = (function, closure.owner, tuple(shapes))
    if key in machine.memo:
        return machine.memo[key], labels
    ways = machine.runs.ways.get((way, receiver), 0)
    if ways >= _MOST_RUNS:
        machine.short.cut(function, f"is called in more than {_MOST_RUNS} ways")
        return None, labels
    if (
        frame.depth >= DEEPEST
        and not machine.runs.active.get(function)
        and any(one.holds & TAINTS for _, one in values)
    ):
        machine.short.cut(function, f"is called more than {DEEPEST} calls deep")
    if frame.depth >= DEEPEST or machine.runs.active.get(function, 0) >= _MOST_ACTIVE:
        return None, labels
    if len(machine.memo) > _MOST_OUTCOMES:
        machine.memo.clear()
    machine.runs.shapes[way] = shapes_known + 1
    machine.runs.ways[way, receiver] = ways + 1
    if not holds:
        machine.runs.idle[function] = machine.runs.idle.get(function, 0) + 1
    machine.memo[key] = None
    try:
        outcome = machine.memo[key] = _counted(machine, frame, closure, abstracted, labels)
    except BaseException:
        machine.memo.pop(key, None)
        raise
    machine.ran.add(function)
    machine.returns(function, all_taints(outcome.value))
    return outcome, labels


def _told(
    machine: Machine, frame: Frame, function: FunctionRef, given: dict[str, Value]
) -> tuple[tuple[FunctionRef, ...], int]:
    """The functions that a call is handed, where it matters which, and how many shapes such a call is taken to have had."""
    after = machine.runs.users.get(function)
    if function.encloses:  # it makes another function for each
        return tuple(handed(given.values())), 0
    if after is None:
        return (), 0
    found = tuple(handed(given.values()))
    if frame.handed:
        used(frame, found, after)
    is_told = machine.runs.shapes.get((function,), 0) >= after
    return (found, after - _MOST_SHAPES) if is_told else ((), 0)


def _counted(machine: Machine, frame: Frame, closure: Closure, given: dict[str, Value], labels: Labels) -> Outcome:
    """A run, with what it looks at itself counted."""
    function = closure.function
    around, before, machine.runs.inner = machine.runs.inner, WORK.done, 0
    machine.runs.active[function] = machine.runs.active.get(function, 0) + 1
    try:
        return _run(machine, frame, closure, given, labels)
    finally:
        machine.runs.active[function] -= 1
        looks = WORK.done - before
        machine.runs.spent[function] = machine.runs.spent.get(function, 0) + looks - machine.runs.inner
        machine.runs.inner = around + looks


def _widened(
    machine: Machine, kind: tuple[Any, ...], given: dict[str, Value], labels: Labels
) -> tuple[dict[str, Value], list[Any]]:
    """What stands for all calls of a function by one kind of receiver, and its shape."""
    widened = machine.runs.widened.setdefault(kind, Widened())
    given, labels.actual = widened.widen(given, labels.actual)
    labels.tokens, labels.where = widened.tokens[:], widened.where[:]
    return given, [kind[2], widened.version]


def _most_different(flows: tuple[Reached, ...]) -> tuple[Reached, ...]:
    """As many flows as are passed on: of each class in turn, and the first into each call before the second into any."""
    into = Counter[tuple[str, Place]]()
    of = Counter[str]()
    ranks: list[tuple[int, int]] = []
    for index, one in enumerate(flows):
        ranks.append((into[one.flaw, one.place], index))
        into[one.flaw, one.place] += 1
    turns: list[tuple[int, int]] = []
    for _, index in sorted(ranks):
        turns.append((of[flows[index].flaw], index))
        of[flows[index].flaw] += 1
    return tuple([flows[index] for _, index in sorted(turns)[:_MOST_PASSED]])


def _run(machine: Machine, frame: Frame, closure: Closure, abstracted: dict[str, Value], labels: Labels) -> Outcome:
    scope, inner = None, dict[str, Value]()
    if closure.scope is not None:
        inner = {name[1:]: value for name, value in abstracted.items() if name[0] == "^"}
        scope = Names.of({**closure.scope, **inner}, closure.scope.home)
    names = {name: value for name, value in abstracted.items() if name[0] != "^"}
    made = Frame(
        machine, Closure(closure.function, scope, closure.owner, closure.receiver, closure.kind), frame.depth + 1
    )
    machine.pending.append({})
    machine.stores.append({})
    try:
        made.sent = names.get(SENT, UNKNOWN)
        made.handed = frozenset(handed(abstracted.values()))
        end = machine.block(made, Env(dict(names)), closure.function.body)
    finally:
        flows = tuple(machine.pending.pop().values())
        stores = machine.stores.pop()
    if len(flows) > _MOST_PASSED:
        machine.short.cut(closure.function, f"makes more than {_MOST_PASSED} flows")
        flows = _most_different(flows)
    returns = list(made.returns)
    if end is not None:
        returns.append(Return(NONE, end, False))
    if closure.function.facts.generator:
        items: dict[Any, Value] = {ANY: made.yielded} if made.yielded is not NEVER else {}
        if any(one.value.kind != "none" for one in returns):
            items["return"] = join_all([one.value for one in returns])
        value = Value(items=items, kind="gen", refs=_resumed(closure, names))
        ends = True
    else:
        value = join_all([one.value for one in returns])
        ends = bool(returns)
    value = _declared(machine, closure, value, names)
    outs = {}
    for name, before in names.items():
        if all(one.env.vars[name] is before for one in returns):
            continue  # what guards cleared of it is told by beliefs
        changed = [one.env.settled(one.env.vars[name]) for one in returns if name not in one.env.rebound]
        if (
            changed
            and any(one is not before for one in changed)
            and not all(_only_cleared(one, before) for one in changed)
        ):
            outs[name] = join_all(changed)
    outs.update({f"^{name}": scope[name] for name, value in inner.items() if scope and scope[name] is not value})
    for index, (passed, kept) in enumerate(labels.scopes):
        now: dict[str, Any] = passed.scope or {}
        outs.update({f"~{index}~{name}": now[name] for name, value in kept.items() if now[name] is not value})
    believed = common([one.env.beliefs for one in returns], labels) if returns else {}
    raised = join_all(made.raised) if made.raised else NEVER
    given = {name: names[name] for name in outs if name in names}
    told = promise(returns, labels)
    return Outcome(value, outs, given, believed, told, flows, tuple(labels.tokens), raised, stores, ends)


def _resumed(closure: Closure, names: dict[str, Value]) -> tuple[Partial, ...]:
    """A generator that uses what is sent to it can be run once more, with that."""
    if not closure.function.receives:
        return ()
    given = {name: value for name, value in names.items() if name != SENT}
    twin = Closure(closure.function, closure.scope, closure.owner, None, "static")
    return (Partial(Value(refs=(twin,), kind="function"), [], given),)


def _declared(machine: Machine, closure: Closure, value: Value, given: dict[str, Value]) -> Value:
    """The value, with the return annotation's type when nothing else is known of it."""
    annotation = closure.function.facts.returns
    if annotation is None or value.refs or value.consts or value.items is not None or value.kind in ("number", "bool"):
        return value
    asked = _class_given(closure, annotation, given)
    if value.paths and asked is None and not machine.scopes.silent(value):
        return value
    frame = Frame(machine, Closure(closure.function.module.functions[0], closure.scope), DEEPEST - 1)
    kind = typed(frame, annotation) if asked is None else instance(frame, asked)
    return (
        value
        if kind is UNKNOWN or kind.kind == "number"
        else value.but(paths=kind.paths, refs=kind.refs, kind=kind.kind)
    )


def _class_given(closure: Closure, annotation: Any, given: dict[str, Value]) -> Value | None:
    """The class that a call asks for an instance of: `def get(self, kind: type[T]) -> T`."""
    sides = annotation[2:4] if type(annotation) is list and annotation[:2] == [code.BIN, "|"] else [annotation]
    for one in closure.function.facts.parameters:
        node = one.annotation
        if type(node) is list and node[0] == code.ITEM and word(node[1]) in _CLASSES and node[2] in sides:
            return given.get(one.name) if type(node[2]) is str else None
    return None


_CLASSES = frozenset({"type", "Type"})


def _only_cleared(after: Value, before: Value) -> bool:
    """Whether a parameter differs only by what guards cleared: that is told by beliefs, not as a change."""
    return after.items is before.items or (
        after.items is not None and before.items is not None and after.items.keys() == before.items.keys()
        and all(_only_cleared(after.items[key], before.items[key]) for key in after.items)
    ) if len(after.taints) == len(before.taints) and after.refs == before.refs else False  # fmt: skip


def _write_back(frame: Frame, env: Env, name: str, origin: dict[str, int], node: Any, value: Value) -> None:
    """A changed argument is changed where it came from."""
    if not node or type(node) is not list or node[0] != code.CALL:
        return
    index = origin.get(name)
    if index == -1:
        target = receiver_of(node)
        if type(target) is list and target[0] == code.CALL and target[1] == "super":
            target = frame.function.facts.parameters[0].name if frame.function.facts.parameters else None
        if target is not None:
            write(frame, env, target, value)
    elif index is not None and index < len(node[2]):
        write(frame, env, node[2][index], value)
    elif index is None:
        for word, argument in node[3]:
            if word == name:
                write(frame, env, argument, value)
