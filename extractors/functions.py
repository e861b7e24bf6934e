"""Functions, parameters, returns and decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final
from zlib import crc32

from extractors.codes import GENERATOR_CODES, SHAPES
from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.functions import Decorator, Function, Parameter, Return

_YIELD, _YIELD_FROM = sorted(GENERATOR_CODES)
_METHODS = {"staticmethod": "staticmethod", "classmethod": "classmethod", "property": "property"}
_WITH_SELF = frozenset({"method", "classmethod", "property"})
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own_nodes(function: Any) -> Iterator[ast.AST]:
    """The nodes of a function's own body, without those of definitions nested in it."""
    yield from own_nodes_of([function.body] if isinstance(function, ast.Lambda) else function.body)


def own_nodes_of(statements: list[Any]) -> Iterator[ast.AST]:
    """The nodes of these statements, in the order of the text, without those of definitions nested in them."""
    stack: list[Any] = list(reversed(statements))
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
    if context.scope.kind != "class":
        return "function"
    if not node.decorator_list:
        return "method"
    names = (context.text(decorator) for decorator in node.decorator_list)
    kinds = (
        _METHODS.get(name, "property" if name.endswith((".setter", ".deleter", "cached_property")) else "")
        for name in names
    )
    return next(filter(None, kinds), "method")


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
def function(node: Any, context: Context) -> tuple[()]:
    """
    Each function and lambda, with its parameters.

    >>> rows(function, "async def f(a, /, b: int = 1, *args, c, d='x', **kw) -> str: return await g(b)")
    Function(name='f', qualified_name='m.f', kind='function', is_async=True, is_generator=False, is_nested=False, returns='str', is_typed=False, has_docstring=False, statements=1, body_hash='6599bea4')
    Parameter(name='a', position=0, kind='positional_only', annotation=None, default_source=None, default_constant=None, default_type=None)
    Parameter(name='b', position=1, kind='positional', annotation='int', default_source='1', default_constant='1', default_type='int')
    Parameter(name='args', position=2, kind='var_positional', annotation=None, default_source=None, default_constant=None, default_type=None)
    Parameter(name='c', position=3, kind='keyword_only', annotation=None, default_source=None, default_constant=None, default_type=None)
    Parameter(name='d', position=4, kind='keyword_only', annotation=None, default_source="'x'", default_constant='x', default_type='str')
    Parameter(name='kw', position=5, kind='var_keyword', annotation=None, default_source=None, default_constant=None, default_type=None)
    """
    if node.__class__ is ast.Lambda:
        name, kind, returns, documented, statements = "<lambda>", "lambda", None, False, 1
    else:
        name, body, returns = node.name, node.body, node.returns
        kind = _method_kind(node, context)
        documented = is_docstring(body[0])
        statements = len(body) - documented - sum([_is_ellipsis(one) for one in body if one.__class__ is ast.Expr])
    arguments = all_arguments(node.args)
    inner = context.inner(node)
    shape_codes = inner.shape
    columns = (
        name,
        inner.name,
        kind,
        node.__class__ is ast.AsyncFunctionDef,
        _YIELD in shape_codes or _YIELD_FROM in shape_codes,
        context.scope.nested,
        context.source(returns) if returns is not None else None,
        returns is not None and _are_annotated(arguments[1:] if kind in _WITH_SELF else arguments),
        documented,
        statements,
        f"{crc32(shape_codes):08x}",
    )
    context.put(Function, node, columns)
    if arguments:
        _parameters(node, arguments, context)
    return ()


def _are_annotated(arguments: list[ast.arg]) -> bool:
    return all([argument.annotation is not None for argument in arguments])


def is_docstring(statement: Any) -> bool:
    """Whether a statement, the first of a body, is its docstring."""
    value = statement.value if statement.__class__ is ast.Expr else None
    return value.__class__ is ast.Constant and value.value.__class__ is str


def _is_ellipsis(statement: ast.AST) -> bool:
    value = statement.value if statement.__class__ is ast.Expr else None
    return value.__class__ is ast.Constant and value.value is ...


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """The parameters in the order in which they are written; maybe the tree's own list."""
    positional = [*arguments.posonlyargs, *arguments.args] if arguments.posonlyargs else arguments.args
    if not (arguments.vararg or arguments.kwonlyargs or arguments.kwarg):
        return positional
    stars = [[star] if star else [] for star in (arguments.vararg, arguments.kwarg)]
    return [*positional, *stars[0], *arguments.kwonlyargs, *stars[1]]


