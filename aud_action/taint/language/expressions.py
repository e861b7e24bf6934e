"""Expressions: what each construct makes of the values it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aud_action.taint.calling.calls import call, evaluated
from aud_action.taint.code.frame import Env, Frame, Names, keyed
from aud_action.taint.code.program import Closure, FunctionRef, Method
from aud_action.taint.code.reads import call_key, read_key
from aud_action.taint.flaws import named
from aud_action.taint.flaws.asked import compared
from aud_action.taint.flaws.sinks import reach
from aud_action.taint.flaws.sources import read
from aud_action.taint.frames import records
from aud_action.taint.frames.assign import URL_PARTS, element, unpacked
from aud_action.taint.frames.names import attribute, inherited, lookup, stood_for
from aud_action.taint.frameworks import schemas, submitted
from aud_action.taint.frameworks.routes import capture
from aud_action.taint.language.comprehensions import comprehension
from aud_action.taint.language.conditions import choose, split
from aud_action.taint.language.operators import add, binary
from aud_action.taint.language.templates import template
from aud_action.taint.library.book import CALLS
from aud_action.taint.objects import regex
from aud_action.taint.objects.methods import KNOWN_METHODS, is_table
from aud_action.taint.objects.spelling import piece, text
from aud_action.taint.values import fold
from aud_action.taint.values.harmless import ALL
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import ANY, BOOL, NEVER, UNKNOWN, Taint, Value, join, join_all, join_taints, tainted
from extractors.flow import code

Evaluate = Callable[[Frame, Env, Any], Value]


def value_of(frame: Frame, env: Env, node: Any) -> Value:
    """The value of an expression. Raises Unreachable when it never comes about."""
    if type(node) is str:
        found = lookup(frame, env, node)
        return found if found.kind != "proxy" else stood_for(frame, env, found)
    if node is None:
        return constant(None)
    return _VALUES[node[0]](frame, env, node)


def _constant(_frame: Frame, _env: Env, node: Any) -> Value:
    return constant(node[1])


def _some(_frame: Frame, _env: Env, _node: Any) -> Value:
    return UNKNOWN


def _attribute(frame: Frame, env: Env, node: Any) -> Value:
    key = read_key(node)
    if key is not None and key in env.reads:
        return env.reads[key]
    base = value_of(frame, env, node[1])
    value = attribute(frame, env, base, node[2])
    owners = (*base.paths, *inherited(frame, base)) if base.refs else base.paths
    if owners:
        value = read(frame, value, [f"{path}.{node[2]}" for path in owners], node)
    if value is UNKNOWN and base.items is not None and base.kind in _HELD and node[2] in KNOWN_METHODS:
        return Value(refs=(Method(node[1], node[2], base, env.vars.home),), kind="function")
    value = named.read(frame, named.apart(frame, base, value, node[2]), node[2], node)
    if base.refs and submitted.is_validated(frame, base, node[2], value):
        value = submitted.validated(frame, base, value)
    if node[2] == "data" and base.paths:
        value = schemas.data(frame, env, node[1], base, value)
    if key is not None and value.taints:
        env.reads[key] = value
    return value


_HELD = {"list", "dict", "set", "tuple"}


def _item(frame: Frame, env: Env, node: Any) -> Value:
    key = read_key(node)
    if key is not None and key in env.reads:
        return env.reads[key]
    base = value_of(frame, env, node[1])
    if type(node[2]) is list and node[2][0] == code.SLICE:
        return named.shortened(
            frame, fold.sliced(base, [value_of(frame, env, one) if one else None for one in node[2][1:]])
        )
    index = value_of(frame, env, node[2])
    value = subscript(frame, env, base, index, node)
    if index.consts is not None and len(index.consts) == 1:
        name = index.consts[0]
        value = named.read(frame, named.apart(frame, base, value, name), name, node)
    if key is not None and value.taints:
        env.reads[key] = value
    return value


def subscript(frame: Frame, env: Env, base: Value, index: Value, node: Any) -> Value:
    """What `base[index]` is."""
    method = attribute(frame, env, base, "__getitem__") if base.refs else UNKNOWN
    if any(isinstance(ref, Closure) for ref in method.refs):
        return call(frame, env, method, [index], [], node)
    if base.kind == "class" and base.refs and not _has_members(frame, base):
        return base  # with its types: `Repository[Book]`
    group = regex.subscript(base, index)
    if group is not None:
        return group
    if "urllib.parse.ParseResult" in base.paths and index.consts and index.consts[0] in (0, 1, 2):
        return attribute(frame, env, base, URL_PARTS[index.consts[0]])
    value = named.looked_up(frame, base, element(base, keyed(index)), index)
    if index.taints and is_table(base, node[1]):
        for taint in index.taints:  # it is one of the keys, or this was an error
            env.believe(taint.token, ALL)
    if base.paths:
        if base.paths[0] == _GLOBALS:
            reach(frame, env, f"{_GLOBALS}.get", [index], [], None, [code.CALL, node[1], [], [], node[-1]])
            return CALLS[f"{_GLOBALS}.get"](frame, env, [index], [], node)
        paths = tuple(frame.machine.models.type_of(f"{path}[]") for path in base.paths)
        value = read(frame, value.but(paths=value.paths or paths), [f"{path}[]" for path in base.paths], node)
        held = frame.machine.scopes.held(base, keyed(index))
        value = value if held is None else join(value, held)
        value = capture(frame, value, base, keyed(index))
    return value


_GLOBALS = "builtins.globals()"


def _has_members(frame: Frame, owner: Value) -> bool:
    """Whether a class is an enumeration: `Colour[name]` is one of its members."""
    return any(path.startswith("enum.") for ref in owner.refs for path in frame.machine.lineage(ref))


def _call(frame: Frame, env: Env, node: Any) -> Value:
    return call_node(frame, env, node)


def arguments(frame: Frame, env: Env, node: Any) -> tuple[list[Value], list[tuple[str | None, Value]]]:
    """The values of a call's arguments; a spread of known length is spread."""
    positional: list[Value] = []
    for one in node[2]:
        if type(one) is list and one[0] == code.STAR:
            value = value_of(frame, env, one[1])
            positional += unpacked(value)
        else:
            positional.append(value_of(frame, env, one))
    words: list[tuple[str | None, Value]] = []
    spelled = {name for name, _ in node[3] if name is not None}  # which a mapping beside it can't hold
    for name, one in node[3]:
        value = value_of(frame, env, one)
        if name is None and value.items is not None and ANY not in value.items and not value.taints:
            words += [(key, item) for key, item in value.items.items() if isinstance(key, str) and key not in spelled]
        else:
            words.append((name, value))
    return positional, words


