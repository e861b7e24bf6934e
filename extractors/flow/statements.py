"""Statements, lowered: structure is kept, so that the analysis is sensitive to order and branches."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from extractors.flow import code
from extractors.flow.code import Code
from extractors.flow.expressions import SIGNS, expression
from extractors.flow.scope import Scope

Statement = Callable[[Scope, Any], Code]


def block(scope: Scope, nodes: list[ast.stmt]) -> list[Code]:
    """The code of a sequence of statements; what follows an exit is dropped."""
    lowered: list[Code] = []
    for node in nodes:
        handler = _LOWER.get(type(node))
        if handler is None:
            continue
        one = handler(scope, node)
        if one is None:
            continue
        lowered += one if type(one) is list else (one,)
        if type(node) in _EXITS:
            break
    scope.size += len(lowered)
    return lowered


def _expr(scope: Scope, node: ast.Expr) -> Code:
    if type(node.value) is ast.Constant:
        return None
    return (code.DO, expression(scope, node.value))


def _assign(scope: Scope, node: ast.Assign) -> Code:
    value = expression(scope, node.value)
    return (code.SET_TO, [_target(scope, target) for target in node.targets], value, scope.at(node))


def _target(scope: Scope, node: ast.expr) -> Code:
    if type(node) is ast.Name:
        return node.id
    if type(node) is ast.Attribute and type(node.value) is ast.Name and node.value.id == scope.first:
        scope.stores[node.attr] = None
    elif type(node) in (ast.Tuple, ast.List):
        return (code.TUPLE, [_target(scope, one) for one in node.elts])  # type: ignore[attr-defined] # both have elts
    return expression(scope, node)


def _typed(scope: Scope, node: ast.AnnAssign) -> Code:
    if type(node.target) is ast.Name:
        value = None if node.value is None else expression(scope, node.value)
        return (code.TYPED, node.target.id, annotation(scope, node.annotation), value, scope.at(node))
    if node.value is None:
        return None
    return (code.SET_TO, [_target(scope, node.target)], expression(scope, node.value), scope.at(node))


def _change(scope: Scope, node: ast.AugAssign) -> Code:
    value = expression(scope, node.value)
    return (code.CHANGE, _target(scope, node.target), SIGNS[type(node.op)], value, scope.at(node))


def _return(scope: Scope, node: ast.Return) -> Code:
    return (code.RETURN, None if node.value is None else expression(scope, node.value), scope.at(node))


def _if(scope: Scope, node: ast.If) -> Code:
    test = expression(scope, node.test)
    return (code.IF, test, block(scope, node.body), block(scope, node.orelse))


def _while(scope: Scope, node: ast.While) -> Code:
    test = expression(scope, node.test)
    return (code.WHILE, test, block(scope, node.body), block(scope, node.orelse))


def _for(scope: Scope, node: ast.For | ast.AsyncFor) -> Code:
    source = expression(scope, node.iter)
    target, at = _target(scope, node.target), scope.at(node.iter)
    return (code.FOR, target, source, block(scope, node.body), block(scope, node.orelse), at)


def _try(scope: Scope, node: ast.Try) -> Code:
    body = block(scope, node.body)
    handlers = [
        (
            None if one.type is None else expression(scope, one.type),
            one.name,
            block(scope, one.body),
            scope.at(one),
        )
        for one in node.handlers
    ]
    return (code.TRY, body, handlers, block(scope, node.orelse), block(scope, node.finalbody))


def _with(scope: Scope, node: ast.With | ast.AsyncWith) -> Code:
    items = [
        (expression(scope, one.context_expr), None if one.optional_vars is None else _target(scope, one.optional_vars))
        for one in node.items
    ]
    return (code.WITH, items, block(scope, node.body))


def _raise(scope: Scope, node: ast.Raise) -> Code:
    return (code.RAISE, None if node.exc is None else expression(scope, node.exc))


def _delete(scope: Scope, node: ast.Delete) -> Code:
    return (code.DELETE, [_target(scope, one) for one in node.targets])


def _def(scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Code:
    decorators = [expression(scope, one) for one in node.decorator_list]
    return (code.DEF, scope.file.function(scope, node), decorators, scope.at(node))


def _class(scope: Scope, node: ast.ClassDef) -> Code:
    return (code.CLASS, scope.file.classdef(scope, node))


def _import(scope: Scope, node: ast.Import) -> Code:
    lowered = []
    for one in node.names:
        bound = one.asname or one.name.partition(".")[0]
        lowered.append((code.IMPORT, bound, one.name if one.asname else bound, None, 0))
        scope.mentioned.update(one.name.split("."))
    return lowered


def _import_from(scope: Scope, node: ast.ImportFrom) -> Code:
    module, level = node.module or "", node.level
    scope.mentioned.update(module.split("."))
    scope.mentioned.update(one.name for one in node.names)
    return [(code.IMPORT, one.asname or one.name, module, one.name, level) for one in node.names]


def _global(scope: Scope, node: ast.Global) -> Code:
    scope.changed.update(node.names)
    scope.mentioned.update(node.names)
    return (code.GLOBAL, node.names)


def _assert(scope: Scope, node: ast.Assert) -> Code:
    return (code.ASSERT, expression(scope, node.test))


def _match(scope: Scope, node: ast.Match) -> Code:
    cases = [
        (
            _pattern(scope, case.pattern),
            None if case.guard is None else expression(scope, case.guard),
            block(scope, case.body),
        )
        for case in node.cases
    ]
    return (code.MATCH, expression(scope, node.subject), cases)


def _pattern(scope: Scope, node: ast.pattern) -> Code:
    match node:
        case ast.MatchValue(value=value):
            return (code.EQUALS, expression(scope, value))
        case ast.MatchSingleton(value=value):
            return (code.EQUALS, (code.CONST, value))
        case ast.MatchAs(pattern=pattern, name=name):
            return (code.CAPTURE, name, None if pattern is None else _pattern(scope, pattern))
        case ast.MatchOr(patterns=patterns):
            return (code.ANY_OF, [_pattern(scope, one) for one in patterns])
        case ast.MatchSequence(patterns=patterns):
            return (code.SEQUENCE, [_pattern(scope, one) for one in patterns])
        case ast.MatchStar(name=name):
            return (code.REST, name)
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            pairs = zip(keys, patterns, strict=True)
            return (code.MAPPING, [(expression(scope, key), _pattern(scope, one)) for key, one in pairs], rest)
        case ast.MatchClass(cls=cls, patterns=patterns, kwd_attrs=names, kwd_patterns=named):
            shape = [(name, _pattern(scope, one)) for name, one in zip(names, named, strict=True)]
            return (code.SHAPE, expression(scope, cls), [_pattern(scope, one) for one in patterns], shape)
    return (code.CAPTURE, None, None)


def annotation(scope: Scope, node: ast.expr | None) -> Code:
    """The code of an annotation; a quoted one is parsed."""
    if type(node) is ast.Constant and type(node.value) is str:
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return None if node is None else expression(scope, node)


_EXITS = {ast.Return, ast.Raise, ast.Break, ast.Continue}
_LOWER: dict[type, Statement] = {
    ast.Expr: _expr,
    ast.Assign: _assign,
    ast.AnnAssign: _typed,
    ast.AugAssign: _change,
    ast.Return: _return,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Raise: _raise,
    ast.Delete: _delete,
    ast.FunctionDef: _def,
    ast.AsyncFunctionDef: _def,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Assert: _assert,
    ast.Match: _match,
    ast.Break: lambda _scope, _node: (code.BREAK,),
    ast.Continue: lambda _scope, _node: (code.CONTINUE,),
}