def _parameters(node: Any, given: list[ast.arg], context: Context) -> None:
    put, inside = context.put, context.site(node)
    arguments = node.args
    first = len(arguments.posonlyargs)
    last = first + len(arguments.args)
    defaults = _defaults(arguments, last) if arguments.defaults or arguments.kw_defaults else {}
    for position, argument in enumerate(given):
        if position < last:
            kind = "positional_only" if position < first else "positional"
        elif argument is arguments.vararg or argument is arguments.kwarg:
            kind = "var_positional" if argument is arguments.vararg else "var_keyword"
        else:
            kind = "keyword_only"
        default = defaults.get(position)
        annotation = context.source(argument.annotation) if argument.annotation is not None else None
        if default is None:
            columns: tuple[Any, ...] = (argument.arg, position, kind, annotation, None, None, None)
        else:
            constant = context.constant(default)
            kind_of = None if constant is NOT_CONSTANT else type(constant).__name__
            source = context.source(default)
            columns = (argument.arg, position, kind, annotation, source, constant_text(constant), kind_of)
        put(Parameter, argument, columns, inside)


def _defaults(arguments: ast.arguments, positional: int) -> dict[int, ast.expr | None]:
    """The defaults by the position of their parameter."""
    defaults: dict[int, ast.expr | None] = dict(enumerate(arguments.defaults, positional - len(arguments.defaults)))
    defaults.update(enumerate(arguments.kw_defaults, positional + (arguments.vararg is not None)))
    return defaults


@extracts(ast.Return, ast.Lambda)
def returned(node: Any, context: Context) -> tuple[()]:
    """
    Each return, and what a lambda gives.

    >>> rows(returned, "def f(x): return 'a' + 'b'\\nk = lambda x: x.name")
    Return(kind='attribute', source='x.name', constant=None, callee=None)
    Return(kind='concat', source="'a' + 'b'", constant='ab', callee=None)
    """
    value = node.value if node.__class__ is ast.Return else node.body
    if value is None:
        context.put(Return, node, ("none", None, None, None))
    else:
        callee = (context.name(value.func) or None) if value.__class__ is ast.Call else None
        columns = (shape(value), context.source(value) or None, constant_text(context.constant(value)), callee)
        context.put(Return, node, columns)
    return ()


_KINDS: Final = {
    name: kind
    for kind, names in {
        "property": "property functools.cached_property abc.abstractproperty django.utils.functional.cached_property "
        "werkzeug.utils.cached_property cached_property.cached_property",
        "staticmethod": "staticmethod abc.abstractstaticmethod",
        "classmethod": "classmethod abc.abstractclassmethod",
        "abstractmethod": "abc.abstractmethod",
        "dataclass": "dataclasses.dataclass pydantic.dataclasses.dataclass attr.s attr.attrs attr.define attr.frozen attr.mutable "
        "attr.dataclass attrs.define attrs.frozen attrs.mutable",
        "overload": "typing.overload typing_extensions.overload",
        "fixture": "pytest.fixture pytest.yield_fixture pytest_asyncio.fixture",
        "task": "celery.shared_task celery.Celery.task celery.app.task.task django.tasks.task huey.Huey.task dramatiq.actor "
        "procrastinate.App.task",
        "cache": "functools.cache functools.lru_cache cachetools.cached aiocache.cached flask_caching.Cache.cached "
        "flask_caching.Cache.memoize django.views.decorators.cache.cache_page",
    }.items()
    for name in names.split()
}
_PROPERTY: Final = (".setter", ".getter", ".deleter")


def _kind(name: str, text: str) -> str:
    """What a decorator is, as far as its name alone tells."""
    if name.startswith("pytest.mark."):
        return "marker"
    return _KINDS.get(name) or ("property" if text.endswith(_PROPERTY) else "other")


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, decorated=True)
def decorator(node: Any, context: Context) -> Iterator[At]:
    """
    Each decorator on a function or class.

    >>> rows(decorator, "from functools import lru_cache as c\\n@c(maxsize=1)\\ndef f(): ...")
    Decorator(name='functools.lru_cache', text='c', kind='cache', target='f', target_kind='function', target_site=1, position=0, has_arguments=True, is_async=False)
    """
    if not node.decorator_list:
        return
    is_class = isinstance(node, ast.ClassDef)
    kind = "class" if is_class else "method" if context.scope.kind == "class" else "function"
    for position, expression in enumerate(node.decorator_list):
        called = expression.func if isinstance(expression, ast.Call) else expression
        name = context.name(called)
        text = context.text(called) or context.source(called)
        row = Decorator(
            name=name,
            text=text,
            kind=_kind(name, text),
            target=node.name,
            target_kind=kind,
            target_site=context.site(node),
            position=position,
            has_arguments=isinstance(expression, ast.Call),
            is_async=isinstance(node, ast.AsyncFunctionDef),
        )
        yield At(expression, row)
