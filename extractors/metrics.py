"""The shape of functions in numbers."""

from __future__ import annotations

import ast
from typing import Any, Final

from extractors.codes import CODES, UNCOUNTED
from extractors.context import Context
from extractors.registry import extracts
from schema.shapes import FunctionMetric

_CALL, _RETURN = CODES[ast.Call], CODES[ast.Return]
_BRANCHES: Final = [CODES[kind] for kind in (ast.If, ast.IfExp, ast.match_case, ast.ExceptHandler)]
_LOOPS: Final = [CODES[kind] for kind in (ast.For, ast.AsyncFor, ast.While)]
_OTHERS: Final = [CODES[kind] for kind in (ast.BoolOp, ast.comprehension)]


@extracts(ast.FunctionDef, ast.AsyncFunctionDef)
def function_metric(node: Any, context: Context) -> tuple[()]:
    """
    The shape of each function.

    >>> rows(function_metric, "def f(a, *b):\\n    for x in a:\\n        if x and b: return g(x)\\n    def h(): return 1")
    FunctionMetric(branches=1, loops=1, returns=1, calls=1, nesting=2, cyclomatic=4, lines=4, parameters=2)
    FunctionMetric(branches=0, loops=0, returns=1, calls=0, nesting=0, cyclomatic=1, lines=1, parameters=0)
    """
    shape = context.inner(node).shape
    plain = shape.translate(None, UNCOUNTED)  # most functions are straight, and say so by a few bytes
    count = plain.count
    calls, returns = (count(_CALL), count(_RETURN)) if plain else (0, 0)
    branches = loops = others = 0
    if len(plain) > calls + returns:
        branches = sum([count(code) for code in _BRANCHES])
        loops = sum([count(code) for code in _LOOPS])
        others = sum([count(code) for code in _OTHERS])
    given = node.args
    parameters = (
        len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs) + bool(given.vararg) + bool(given.kwarg)
    )
    nesting = _nesting(node.body) if branches or loops else 0
    lines = node.end_lineno - node.lineno + 1
    cyclomatic = 1 + branches + loops + others
    context.put(FunctionMetric, node, (branches, loops, returns, calls, nesting, cyclomatic, lines, parameters))
    return ()


_BLOCKS: Final = ("body", "orelse", "finalbody")
_DEEP: Final = frozenset(
    {ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match}
)


def _nesting(body: list[Any]) -> int:
    """How deep the deepest block lies; `elif` is as deep as its `if`."""
    deepest = 0
    stack: list[tuple[Any, int]] = [(statement, 0) for statement in body]
    while stack:
        statement, depth = stack.pop()
        kind = statement.__class__
        if kind not in _DEEP:
            continue
        inner = depth + 1
        deepest = max(deepest, inner)
        fields = statement.__dict__
        for name in _BLOCKS:
            if block := fields.get(name):
                is_elif = name == "orelse" and len(block) == 1 and kind is ast.If and block[0].__class__ is ast.If
                stack += [(child, depth if is_elif else inner) for child in block]
        for holder in (*fields.get("handlers", ()), *fields.get("cases", ())):
            stack += [(child, inner) for child in holder.body]
    return deepest
