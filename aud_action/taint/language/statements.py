"""Statements: how a block changes what is known. A block that never ends normally yields None."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aud_action.taint.code.frame import Beliefs, Env, Frame, Promise, Return, meet
from aud_action.taint.code.generated import is_generated
from aud_action.taint.code.program import Closure, Lazy
from aud_action.taint.flaws import named
from aud_action.taint.flaws.guards import calls_guard, guards
from aud_action.taint.frames.assign import assign, write
from aud_action.taint.language.conditions import split
from aud_action.taint.language.errors import caught, failing
from aud_action.taint.language.expressions import captured, value_of
from aud_action.taint.language.loops import for_, while_
from aud_action.taint.language.operators import changed
from aud_action.taint.language.patterns import matched
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.objects.methods import ANSWERS
from aud_action.taint.values import changes, fold
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import UNKNOWN, Source, Taint, Value, join
from extractors.flow import code


def block(frame: Frame, env: Env | None, nodes: list[Any]) -> Env | None:
    """Run statements one after the other."""
    for node in nodes:
        if env is None:
            return None
        frame.machine.budget.spend()
        try:
            env = _RUN[node[0]](frame, env, node)
        except Unreachable:
            return None
    return env


def _do(frame: Frame, env: Env, node: Any) -> Env:
    value_of(frame, env, node[1])
    return env


def _set(frame: Frame, env: Env, node: Any) -> Env:
    value, env = _judged(frame, env, node[2])
    for target in node[1]:
        if env.aliases and type(target) is not str:
            env.part(target)
        assign(frame, env, target, named.kept(frame, env, target, value, node[3]))
        if type(target) is list and target[0] == code.TUPLE:
            named.unpacked(frame, env, target[1], node[3])
    if (value.items is not None and value.kind in _MUTABLE) or (value.refs and value.kind == "object"):
        env.alias([*node[1], node[2]])
    return env


def _judged(frame: Frame, env: Env, node: Any) -> tuple[Value, Env]:
    """A value, with what it promises if it is the answer of a test."""
    kind = node[0] if type(node) is list else None
    if kind == code.CALL and node[1] not in ("any", "all"):
        frame.promises = None
        value = value_of(frame, env, node)
        promises = frame.told() or _guarding(frame, env, node)
        useless = promises is None or value.kind in ("object", "class", "function")
        return (value if useless else value.but(refs=(*value.refs, promises))), env
    if kind not in (code.COMPARE, code.NOT, code.CALL) and not (kind == code.BOOL and _tests(node, any)):
        return value_of(frame, env, node), env
    before = env.beliefs
    whole = None if kind != code.BOOL or _tests(node, all) else value_of(frame, env.copy(), node)
    then, otherwise = split(frame, env.copy(), node)
    after = meet(then, otherwise)
    if after is None:
        raise Unreachable
    if then is None or otherwise is None:
        return constant(then is not None) if whole is None else whole, after
    promise = _promised(before, then, otherwise)
    kept = () if promise is None else (promise,)
    if whole is None:
        return Value(kind="bool", refs=kept), after
    return whole if whole.refs else whole.but(refs=kept), after


def _guarding(frame: Frame, env: Env, node: Any) -> Promise | None:
    """What the answer of a library's check tells, whenever it is looked at."""
    last = frame.last_call
    if last is None or last.node is not node or not (last.method in ANSWERS or guards(frame, last)):
        return None
    then, otherwise = env.copy(), env.copy()
    calls_guard(frame, env, node, then, otherwise)
    return _promised(env.beliefs, then, otherwise)


def _promised(before: Beliefs, then: Env, otherwise: Env) -> Promise | None:
    told = [
        {token: one for token, one in side.beliefs.items() if before.get(token) != one} for side in (then, otherwise)
    ]
    return Promise(told[0], told[1], {}, {}) if any(told) else None


_MUTABLE = {"list", "dict", "set", "object"}


def _typed(frame: Frame, env: Env, node: Any) -> Env:
    frame.annotations[node[1]] = node[2]
    if node[3] is not None:
        value = value_of(frame, env, node[3])
        if value is UNKNOWN or frame.machine.scopes.silent(value):
            value = frame.machine.typed(frame, node[2])
        assign(frame, env, node[1], named.kept(frame, env, node[1], value, node[4]))
    return env


def _change(frame: Frame, env: Env, node: Any) -> Env:
    old = value_of(frame, env, node[1])
    new = changed(frame, env, node[2], old, value_of(frame, env, node[3]), node[4])
    if old.kind in _MUTABLE and type(node[1]) is str and node[1] in env.vars and node[1] not in frame.globals:
        frame.machine.write(frame, env, node[1], new)  # in place: whoever else holds it sees the change
    else:
        assign(frame, env, node[1], new)
    return env


