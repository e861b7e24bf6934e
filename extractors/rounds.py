"""What the loops around a call bind in each of their rounds, when what they go through is written out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Final

from extractors.context import Context

_MOST: Final = 512
"""Rounds that are told apart; who registers more does so from data."""
_DEPTH: Final = 4
_SAME: Final = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter"})
_PARTS: Final = frozenset({"items", "keys", "values"})
Values = dict[str, ast.expr]


class _Filling(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


def unrolled(node: ast.Call, context: Context) -> Iterator[ast.Call]:
    """
    The call as it is made in each round of the loops around it; the call itself outside of loops that are known.

    >>> list(each_round("for a, b in {'x': 1, 'y': 2}.items():\\n    f('/' + a, b)"))
    ["f('/' + 'x', 1)", "f('/' + 'y', 2)"]
    >>> list(each_round("for i, c in enumerate(x): f(i, c)")), list(each_round("N = [k, m.v]\\nfor n in sorted(N): f(n.bp)"))
    (['f(i, c)'], ['f(k.bp)', 'f(m.v.bp)'])
    >>> list(each_round("x = [f(a) for a in (1, 2)]"))
    ['f(1)', 'f(2)']
    """
    for values in rounds(node, context):
        yield filled(node, values)


def listed(node: ast.ListComp | ast.GeneratorExp, context: Context) -> list[ast.expr]:
    """The elements of a comprehension, one for each round; none when its rounds aren't known."""
    found: list[Values] = [{}]
    for loop in node.generators:
        bound = [_assigned(loop.target, element) for element in elements(loop.iter, context)]
        if loop.ifs or not bound or len(found) * len(bound) > _MOST:
            return []
        found = [{**outer, **inner} for outer in found for inner in bound]
    return [_Filling(values).visit(copy.deepcopy(node.elt)) for values in found]


def filled(node: ast.Call, values: Values) -> ast.Call:
    """A call with expressions in the place of names."""
    found = put(node, values)
    return found if isinstance(found, ast.Call) else node


def put(node: ast.expr, values: Values) -> ast.expr:
    """Any expression with expressions in the place of names."""
    found = _Filling(values).visit(copy.deepcopy(node)) if values else node
    return found if isinstance(found, ast.expr) else node


def around(node: ast.AST, context: Context) -> list[ast.For | ast.comprehension]:
    """The loops of the scope, and of the statement, whose body a node stands in, outermost first."""
    line = getattr(node, "lineno", 0)
    loops = [item for item, _ in context.scope.items if isinstance(item, ast.For)]
    standing = [loop for loop in loops if _begin(loop) <= line <= (loop.end_lineno or 0)]
    statement = context.statement
    return [*standing, *_comprehensions(node, getattr(statement, "value", None) or getattr(statement, "test", None))]


def _begin(loop: ast.For) -> int:
    """The line that a loop's body begins at, with what decorates a definition there."""
    first = loop.body[0]
    decorators: list[ast.expr] = getattr(first, "decorator_list", [])
    return min([first.lineno, *(one.lineno for one in decorators)])


def _comprehensions(node: ast.AST, value: ast.AST | None) -> list[ast.comprehension]:
    """The loops of the comprehensions in a statement's value whose element a node is, or is part of."""
    found: list[ast.comprehension] = []
    for part in _parts(value) if value is not None else ():
        if isinstance(part, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            element = part.value if isinstance(part, ast.DictComp) else part.elt
            if any(inner is node for inner in _parts(element)):
                found += part.generators
    return found


def _parts(value: ast.AST) -> Iterator[ast.AST]:
    """A value and everything in it."""
    queue = [value]
    for part in queue:
        yield part
        queue += ast.iter_child_nodes(part)


def rounds(node: ast.AST, context: Context) -> list[Values]:
    """What the loops around a node bind, round by round; nothing, once, where there is none that is known."""
    found: list[Values] = [{}]
    for loop in around(node, context):
        bound = [_assigned(loop.target, element) for element in elements(loop.iter, context)]
        if bound and len(found) * len(bound) <= _MOST:
            found = [{**outer, **inner} for outer in found for inner in bound]
    return found


def _assigned(target: ast.expr, value: ast.expr) -> Values:
    """What an assignment of one element binds."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    bound: Values = {}
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        if len(target.elts) == len(value.elts):
            for inner, given in zip(target.elts, value.elts, strict=True):
                bound.update(_assigned(inner, given))
    return bound


def elements(node: ast.expr | None, context: Context, depth: int = 0) -> list[ast.expr]:
    """The elements of what is written out: a list, a dictionary or its items, also by name; empty when not known."""
    if depth > _DEPTH:
        return []
    if isinstance(node, ast.Name):
        bound = context.binding(node.id)
        return elements(bound, context, depth + 1) if isinstance(bound, ast.expr) else []
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        return elements(_of_class(node.attr, context), context, depth + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = elements(node.left, context, depth + 1), elements(node.right, context, depth + 1)
        return left + right if left and right else []
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [] if any(isinstance(item, ast.Starred) for item in node.elts) else node.elts
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= _MOST:
        return [ast.copy_location(ast.Constant(letter), node) for letter in node.value]
    if isinstance(node, ast.Dict):
        return [] if None in node.keys else [key for key in node.keys if key is not None]
    return _of_call(node, context, depth) if isinstance(node, ast.Call) and not node.keywords else []


def _of_class(name: str, context: Context) -> ast.expr | None:
    """What the class around binds a name to, in its own body."""
    scope = context.scope
    while scope.parent is not None and scope.kind != "class":
        scope = scope.parent
    bound = scope.bindings.get(name) if scope.kind == "class" else None
    return bound if isinstance(bound, ast.expr) else None


def _of_call(node: ast.Call, context: Context, depth: int) -> list[ast.expr]:
    func, first = node.func, node.args[0] if node.args else None
    if isinstance(func, ast.Attribute) and func.attr in _PARTS and not node.args:
        owner = context.binding(func.value.id) if isinstance(func.value, ast.Name) else func.value
        if isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name) and owner.value.id in ("self", "cls"):
            owner = _of_class(owner.attr, context)
        if not isinstance(owner, ast.Dict) or None in owner.keys:
            return []
        keys = [key for key in owner.keys if key is not None]
        pairs: list[ast.expr] = [
            ast.copy_location(ast.Tuple([key, value], ast.Load()), value)
            for key, value in zip(keys, owner.values, strict=True)
        ]
        return {"items": pairs, "keys": keys, "values": list(owner.values)}[func.attr]
    if isinstance(func, ast.Name) and func.id in _SAME and len(node.args) == 1:
        return elements(first, context, depth + 1)
    return []


def each_round(source: str) -> Iterator[str]:
    """The calls of `f` in each round of a module's loops: for the examples here."""
    from extractors.survey import Surveyor

    tree = ast.parse(source)
    context = Context(source.encode(), tree, Surveyor("m", False).survey(tree), "m.py", "m", False)
    for node, statement in context.scope.items:
        context.statement = statement
        if isinstance(node, ast.Call) and context.text(node.func) == "f":
            yield from map(ast.unparse, unrolled(node, context))
