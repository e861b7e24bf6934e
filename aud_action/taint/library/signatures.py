"""Tasks that are queued: `task.delay(…)`, `task.s(…)`, and the chains and chords that hand one's result to the next."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure, Partial
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import unpacked
from aud_action.taint.values.fold import derived
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, NEVER, UNKNOWN, Value, join

_TASK = "celery.app.task.Task"


def _queued(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`task.delay(…)`: run later and elsewhere, so that what it checks is checked for nobody else."""
    given, named = _apart(given, named)
    return frame.machine.call(frame, env, given[0], given[1:], named, node) if given else UNKNOWN


def _signature(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`task.s(…)`: the task with what it is given, which comes behind the result of the one before."""
    given, named = _apart(given, named)
    if not given:
        return UNKNOWN
    missing = [UNKNOWN] if _lacks_one(given, named) else []
    frame.machine.call(frame, env, given[0], [*missing, *given[1:]], named, node)
    words = {name: value for name, value in named if name is not None}
    return Value(refs=(Partial(given[0], given[1:], words),), kind="function")


def _immutable(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`task.si(…)`: the same, for a task that takes nothing from the one before."""
    return _signature(frame, env, given, named, node).but(items={"immutable": constant(True)})


def _apart(given: list[Value], named: Named) -> tuple[list[Value], Named]:
    return [*given[:1], *(derived(one, "part") for one in given[1:])], [
        (name, derived(one, "part")) for name, one in named
    ]


def _lacks_one(given: list[Value], named: Named) -> bool:
    """Whether the first parameter is left for the result of another task."""
    words = {name for name, _ in named}
    for ref in given[0].refs:
        if isinstance(ref, Closure):
            asked = [one for one in ref.function.facts.parameters if not one.kind and one.default is None]
            bound = len(asked) > 0 and asked[0].name == "self"
            return len([one for one in asked[bound:] if one.name not in words]) == len(given)
    return False


def _chain(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`chain(first, second)` and `first | second`: each is given the result of the one before."""
    steps = unpacked(given[0]) or given if len(given) == 1 else given
    made = steps[0] if steps else UNKNOWN
    for step in steps[1:]:
        made = _followed(made, _result(frame, env, made, node), step)
    _result(frame, env, made, node)
    return made


def _chord(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`chord(header, body)`: the body is given a list of the results."""
    if len(given) < 2:  # the body comes with a second call
        return Value(refs=(Partial(Value(paths=("celery.chord",)), given, {}),), kind="function")
    return _chain(frame, env, given[:2], [], node)


def _group(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`group(one, another)`: all of them, whose results are a list."""
    return given[0] if len(given) == 1 and given[0].items else Value(items=dict(enumerate(given)), kind="list")


def _followed(before: Value, result: Value, step: Value) -> Value:
    if step.items and "immutable" in step.items:
        return step
    refs = [
        Partial(one.callee, [result, *one.positional], one.named)
        for one in step.refs if isinstance(one, Partial)
    ]  # fmt: skip
    return step.but(refs=tuple(refs)) if refs else before


def _result(frame: Frame, env: Env, step: Value, node: Any) -> Value:
    """What a signature comes to; of several, a list of what each does."""
    if any(isinstance(ref, Partial) for ref in step.refs):
        return frame.machine.call(frame, env, step, [], [], node)
    result = NEVER
    for one in (step.items or {}).values():
        result = join(result, _result(frame, env, one, node))
    return UNKNOWN if result is NEVER else Value(items={ANY: result}, kind="list")


def linked(frame: Frame, env: Env, left: Value, right: Value, node: Any) -> Value | None:
    """`first | second`; None where the right side is no signature."""
    is_signature = any(isinstance(ref, Partial) for ref in right.refs)
    return _chain(frame, env, [left, right], [], node) if is_signature else None


def _registered(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    """`app.register_task(Shell())` hands back the task."""
    return given[0] if given and given[0].kind == "object" else UNKNOWN


CALLS: Final = {
    "celery.Celery.register_task": _registered,
    f"{_TASK}.s": _signature, f"{_TASK}.si": _immutable,
    **dict.fromkeys([f"{_TASK}.{name}" for name in ("delay", "send", "defer", "kiq")], _queued),
    **{f"{module}.{name}": made for module in ("celery", "celery.canvas")
       for name, made in (("chain", _chain), ("chord", _chord), ("group", _group))},
}  # fmt: skip