def _return(frame: Frame, env: Env, node: Any) -> Env | None:
    value_node = node[1]
    kind = value_node[0] if type(value_node) is list else None
    if kind in (code.COMPARE, code.NOT) or (kind == code.BOOL and _tests(value_node, all)):
        then, otherwise = split(frame, env, value_node)
        for side, truth in ((then, True), (otherwise, False)):
            if side is not None:
                frame.returns.append(Return(constant(truth), side, truth))
        return None
    if kind in (code.CALL, code.BOOL):
        frame.last_value = UNKNOWN
        whole = value_of(frame, env.copy(), value_node) if kind == code.BOOL else None
        then, otherwise = split(frame, env, value_node)
        value = frame.last_value if whole is None else whole
        for side, truth in ((then, True), (otherwise, False)):
            if side is not None:
                frame.returns.append(_kept(frame, value, side, truth, node))
        return None
    value = value_of(frame, env, value_node)
    promise = next((one for one in value.refs if isinstance(one, Promise)), None) if value.kind == "bool" else None
    if promise is not None:
        then, otherwise = promise.applied(env, env.copy(), frame.machine.models.relations)
        for side, truth in ((then, True), (otherwise, False)):
            if side is not None:
                frame.returns.append(Return(constant(truth), side, truth))
        return None
    frame.returns.append(_kept(frame, value, env, None, node))
    return None


def _tests(node: Any, how: Callable[[Iterable[bool]], bool]) -> bool:
    """Whether all operands of `and` and `or` answer with yes or no, or any."""
    return how(
        type(one) is list
        and (
            one[0] in (code.COMPARE, code.NOT)
            or (one[0] == code.BOOL and _tests(one, how))
            or _asks(one)
            or (how is any and node[1] == "and" and one[0] == code.CALL)
        )
        for one in node[2]
    )


def _asks(node: Any) -> bool:
    """Whether a call answers with yes or no, whatever it is called on."""
    if node[0] != code.CALL:
        return False
    callee = node[1]
    return (type(callee) is str and callee in _QUESTIONS) or (
        type(callee) is list and callee[0] == code.ATTR and callee[2] in ANSWERS
    )


_QUESTIONS = {"isinstance", "issubclass", "hasattr", "callable", "any", "all", "bool"}


def _kept(frame: Frame, value: Value, env: Env, truth: bool | None, node: Any) -> Return:
    value = frame.machine.returned(frame, env, value, node[2])
    return Return(env.settled(value), env, truth)


def _if(frame: Frame, env: Env, node: Any) -> Env | None:
    then, otherwise = split(frame, env, node[1])
    return meet(block(frame, then, node[2]), block(frame, otherwise, node[3]))


_THERE = frozenset(
    "collections contextlib datetime enum functools hashlib hmac html importlib io ipaddress json pathlib secrets shlex subprocess "
    "tempfile typing urllib".split()
)
"""Modules that every Python has that a program may run on."""


def _is_there(nodes: list[Any]) -> bool:
    """Whether a block does nothing but import what is always there, or define functions."""
    imported = [one for one in nodes if one[0] == code.IMPORT]
    rest = any(one[0] not in (code.IMPORT, code.DEF) and one[0] != code.SET_TO for one in nodes)
    return bool(imported) and not rest and all(not one[4] and str(one[2]).split(".")[0] in _THERE for one in imported)


def _try(frame: Frame, env: Env, node: Any) -> Env | None:
    before = env.copy()
    returned = len(frame.returns)
    outer, frame.raised = frame.raised, []
    around, frame.thrown = frame.thrown, []
    after = block(frame, env, node[1])
    entry = failing(frame, node[1], before, after, [one.env for one in frame.returns[returned:]])
    if around is not None and not node[2]:
        around += frame.thrown
    raised, frame.raised = frame.raised, outer
    frame.thrown = around
    done = block(frame, after, node[3])
    for kind, name, body, at in [] if _is_there(node[1]) else node[2]:
        here = entry.copy() if entry is not None else None
        if here is not None:
            error, raised = caught(frame, here, kind, raised)
            before_that, frame.caught = frame.caught, error
            if name:
                here.bind(name, join(frame.machine.caught(frame, here, kind, at), error))
            done = meet(done, block(frame, here, body))
            frame.caught = before_that
    frame.raised += raised
    if node[4]:
        kept = len(frame.returns)
        ends = done is not None
        if done is not None and entry is not None and entry.beliefs.keys() != done.beliefs.keys():
            block(frame, entry.copy(), node[4])  # what the body has shown isn't shown where it failed
        done = block(frame, done if ends else entry.copy() if entry is not None else None, node[4])
        if done is None:
            del frame.returns[returned:kept]  # what it returns replaces what was returned
        return done if ends else None
    return done


def _with(frame: Frame, env: Env, node: Any) -> Env | None:
    for manager, target in node[1]:
        value = value_of(frame, env, manager)
        entered = frame.machine.entered(frame, env, value)
        if target is not None:
            assign(frame, env, target, entered)
    return block(frame, env, node[2])


def _raise(frame: Frame, env: Env, node: Any) -> Env | None:
    if node[1] is not None:
        error = env.settled(value_of(frame, env, node[1]))
        frame.raised.append(changes.each_taint(error, _reworded) if error.refs else error)
    elif frame.caught is not None:
        frame.raised.append(frame.caught)
    if frame.thrown is not None:
        frame.thrown.append(env)
    return None


