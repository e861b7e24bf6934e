"""Routes declared through names of one's own: `get = app.get`, or a function that calls the router."""

from __future__ import annotations

import ast
from typing import Final

from extractors.context import Context

_DEPTH: Final = 3


def straight(call: ast.Call, context: Context, depth: int = 0) -> ast.Call:
    """
    The call of the router that a call of one's own name comes to; the call itself when it isn't one.

    >>> print(shortened("route = app.route\\n@route('/a')\\ndef f(): ..."))
    app.route('/a')
    >>> print(shortened("def api(path, **more):\\n    return app.route('/api' + path, methods=['GET'], **more)\\n@api('/a', name='n')\\ndef f(): ..."))
    app.route('/api' + '/a', methods=['GET'], name='n')
    >>> print(shortened("from functools import partial\\nget = partial(app.route, methods=['GET'])\\n@get('/a')\\ndef f(): ..."))
    app.route('/a', methods=['GET'])
    """
    if not isinstance(call.func, ast.Name) or depth > _DEPTH:
        return call
    bound = context.binding(call.func.id)
    if isinstance(bound, ast.Call) and bound.args and context.name(bound.func) == "functools.partial":
        given = [*call.keywords, *(one for one in bound.keywords if all(one.arg != own.arg for own in call.keywords))]
        return ast.copy_location(ast.Call(bound.args[0], [*bound.args[1:], *call.args], given), call)
    if isinstance(bound, ast.Attribute):
        return ast.copy_location(ast.Call(bound, call.args, call.keywords), call)
    inner = _returned(bound) if isinstance(bound, ast.FunctionDef) else None
    if inner is None or any(isinstance(one, ast.Starred) for one in call.args):
        return call
    return straight(_given(inner, bound, call), context, depth + 1)


def fetched(call: ast.Call, context: Context) -> ast.Call:
    """
    A call of what `getattr` gives as a call by name; the call itself when it isn't one.

    >>> print(shortened("@getattr(app, 'get')('/a')\\ndef f(): ..."))
    app.get('/a')
    """
    inner = call.func
    if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Name) or inner.func.id != "getattr":
        return call
    word = context.string(inner.args[1]) if len(inner.args) == 2 else None
    if not word:
        return call
    func = ast.copy_location(ast.Attribute(inner.args[0], word, ast.Load()), inner)
    return ast.copy_location(ast.Call(func, call.args, call.keywords), call)


def _returned(function: ast.FunctionDef) -> ast.Call | None:
    """The one call that a function consists of."""
    body = [part for part in function.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return value if isinstance(value, ast.Call) else None


def _given(inner: ast.Call, function: ast.FunctionDef, call: ast.Call) -> ast.Call:
    """The inner call with what the outer one gives its function's parameters."""
    from extractors.rounds import filled

    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    values = dict(zip(names, call.args, strict=False))
    values |= {one.arg: one.value for one in call.keywords if one.arg in names}
    spread = function.args.kwarg.arg if function.args.kwarg else None
    whole = filled(inner, values)
    keywords = [one for one in whole.keywords if one.arg or getattr(one.value, "id", "") != spread]
    if len(keywords) < len(whole.keywords):
        keywords += [one for one in call.keywords if one.arg not in names]
    return ast.copy_location(ast.Call(whole.func, whole.args, keywords), call)


def first_argument(source: str) -> tuple[ast.expr, Context]:
    """What the last call of a module is given, with its context: for examples."""
    from extractors.survey import Surveyor

    tree = ast.parse(source)
    context = Context(source.encode(), tree, Surveyor("m", False).survey(tree), "m.py", "m", False)
    call = getattr(tree.body[-1], "value", None)
    return (call.args[0] if isinstance(call, ast.Call) else ast.Constant(None)), context


def shortened(source: str) -> str:
    """What the first decorator of a module's `f` comes to: for the examples here."""
    from extractors.survey import Surveyor

    tree = ast.parse(source)
    context = Context(source.encode(), tree, Surveyor("m", False).survey(tree), "m.py", "m", False)
    found = next(part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == "f")
    call = found.decorator_list[0]
    return ast.unparse(fetched(straight(call, context), context)) if isinstance(call, ast.Call) else ""
