"""Expressions, lowered."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from extractors.flow import code
from extractors.flow.code import Code
from extractors.flow.scope import Scope

_LONGEST_TEXT = 2000
_LONGEST_LITERAL = 128
_WIDEST_NUMBER = 1 << 62

Lower = Callable[[Scope, Any], Code]


def _constant(_scope: Scope, node: ast.Constant) -> Code:
    value: Any = node.value
    kind = type(value)
    if kind is str:
        if len(value) > _LONGEST_TEXT or not value.isprintable():
            value = value[:_LONGEST_TEXT].encode("utf-8", "replace").decode()
    elif kind is int:
        if not -_WIDEST_NUMBER < value < _WIDEST_NUMBER:
            return (code.SOME,)
    elif kind is bytes:
        value = value[:_LONGEST_TEXT]
    elif kind not in (float, bool, type(None)):
        return (code.SOME,)
    return (code.CONST, value)


def _name(scope: Scope, node: ast.Name) -> Code:
    scope.mentioned.add(node.id)
    return node.id


def _attribute(scope: Scope, node: ast.Attribute) -> Code:
    base = node.value
    scope.mentioned.add(node.attr)
    return (code.ATTR, _LOWER[type(base)](scope, base), node.attr, scope.at(node))


def _subscript(scope: Scope, node: ast.Subscript) -> Code:
    base, key = node.value, node.slice
    return (code.ITEM, _LOWER[type(base)](scope, base), _LOWER[type(key)](scope, key), scope.at(node))


def _call(scope: Scope, node: ast.Call) -> Code:
    callee = node.func
    at = scope.at(node)
    if type(callee) is ast.Attribute:
        base = callee.value
        scope.mentioned.add(callee.attr)
        target: Code = (code.ATTR, _LOWER[type(base)](scope, base), callee.attr, -1)
    else:
        target = _LOWER[type(callee)](scope, callee)
    positional = [_LOWER[type(argument)](scope, argument) for argument in node.args]
    if node.keywords:
        named = [(word.arg, _LOWER[type(word.value)](scope, word.value)) for word in node.keywords]
        return (code.CALL, target, positional, named, at)
    return (code.CALL, target, positional, (), at)


def _operator(scope: Scope, node: ast.BinOp) -> Code:
    at = scope.at(node)
    if type(node.op) is ast.Add:
        operands = [node.right]
        left = node.left
        while type(left) is ast.BinOp and type(left.op) is ast.Add:
            operands.append(left.right)
            left = left.left
        operands.append(left)
        return (code.ADD, [_LOWER[type(one)](scope, one) for one in reversed(operands)], at)
    left, right = node.left, node.right
    sign = _SIGNS[type(node.op)]
    return (code.BIN, sign, _LOWER[type(left)](scope, left), _LOWER[type(right)](scope, right), at)


def _text(scope: Scope, node: Any) -> Code:
    return (code.TEXT, [_LOWER[type(one)](scope, one) for one in node.values], scope.at(node))


def _template(scope: Scope, node: Any) -> Code:
    return (code.TEMPLATE, [_LOWER[type(one)](scope, one) for one in node.values], scope.at(node))


def _piece(scope: Scope, node: Any) -> Code:
    spec = node.format_spec
    lowered = None if spec is None else _LOWER[type(spec)](scope, spec)
    conversion = "" if node.conversion < 0 else chr(node.conversion)
    return (code.PIECE, _LOWER[type(node.value)](scope, node.value), conversion, lowered)


def _elements(kind: int) -> Lower:
    def lower(scope: Scope, node: Any) -> Code:
        elements = node.elts
        if len(elements) <= _LONGEST_LITERAL:
            return (kind, [_LOWER[type(one)](scope, one) for one in elements])
        head, rest = elements[:_LONGEST_LITERAL], elements[_LONGEST_LITERAL:]
        kept = [*head, *(one for one in rest if not _is_plain(one))]
        lowered = [_LOWER[type(one)](scope, one) for one in kept]
        if len(kept) < len(elements):
            lowered.insert(len(head), (code.STAR, (code.SOME,)))
        return (kind, lowered)

    return lower


def _is_plain(node: ast.expr | None) -> bool:
    """Whether it is data: of the end of a long table nothing is followed but what is called, named or handed on."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(map(_is_plain, node.elts))
    if isinstance(node, ast.Dict):
        return all(map(_is_plain, (*node.keys, *node.values)))
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _dict(scope: Scope, node: ast.Dict) -> Code:
    every = list(zip(node.keys, node.values, strict=True))
    pairs = [*every[:_LONGEST_LITERAL], *(pair for pair in every[_LONGEST_LITERAL:] if not all(map(_is_plain, pair)))]
    lowered = [
        (None if key is None else _LOWER[type(key)](scope, key), _LOWER[type(value)](scope, value))
        for key, value in pairs
    ]
    if len(pairs) < len(every):
        lowered.append(((code.SOME,), (code.SOME,)))
    return (code.DICT, lowered)


