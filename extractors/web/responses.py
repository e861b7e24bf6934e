"""What a handler returns or raises: kind, type, status, template, and where a redirect leads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from extractors.context import Context
from extractors.registry import extracts
from extractors.shapes import shape
from extractors.web.decorated import VERBS
from extractors.web.frameworks import ROOTS, framework_of
from extractors.web.makers import HTML, JSON, MAKERS, PLAIN, SELF, Maker
from schema.responses import Redirect, Response

WHEN: Final = (*ROOTS, "werkzeug", "django", "rest_framework", "cherrypy", "twisted", "aiohttp_jinja2")
_STATUS: Final = ("status", "status_code", "code")
_MEDIA: Final = ("content_type", "mimetype", "media_type")
_TEMPLATE: Final = ("template_name", "template_name_or_list", "template", "renderer_name", "name")
_TARGET: Final = ("url", "location", "path", "to", "redirect_to", "urls")
_NAMED: Final = frozenset(
    {"url_for", "reverse", "reverse_lazy", "url_path_for", "route_url", "route_path", "resource_url"}
)
_ROUTES: Final = VERBS | {"route", "api_route", "expose", "errorhandler", "app_errorhandler", "exception_handler"}
_ANSWERS: Final = {
    **dict.fromkeys(("flask", "quart", "bottle", "klein", "cherrypy"), HTML),
    **dict.fromkeys(("fastapi", "litestar", "ninja"), JSON),
}
_ITSELF: Final = {
    "fastapi": {"HTMLResponse": HTML, "PlainTextResponse": PLAIN},
    "litestar": {"HTML": HTML, "TEXT": PLAIN},
}


def _first(call: ast.Call, words: tuple[str, ...], position: int | None, context: Context) -> ast.expr | None:
    for word in words:
        given = context.keyword(call, word)
        if given is not None:
            return given
    return context.keyword(call, "", position) if position is not None else None


def _code(node: ast.expr | None, context: Context) -> int | None:
    """A status as a number, a text that begins with one, or a name of `http.HTTPStatus` and its kin."""
    value = context.constant(node) if node is not None else None
    if isinstance(value, str):
        value = int(value[:3]) if value[:3].isdigit() else None
    if type(value) is int:
        return value if 100 <= value < 600 else None
    words = context.text(node).rpartition(".")[2].removeprefix("HTTP_").split("_")
    number = next((word for word in (words[0], words[-1]) if len(word) == 3 and word.isdigit()), "")
    named = HTTPStatus.__members__.get("_".join(words))
    return int(number) if number else int(named) if named is not None else None


def _media(node: ast.expr | None, context: Context) -> str | None:
    """A content type without its parameters, in lower case."""
    value = context.string(node)
    if value is None and node is not None:
        word = context.text(node).rpartition(".")[2]
        return {"HTML": HTML, "TEXT": PLAIN, "JSON": JSON}.get(word)
    return value.partition(";")[0].strip().lower() if value else None


def _maker(node: ast.Call, context: Context) -> tuple[str, Maker | None]:
    name = context.name(node.func)
    known = MAKERS.get(name)
    if known is None and isinstance(node.func, ast.Attribute) and "tornado" in context.imports:
        owner = context.scope.parent
        bases = getattr(owner.node, "bases", ()) if owner is not None else ()
        if context.text(node.func.value) == "self" and any(context.text(base).endswith("Handler") for base in bases):
            return f"self.{node.func.attr}", SELF.get(node.func.attr)
    return name, known


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in (*MAKERS, *SELF)}, when=WHEN)
def response(node: ast.Call, context: Context) -> Iterator[Response | Redirect]:
    """
    Each response that a call makes, and where it leads if it is a redirect.

    >>> rows(response, "from flask import abort, make_response, redirect, render_template, url_for\\ndef f():\\n    make_response(x, 201)\\n    render_template('a.html')\\n    abort(404)\\n    return redirect(url_for('home'))")
    Response(framework='flask', kind='body', callee='flask.make_response', content_type='text/html', status=201, is_html=True, template=None)
    Response(framework='flask', kind='template', callee='flask.render_template', content_type='text/html', status=200, is_html=True, template='a.html')
    Response(framework='flask', kind='error', callee='flask.abort', content_type='text/html', status=404, is_html=True, template=None)
    Response(framework='flask', kind='redirect', callee='flask.redirect', content_type='text/html', status=302, is_html=True, template=None)
    Redirect(framework='flask', callee='flask.redirect', target_source="url_for('home')", target_kind='named', is_returned=True)
    """
    name, maker = _maker(node, context)
    if maker is None:
        return
    given = _first(node, _STATUS, maker.status, context)
    code = maker.code if given is None else _code(given, context)
    kind_of = _first(node, _MEDIA, maker.content, context)
    media = maker.media if kind_of is None else _media(kind_of, context)
    template = context.string(_first(node, _TEMPLATE, maker.template, context)) if maker.kind == "template" else None
    if maker.kind == "template" and template is None and maker.template is not None:  # Starlette's request comes first
        template = context.string(context.keyword(node, "", maker.template + 1))
    yield Response(maker.framework, maker.kind, name, media, code, media == HTML, template)
    if maker.kind == "redirect":
        target = _first(node, _TARGET, maker.target, context)
        yield Redirect(
            maker.framework, name, context.source(target), leads(target, context), _is_returned(node, context)
        )


def leads(node: ast.expr | None, context: Context) -> str:
    """How the target of a redirect comes about."""
    value = context.constant(node) if node is not None else None
    if isinstance(value, str):
        return "constant" if "/" in value or not value else "named"
    if isinstance(node, ast.Call):
        func = node.func
        last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if last in _NAMED:
            return "named"
    return shape(node)


def _is_returned(node: ast.AST, context: Context) -> bool:
    statement: Any = context.statement
    return isinstance(statement, (ast.Return, ast.Raise)) and node in {
        getattr(statement, "value", None),
        getattr(statement, "exc", None),
    }


@extracts(ast.Raise, when=WHEN)
def response_raised(node: ast.Raise, context: Context) -> Iterator[Response]:
    """
    Each error that is raised by its class alone; with arguments it is a call.

    >>> rows(response_raised, "from django.http import Http404\\nraise Http404")
    Response(framework='django', kind='error', callee='django.http.Http404', content_type='text/html', status=404, is_html=True, template=None)
    """
    if isinstance(node.exc, (ast.Name, ast.Attribute)):
        name = context.name(node.exc)
        maker = MAKERS.get(name)
        if maker is not None:
            yield Response(maker.framework, maker.kind, name, maker.media, maker.code, maker.media == HTML, None)


@extracts(ast.Return, when=tuple(_ANSWERS))
def response_returned(node: ast.Return, context: Context) -> Iterator[Response]:
    """
    Each plain value that a handler returns; a framework makes the response of it.

    >>> rows(response_returned, "from flask import Flask\\napp = Flask('a')\\n@app.route('/')\\ndef f():\\n    if x: return {'a': 1}, 201\\n    return f'<b>{x}</b>'")
    Response(framework='flask', kind='json', callee='', content_type='application/json', status=201, is_html=False, template=None)
    Response(framework='flask', kind='body', callee='', content_type='text/html', status=200, is_html=True, template=None)
    """
    decorators = getattr(context.scope.node, "decorator_list", ())
    route = next(((one, found) for one in decorators if (found := _framework(one, context)) in _ANSWERS), None)
    if route is None or node.value is None:
        return
    decorator, framework = route
    value: ast.expr = node.value
    status = _status(decorator, context)
    if isinstance(value, ast.Tuple) and framework in {"flask", "quart"} and len(value.elts) > 1:
        status = _code(value.elts[1], context)
        value = value.elts[0]
    if isinstance(value, ast.Call) and _maker(value, context)[1] is not None:
        return
    form = shape(value)
    media = _declared(decorator, framework, context)
    if media is None:
        is_data = form in {"dict", "list", "comprehension"} or framework in {"fastapi", "litestar", "ninja"}
        is_text = form in {"constant", "fstring", "concat", "percent", "format", "join"}
        media = JSON if is_data else _ANSWERS[framework] if is_text else None
    kind = "json" if media == JSON else "body"
    yield Response(framework or "", kind, "", media, status, media == HTML, None)


def _framework(decorator: ast.expr, context: Context) -> str | None:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = context.name(func)
    root, _, last = name.rpartition(".")
    root = root.partition(".")[0]
    if root in _ANSWERS and (last in _ROUTES or last == "expose"):
        return root
    if isinstance(func, ast.Attribute) and func.attr in _ROUTES:
        return framework_of(func.value, context)
    return None


def _status(decorator: ast.expr, context: Context) -> int | None:
    given = context.keyword(decorator, "status_code") if isinstance(decorator, ast.Call) else None
    return 200 if given is None else _code(given, context)


def _declared(decorator: ast.expr, framework: str | None, context: Context) -> str | None:
    """The type that the route itself declares for what its handler returns."""
    words = _ITSELF.get(framework or "", {})
    if isinstance(decorator, ast.Call):
        for word in ("response_class", "media_type"):
            given = context.keyword(decorator, word)
            if given is not None:
                return words.get(context.text(given).rpartition(".")[2]) or _media(given, context)
    return None
