"""Functions, parameters, returns and decorators."""

from __future__ import annotations

import ast
import zlib
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from extractors.survey import GENERATOR_CODES, SHAPES
from schema.functions import Decorator, Function, Parameter, Return

_METHODS = {"staticmethod": "staticmethod", "classmethod": "classmethod", "property": "property"}
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own_nodes(function: Any) -> Iterator[ast.AST]:
    """The nodes of a function's own body, without those of definitions nested in it."""
    stack: list[Any] = [function.body] if isinstance(function, ast.Lambda) else list(reversed(function.body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _NESTED):
            continue
        for name in reversed(SHAPES[node.__class__]):
            value = getattr(node, name, None)
            if value.__class__ is list:
                stack.extend(child for child in reversed(value) if child is not None)
            elif value is not None:
                stack.append(value)


def _method_kind(node: Any, context: Context) -> str:
    if isinstance(node, ast.Lambda):
        return "lambda"
    if context.scope.kind != "class":
        return "function"
    names = (context.text(decorator) for decorator in node.decorator_list)
    kinds = (
        _METHODS.get(name, "property" if name.endswith((".setter", ".deleter", "cached_property")) else "")
        for name in names
    )
    return next(filter(None, kinds), "method")


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
def function(node: Any, context: Context) -> Iterator[Function | At]:
    """
    Each function and lambda, with its parameters.

    >>> rows(function, "async def f(a, /, b: int = 1, *args, c, d='x', **kw) -> str: return await g(b)")
    Function(name='f', qualified_name='m.f', kind='function', is_async=True, is_generator=False, is_nested=False, returns='str', is_typed=False, has_docstring=False, statements=1, body_hash='b8487df6')
    Parameter(name='a', position=0, kind='positional_only', annotation=None, default_source=None, default_constant=None, default_type=None)
    Parameter(name='b', position=1, kind='positional', annotation='int', default_source='1', default_constant='1', default_type='int')
    Parameter(name='args', position=2, kind='var_positional', annotation=None, default_source=None, default_constant=None, default_type=None)
    Parameter(name='c', position=3, kind='keyword_only', annotation=None, default_source=None, default_constant=None, default_type=None)
    Parameter(name='d', position=4, kind='keyword_only', annotation=None, default_source="'x'", default_constant='x', default_type='str')
    Parameter(name='kw', position=5, kind='var_keyword', annotation=None, default_source=None, default_constant=None, default_type=None)
    """
    name = getattr(node, "name", "<lambda>")
    kind = _method_kind(node, context)
    annotations = [argument.annotation for argument in _all_arguments(node.args)]
    own = annotations[1:] if kind in {"method", "classmethod", "property"} else annotations
    returns = getattr(node, "returns", None)
    shape_codes = context.inner(node).shape
    body = [] if kind == "lambda" else node.body
    documented = _is_docstring(body)
    yield Function(
        name=name,
        qualified_name=f"{context.scope.name}.{name}" if context.scope.name else name,
        kind=kind,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=not GENERATOR_CODES.isdisjoint(shape_codes),
        is_nested=_inside_function(context),
        returns=context.source(returns) or None,
        is_typed=returns is not None and all(annotation is not None for annotation in own),
        has_docstring=documented,
        statements=sum(1 for statement in body[documented:] if not _is_ellipsis(statement)) if kind != "lambda" else 1,
        body_hash=f"{zlib.crc32(shape_codes):08x}",
    )
    yield from _parameters(node.args, context)


def _inside_function(context: Context) -> bool:
    scope = context.scope
    while scope.kind == "class" and scope.parent is not None:
        scope = scope.parent
    return scope.kind in {"function", "lambda"}


def _is_docstring(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    value = first.value if isinstance(first, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_ellipsis(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and value.value is ...


def _all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    stars = [[arguments.vararg] if arguments.vararg else [], [arguments.kwarg] if arguments.kwarg else []]
    return [*arguments.posonlyargs, *arguments.args, *stars[0], *arguments.kwonlyargs, *stars[1]]


def _parameters(arguments: ast.arguments, context: Context) -> Iterator[At]:
    positional = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    plan: list[tuple[ast.arg, str, ast.expr | None]] = [
        (argument, "positional_only" if index < len(arguments.posonlyargs) else "positional", default)
        for index, (argument, default) in enumerate(zip(positional, [*missing, *arguments.defaults], strict=True))
    ]
    if arguments.vararg:
        plan.append((arguments.vararg, "var_positional", None))
    plan += [
        (argument, "keyword_only", default)
        for argument, default in zip_longest(arguments.kwonlyargs, arguments.kw_defaults)
        if argument is not None
    ]
    if arguments.kwarg:
        plan.append((arguments.kwarg, "var_keyword", None))
    for position, (argument, kind, default) in enumerate(plan):
        constant = NOT_CONSTANT if default is None else context.constant(default)
        yield At(
            argument,
            Parameter(
                name=argument.arg,
                position=position,
                kind=kind,
                annotation=context.source(argument.annotation) or None,
                default_source=context.source(default) or None,
                default_constant=constant_text(constant),
                default_type=None if constant is NOT_CONSTANT else type(constant).__name__,
            ),
        )


@extracts(ast.Return)
def returned(node: ast.Return, context: Context) -> Iterator[Return]:
    """
    Each return.

    >>> rows(returned, "def f(x): return 'a' + 'b'")
    Return(kind='concat', source="'a' + 'b'", constant='ab', callee=None)
    """
    value = node.value
    yield Return(
        kind=shape(value),
        source=context.source(value) or None,
        constant=constant_text(context.constant(value)) if value is not None else None,
        callee=(context.name(value.func) or None) if isinstance(value, ast.Call) else None,
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
def decorator(node: Any, context: Context) -> Iterator[At]:
    """
    Each decorator on a function or class.

    >>> rows(decorator, "from functools import lru_cache as c\\n@c(maxsize=1)\\ndef f(): ...")
    Decorator(name='functools.lru_cache', text='c', target='f', target_kind='function', target_site=1, position=0, has_arguments=True, is_async=False)
    """
    if not node.decorator_list:
        return
    is_class = isinstance(node, ast.ClassDef)
    kind = "class" if is_class else "method" if context.scope.kind == "class" else "function"
    for position, expression in enumerate(node.decorator_list):
        called = expression.func if isinstance(expression, ast.Call) else expression
        row = Decorator(
            name=context.name(called),
            text=context.text(called) or context.source(called),
            target=node.name,
            target_kind=kind,
            target_site=context.site(node),
            position=position,
            has_arguments=isinstance(expression, ast.Call),
            is_async=isinstance(node, ast.AsyncFunctionDef),
        )
        yield At(expression, row)