_FOR_USERS = 45
"""Confidence, in percent, that an error of the project's own says too much: it was put into words for somebody."""


def _reworded(taint: Taint) -> Taint:
    if not isinstance(taint.origin, Source) or taint.origin.kind != "exception":
        return taint
    return taint._replace(confidence=taint.confidence * _FOR_USERS // 100)


def _break(frame: Frame, env: Env, _node: Any) -> None:
    if frame.breaks:
        frame.breaks[-1].append(env)


def _continue(frame: Frame, env: Env, _node: Any) -> None:
    if frame.continues:
        frame.continues[-1].append(env)


def _delete(frame: Frame, env: Env, node: Any) -> Env:
    for target in node[1]:
        if type(target) is str:
            env.bind(target, UNKNOWN)
        elif target[0] == code.ITEM:
            base = value_of(frame, env, target[1])
            if type(target[2]) is list and target[2][0] == code.SLICE:
                cut = [value_of(frame, env, one) if one else None for one in target[2][1:]]
                write(frame, env, target[1], fold.spliced(base, cut, []))
                continue
            frame.machine.without(frame, env, target[1], base, value_of(frame, env, target[2]))
        elif target[0] == code.ATTR:
            base = value_of(frame, env, target[1])
            frame.machine.without(frame, env, target[1], base, constant(target[2]))
    return env


def _def(frame: Frame, env: Env, node: Any) -> Env:
    function = frame.module.functions[node[1]]
    local = frame.function.index != 0 and not frame.machine.is_class_body(frame.function)
    scope = captured(frame, env, function) if local else frame.closure.scope
    owner = function.owner if not local else frame.closure.owner
    closure = Closure(function, scope, owner, None, "method" if frame.machine.is_class_body(frame.function) else "")
    value = Value(refs=(closure,), kind="function")
    for decorator in reversed(node[2]):
        value = frame.machine.decorated(frame, env, decorator, value, function)
    env.bind(function.facts.name, value)
    return env


def _class(frame: Frame, env: Env, node: Any) -> Env:
    owner = frame.module.classes[node[1]]
    frame.machine.declare(frame, env, owner)
    value = Value(refs=(owner,), kind="class")
    for decorator in reversed(owner.facts.decorators):
        callee = value_of(frame, env, decorator)
        if callee.refs:
            made = frame.machine.call(frame, env, callee, [value], [], [code.CALL, decorator, [None], [], -1])
            value = made if made.refs else value
    env.bind(owner.facts.name, value)
    return env


def _import(frame: Frame, env: Env, node: Any) -> Env:
    _, bound, module, name, level = node
    program = frame.machine.program
    full = program.absolute(module, level, frame.module)
    if name is None:
        found = program.resolve(full, frame.module)
        value: Any = Value(refs=(found,), kind="module") if found else frame.machine.library(full)
        if found is None and program.has_package(full):
            value = Value(paths=(full,))
    elif name == "*":
        frame.module.stars.append(program.resolve(full, frame.module) or full)
        return env
    else:
        inner = program.resolve(f"{full}.{name}", frame.module)
        found = program.resolve(full, frame.module)
        if found is not None:
            value = Lazy(found, name)
            if env.vars is frame.module.running:
                frame.module.origins[bound] = (found, name)
            else:
                frame.imports[bound] = (found, name)
        elif inner is not None:
            value = Value(refs=(inner,), kind="module")
        else:  # behind a dot it is of the project, but not here
            is_known = not level or is_generated(name, *full.split("."))
            value = frame.machine.library(f"{full}.{name}") if is_known else UNKNOWN
    env.bind(bound, value)
    return env


def _global(frame: Frame, env: Env, node: Any) -> Env:
    frame.globals.update(node[1])
    around = frame.closure.scope or ()
    env.vars.update({name: Lazy(frame.module, name) for name in node[1] if name not in env.vars and name not in around})
    return env


def _match(frame: Frame, env: Env, node: Any) -> Env | None:
    subject = value_of(frame, env, node[1])
    done: Env | None = None
    here: Env | None = env
    for pattern, guard, body in node[2]:
        if here is None:
            break
        then, here = matched(frame, here.copy(), subject, pattern)
        if then is not None and guard is not None:
            then, missed = split(frame, then, guard)
            here = meet(here, missed)
        done = meet(done, block(frame, then, body))
    return meet(done, here)


def _assert(frame: Frame, env: Env, node: Any) -> Env | None:
    return split(frame, env, node[1])[0]


_RUN: dict[int, Callable[[Frame, Env, Any], Env | None]] = {
    code.DO: _do,
    code.SET_TO: _set,
    code.TYPED: _typed,
    code.CHANGE: _change,
    code.RETURN: _return,
    code.IF: _if,
    code.WHILE: while_,
    code.FOR: for_,
    code.TRY: _try,
    code.WITH: _with,
    code.RAISE: _raise,
    code.BREAK: _break,
    code.CONTINUE: _continue,
    code.DELETE: _delete,
    code.DEF: _def,
    code.CLASS: _class,
    code.IMPORT: _import,
    code.GLOBAL: _global,
    code.MATCH: _match,
    code.ASSERT: _assert,
}