def call_node(frame: Frame, env: Env, node: Any) -> Value:
    """The value of a call as it stands in the program."""
    key = call_key(node)
    if key is not None and key in env.reads:
        return env.reads[key]
    if node[1] == "super":
        return frame.machine.super_of(frame, env, [value_of(frame, env, one) for one in node[2]])
    positional, words = arguments(frame, env, node)
    for name, given in words:
        if given.taints:
            named.stored(frame, env, name, given, node[-1], node[1])
    value = evaluated(frame, env, node, positional, words)
    if key is not None and value.taints:
        env.reads[key] = value
    return value


def _tuple(frame: Frame, env: Env, node: Any) -> Value:
    return _sequence(frame, env, node[1], "tuple")


def _list(frame: Frame, env: Env, node: Any) -> Value:
    return _sequence(frame, env, node[1], "list")


def _sequence(frame: Frame, env: Env, nodes: list[Any], kind: str) -> Value:
    items: dict[Any, Value] = {}
    for node in nodes:
        if type(node) is list and node[0] == code.STAR:
            source = value_of(frame, env, node[1])
            spread = unpacked(source, single=False)
            if spread is None:
                items[ANY] = join(items.get(ANY, NEVER), iterate(frame, env, source, -1))
                continue
        else:
            spread = [value_of(frame, env, node)]
        for value in spread:
            if ANY in items:  # behind a part of unknown length
                items[ANY] = join(items[ANY], value)
            else:
                items[len(items)] = value
    return Value(items=items, kind=kind)


def _set(frame: Frame, env: Env, node: Any) -> Value:
    return _sequence(frame, env, node[1], "set")


def _dict(frame: Frame, env: Env, node: Any) -> Value:
    items: dict[Any, Value] = {}
    taints: tuple[Taint, ...] = ()
    for key, one in node[1]:
        value = value_of(frame, env, one)
        if key is None:
            items = fold.spread(items, value)
            taints = join_taints(taints, value.taints)
            continue
        name = value_of(frame, env, key)
        slot = keyed(name)
        items[slot] = join(items[slot], value) if slot == ANY and ANY in items else value
        taints = join_taints(taints, name.taints)
    return Value(taints, items=items, kind="dict")


def _bool(frame: Frame, env: Env, node: Any) -> Value:
    """`a or b`: each operand's value where the ones before it let it be reached."""
    result, here = NEVER, env.copy()
    operands = node[2]
    for index, one in enumerate(operands):
        value = value_of(frame, here, one)
        last = index == len(operands) - 1
        if last or _may_end(value, node[1]):
            result = join(result, here.settled(value if last else fold.truth_kept(value, node[1])))
        if last:
            break
        then, otherwise = split(frame, here, one)
        going = then if node[1] == "and" else otherwise
        if going is None:
            break
        here = going
    return UNKNOWN if result is NEVER else result


def _may_end(value: Value, word: str) -> bool:
    """Whether an operand that isn't the last may be the result."""
    if value.consts is not None:
        return any(bool(one) == (word == "or") for one in value.consts)
    return True


def _not(frame: Frame, env: Env, node: Any) -> Value:
    truth = fold.truth(value_of(frame, env, node[1]))
    return BOOL if truth is None else constant(not truth)


