"""Operators: what they make of values, and what the project's classes make of them."""

from __future__ import annotations

from typing import Any

from aud_action.taint.calling.calls import call
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import Closure
from aud_action.taint.flaws.guards import sets
from aud_action.taint.frames.names import attribute
from aud_action.taint.library.signatures import linked
from aud_action.taint.objects.spelling import speller
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.concat import concat
from aud_action.taint.values.paths import path_join
from aud_action.taint.values.value import UNKNOWN, Value
from extractors.flow import code

_MOST_REPEATS = 8


def add(frame: Frame, env: Env, node: Any) -> Value:
    """`a + b + …`."""
    values = [frame.machine.value_of(frame, env, one) for one in node[1]]
    if any(value.refs and value.kind == "object" for value in values):
        result = values[0]
        for value in values[1:]:
            own = overloaded(frame, env, "__add__", result, value, node[2])
            result = added(frame, [result, value], node[2]) if own is None else own
        return result
    return added(frame, values, node[2])


def overloaded(frame: Frame, env: Env, name: str, left: Value, right: Value, at: int) -> Value | None:
    """What an operator means for an object of the project's own; None when it doesn't say."""
    for base, other, word in ((left, right, name), (right, left, f"__r{name[2:]}")):
        method = attribute(frame, env, base, word) if base.refs and base.kind == "object" else UNKNOWN
        if any(isinstance(ref, Closure) for ref in method.refs):
            return call(frame, env, method, [other], [], [code.CALL, None, [], [], at])
    return None


_OPERATORS = {
    "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__", "|": "__or__",
    "&": "__and__", "^": "__xor__", "<<": "__lshift__", ">>": "__rshift__", "@": "__matmul__",
}  # fmt: skip


_MARKUP = "markupsafe.Markup"


def _escaped(frame: Frame, values: list[Value]) -> list[Value]:
    """What an operator makes of values beside a piece of markup: it escapes them."""
    mask = frame.machine.models.mask(["xss"])
    return [one if _MARKUP in one.paths else each_taint(one, lambda taint: taint.clearing(mask)) for one in values]


def added(frame: Frame, values: list[Value], at: int) -> Value:
    """What `+` makes: a sum of numbers, a longer list, or a longer text."""
    if all(value.kind == "number" for value in values):
        return fold.sum_of(values)
    if any(value.kind in ("list", "tuple") for value in values):
        return fold.longer(values)
    if any(_MARKUP in value.paths for value in values):
        return frame.step(concat(_escaped(frame, values)), at, "becomes part of a text").but(paths=(_MARKUP,))
    return frame.step(concat(values), at, "becomes part of a text")


def binary(frame: Frame, env: Env, node: Any) -> Value:
    """An operator other than `+`."""
    left, right = frame.machine.value_of(frame, env, node[2]), frame.machine.value_of(frame, env, node[3])
    if (left.refs or right.refs) and node[1] in _OPERATORS:
        own = overloaded(frame, env, _OPERATORS[node[1]], left, right, node[4])
        if own is not None:
            return own
        chain = linked(frame, env, left, right, [code.CALL, None, [], [], node[4]]) if node[1] == "|" else None
        if chain is not None:
            return chain
    ends = (*left.paths, *right.paths) if node[1] == "|" else ()
    if any(_RUNNABLE in (path, *frame.machine.models.ancestors(path)) for path in ends):
        return Value(paths=(_RUNNABLE,), kind="object")
    return operated(frame, env, node[1], left, right, node[4])


_RUNNABLE = "langchain_core.runnables.Runnable"
"""A language model of LangChain's, or a chain with one in it: what is linked to it by `|` is such a chain."""


def _object(value: Value) -> tuple[str, ...]:
    """What a side of a `/` is, unless it is but a setting: `settings.ROOT / name` is a path."""
    return () if any(path.rpartition(".")[2].isupper() for path in value.paths) else value.paths


def _instance(value: Value) -> tuple[str, ...]:
    """What the right side of a `/` is, when it is an instance of a class: only then does it say what the quotient is."""
    return tuple(path for path in value.paths if path.rpartition(".")[2].istitle())


def changed(frame: Frame, env: Env, sign: str, left: Value, right: Value, at: int) -> Value:
    """What `x += y` and its kin make of x."""
    word = "__add__" if sign == "+" else _OPERATORS.get(sign)
    if left.refs and left.kind == "object" and word is not None:
        for name in (f"__i{word[2:]}", word):
            own = overloaded(frame, env, name, left, right, at)
            if own is not None:
                return own
    return operated(frame, env, sign, left, right, at)


def operated(frame: Frame, env: Env, sign: str, left: Value, right: Value, at: int) -> Value:
    """What an operator other than `+` makes of two values."""
    if sign == "+":
        return added(frame, [left, right], at)
    if sign == "%" and _MARKUP in left.paths:
        (right,) = _escaped(frame, [right])
        return frame.step(fold.percent(left, right, speller(frame, env)), at, "is formatted into a text").but(
            paths=(_MARKUP,)
        )
    if sign == "%" and left.kind != "number":
        return frame.step(fold.percent(left, right, speller(frame, env)), at, "is formatted into a text")
    if sign == "/" and (right.kind != "number" or left.paths):
        joined = path_join([left, right])
        return joined.but(paths=_object(left) or _instance(right) or ("pathlib.Path",))
    if sign in "-&^" and "set" in (left.kind, right.kind):
        return sets(frame, sign, left, right)
    if sign == "|" and (left.items is not None or right.items is not None):
        return fold.merged(left, right)
    if sign == "*" and left.kind in ("list", "tuple") and right.consts and type(right.consts[0]) is int:
        return fold.longer([left] * min(max(right.consts[0], 0), _MOST_REPEATS)) if right.consts[0] > 0 else left
    if sign == "*" and left.consts is None and (left.taints or left.items is not None):
        return left
    return fold.arithmetic(sign, left, right)