def _bool(scope: Scope, node: ast.BoolOp) -> Code:
    word = "and" if type(node.op) is ast.And else "or"
    return (code.BOOL, word, [_LOWER[type(one)](scope, one) for one in node.values])


def _unary(scope: Scope, node: ast.UnaryOp) -> Code:
    operand = _LOWER[type(node.operand)](scope, node.operand)
    if type(node.op) is ast.Not:
        return (code.NOT, operand)
    return (code.MINUS, operand) if type(node.op) is ast.USub else operand


def _compare(scope: Scope, node: ast.Compare) -> Code:
    rights = [
        (_TESTS[type(op)], _LOWER[type(right)](scope, right))
        for op, right in zip(node.ops, node.comparators, strict=True)
    ]
    return (code.COMPARE, _LOWER[type(node.left)](scope, node.left), rights)


def _choice(scope: Scope, node: ast.IfExp) -> Code:
    parts = (node.test, node.body, node.orelse)
    return (code.CHOICE, *[_LOWER[type(part)](scope, part) for part in parts])


def _comprehension(kind: str) -> Lower:
    def lower(scope: Scope, node: Any) -> Code:
        at = scope.at(node)
        loops = [
            (
                _LOWER[type(one.target)](scope, one.target),
                _LOWER[type(one.iter)](scope, one.iter),
                [_LOWER[type(test)](scope, test) for test in one.ifs],
            )
            for one in node.generators
        ]
        if kind == "dict":
            first, second = node.key, node.value
            return (code.EACH, kind, _LOWER[type(first)](scope, first), _LOWER[type(second)](scope, second), loops, at)
        return (code.EACH, kind, _LOWER[type(node.elt)](scope, node.elt), None, loops, at)

    return lower


def _inner(scope: Scope, node: Any) -> Code:
    return _LOWER[type(node.value)](scope, node.value)


def _yield(scope: Scope, node: ast.Yield) -> Code:
    scope.generator = True
    return (code.YIELD, None if node.value is None else _LOWER[type(node.value)](scope, node.value))


def _yield_from(scope: Scope, node: ast.YieldFrom) -> Code:
    scope.generator = True
    return (code.YIELD_FROM, _LOWER[type(node.value)](scope, node.value))


def _bind(scope: Scope, node: ast.NamedExpr) -> Code:
    return (code.BIND, node.target.id, _LOWER[type(node.value)](scope, node.value))


def _star(scope: Scope, node: ast.Starred) -> Code:
    return (code.STAR, _LOWER[type(node.value)](scope, node.value))


def _slice(scope: Scope, node: ast.Slice) -> Code:
    parts = (node.lower, node.upper, node.step)
    return (code.SLICE, *[None if part is None else _LOWER[type(part)](scope, part) for part in parts])


def _lambda(scope: Scope, node: ast.Lambda) -> Code:
    return (code.LAMBDA, scope.file.function(scope, node))


_SIGNS = {
    ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<",
    ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.MatMult: "@", ast.Add: "+",
}  # fmt: skip
_TESTS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
SIGNS = _SIGNS
_LOWER: dict[type, Lower] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.BinOp: _operator,
    ast.JoinedStr: _text,
    ast.FormattedValue: _piece,
    ast.Tuple: _elements(code.TUPLE),
    ast.List: _elements(code.LIST),
    ast.Set: _elements(code.SET),
    ast.Dict: _dict,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.GeneratorExp: _comprehension("gen"),
    ast.DictComp: _comprehension("dict"),
    ast.Await: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.NamedExpr: _bind,
    ast.Starred: _star,
    ast.Slice: _slice,
    ast.Lambda: _lambda,
}
# t-strings came with 3.14.
if hasattr(ast, "TemplateStr"):
    _LOWER[ast.TemplateStr] = _template
    _LOWER[getattr(ast, "Interpolation")] = _piece  # noqa: B009 # absent before 3.14: the type checker must not look


def expression(scope: Scope, node: ast.expr) -> Code:
    """The code of one expression."""
    return _LOWER[type(node)](scope, node)