def _compare(frame: Frame, env: Env, node: Any) -> Value:
    values = [value_of(frame, env, node[1]), *(value_of(frame, env, right) for _, right in node[2])]
    if len(values) == 2:
        outcome = fold.compared(node[2][0][0], values[0], values[1])
        if outcome is not None:
            return constant(outcome)
        compared(frame, env, node[2][0][0], ((node[1], values[0]), (node[2][0][1], values[1])))
    return BOOL


def _choice(frame: Frame, env: Env, node: Any) -> Value:
    return choose(
        frame, env, node[1], lambda here: value_of(frame, here, node[2]), lambda here: value_of(frame, here, node[3])
    )


def _lambda(frame: Frame, env: Env, node: Any) -> Value:
    function = frame.module.functions[node[1]]
    return Value(refs=(Closure(function, captured(frame, env, function), frame.closure.owner),), kind="function")


def captured(frame: Frame, env: Env, function: FunctionRef) -> Names:
    """The names that an inner function sees: those around it, and what they see themselves of enclosing functions."""
    scope = frame.closure.scope
    if scope:
        for name in sorted(function.mentions & scope.keys() - env.vars.keys()):
            env.vars[name] = scope[name]
            frame.borrowed.add(name)
    return env.vars


def iterable(frame: Frame, env: Env, value: Value) -> Value:
    """What an object of the project gives to who goes through it; any other value itself."""
    method = attribute(frame, env, value, "__iter__") if value.refs else UNKNOWN
    if any(isinstance(ref, Closure) for ref in method.refs):
        return call(frame, env, method, [], [], [code.CALL, None, [], [], -1])
    return value


def iterate(frame: Frame, env: Env, value: Value, at: int) -> Value:
    """What one element of an iterable is."""
    value = iterable(frame, env, value)
    row = records.each(frame, value, [code.ITEM, None, None, at]) if value.kind == "object" and value.items else None
    if row is not None:
        return row
    step = UNKNOWN
    if value.refs and value.kind == "object":
        step = next((found for one in _STEPS if (found := attribute(frame, env, value, one)).refs), UNKNOWN)
    if any(isinstance(ref, Closure) for ref in step.refs):
        return call(frame, env, step, [], [], [code.CALL, None, [], [], -1])
    if value.kind == "dict":
        names = [constant(key) for key in value.items or {} if key != ANY]
        return join_all([*names, tainted(value.taints)] if value.taints or not names else names)
    opaque = value.items is None and value.taints  # a character, if it is a text
    one = fold.part(value, "element") if opaque else element(value, ANY)
    if value.paths:
        paths = tuple(frame.machine.models.type_of(f"{path}[]") for path in value.paths)
        keys = [f"{path}[]" for path in value.paths]
        one = read(frame, one.but(paths=one.paths or paths), keys, [code.ITEM, None, None, at])
    return one


_STEPS = ("__next__", "__anext__")


def _yield(frame: Frame, env: Env, node: Any) -> Value:
    frame.yielded = join(frame.yielded, env.settled(value_of(frame, env, node[1])))
    return frame.sent


def _yield_from(frame: Frame, env: Env, node: Any) -> Value:
    source = value_of(frame, env, node[1])
    frame.yielded = join(frame.yielded, env.settled(iterate(frame, env, source, -1)))
    returned = (source.items or {}).get("return") if source.kind == "gen" else None
    return UNKNOWN if returned is None else returned


def _bind(frame: Frame, env: Env, node: Any) -> Value:
    value = value_of(frame, env, node[2])
    env.bind(node[1], value)
    return value


def _star(frame: Frame, env: Env, node: Any) -> Value:
    return value_of(frame, env, node[1])


def _slice(_frame: Frame, _env: Env, _node: Any) -> Value:
    return UNKNOWN


def _minus(frame: Frame, env: Env, node: Any) -> Value:
    value = value_of(frame, env, node[1])
    method = attribute(frame, env, value, "__neg__") if value.refs and value.kind == "object" else UNKNOWN
    if any(isinstance(ref, Closure) for ref in method.refs):
        return call(frame, env, method, [], [], [code.CALL, None, [], [], -1])
    return fold.negative(value)


_VALUES: dict[int, Evaluate] = {
    code.CONST: _constant,
    code.SOME: _some,
    code.ATTR: _attribute,
    code.ITEM: _item,
    code.CALL: _call,
    code.ADD: add,
    code.BIN: binary,
    code.TEXT: text,
    code.TEMPLATE: template,
    code.PIECE: piece,
    code.TUPLE: _tuple,
    code.LIST: _list,
    code.SET: _set,
    code.DICT: _dict,
    code.BOOL: _bool,
    code.NOT: _not,
    code.COMPARE: _compare,
    code.CHOICE: _choice,
    code.LAMBDA: _lambda,
    code.EACH: comprehension,
    code.YIELD: _yield,
    code.YIELD_FROM: _yield_from,
    code.BIND: _bind,
    code.STAR: _star,
    code.SLICE: _slice,
    code.MINUS: _minus,
}
