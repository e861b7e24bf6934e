"""Headers of responses and entries of sessions that are written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.registry import extracts
from extractors.shapes import shape
from extractors.web.makers import MAKERS
from extractors.web.responses import WHEN, leads
from schema.responses import HeaderWrite, Redirect, SessionWrite

_RESPONSES: Final = frozenset({"response", "resp", "res", "self", "rv"})
_SETTERS: Final = frozenset({"set_header", "add_header", "append_header", "setHeader", "setRawHeaders"})
_ON_HEADERS: Final = frozenset({"add", "set", "setdefault", "append", "addRawHeader"})
_SESSIONS: Final = frozenset({"session", "http_session", "sess"})
_IDENTITY: Final = {
    "flask_login.login_user": "flask",
    "flask_login.logout_user": "flask",
    "quart_auth.login_user": "quart",
    "django.contrib.auth.login": "django",
    "django.contrib.auth.logout": "django",
    "django.contrib.auth.update_session_auth_hash": "django",
    "pyramid.security.remember": "pyramid",
    "pyramid.security.forget": "pyramid",
}
_KNOWN: Final = frozenset({"flask.session", "quart.session", "cherrypy.session"})
_CLIENTS: Final = ("requests.", "httpx.", "aiohttp.ClientSession", "urllib3.", "urllib.request.", "niquests.")
_METHODS: Final = frozenset({"update", "setdefault", "clear", "pop", "cycle_key", "flush", "invalidate", "regenerate"})


def _framework(node: ast.expr, context: Context) -> str:
    """The library a receiver is from, as far as this file tells."""
    root = context.name(node).partition(".")[0]
    if root in WHEN:
        return root
    return next((word for word in ("django", "flask", "fastapi", "starlette") if word in context.imports), "")


def _header(
    node: ast.expr, key: ast.expr, value: ast.expr | None, context: Context
) -> Iterator[HeaderWrite | Redirect]:
    name = context.constant(key)
    text = name.decode("latin-1") if isinstance(name, bytes) else name if isinstance(name, str) else None
    framework = _framework(node, context)
    yield HeaderWrite(framework, text.lower() if text is not None else None, text is not None, context.source(value))
    if text is not None and text.lower() == "location":
        yield Redirect(framework, "Location", context.source(value), leads(value, context), False)


@extracts(ast.Assign, when=WHEN)
def written_entry(node: ast.Assign, context: Context) -> Iterable[HeaderWrite | Redirect | SessionWrite]:
    """
    Each header and each entry of a session that an assignment writes.

    >>> rows(written_entry, "from flask import session\\nresponse.headers['X-A'] = a\\nsession['user'] = name\\nrequest.headers['x'] = 1\\nresponse['Location'] = f'/{x}'")
    HeaderWrite(framework='flask', name='x-a', name_constant=True, value_source='a')
    SessionWrite(framework='flask', key='user', key_kind='constant', value_source='name')
    HeaderWrite(framework='flask', name='location', name_constant=True, value_source="f'/{x}'")
    Redirect(framework='flask', callee='Location', target_source="f'/{x}'", target_kind='fstring', is_returned=False)
    """
    target = node.targets[0]
    return _written(node, target, context) if isinstance(target, ast.Subscript) else ()


def _written(
    node: ast.Assign, target: ast.Subscript, context: Context
) -> Iterator[HeaderWrite | Redirect | SessionWrite]:
    holder = target.value
    text = context.text(holder)
    last = text.rpartition(".")[2]
    if last == "headers":
        if "request" not in text and not _is_clients(holder, context):
            yield from _header(holder, target.slice, node.value, context)
    elif last in _SESSIONS:
        key = context.constant(target.slice)
        kind = "constant" if isinstance(key, str) else shape(target.slice)
        stored = context.source(node.value)
        yield SessionWrite(_framework(holder, context), key if isinstance(key, str) else None, kind, stored)
    elif text == "self" and not _is_response(context):
        return
    elif last in _RESPONSES and isinstance(context.constant(target.slice), str) and not _is_mapping(holder, context):
        yield from _header(holder, target.slice, node.value, context)


def _is_response(context: Context) -> bool:
    """Whether the class around is a response, by its name or that of a base: of another one `self["x"] = …` is any entry."""
    owner: Any = getattr(context.scope.parent, "node", None)
    words = [getattr(owner, "name", ""), *map(context.text, getattr(owner, "bases", ()))]
    return any("Response" in word for word in words)


def _is_clients(headers: ast.expr, context: Context) -> bool:
    """Whether headers are those of a client, or of what it sends."""
    return context.name(headers).startswith(_CLIENTS)


def _is_mapping(node: ast.expr, context: Context) -> bool:
    """Whether a name that sounds like a response is a dictionary."""
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    return isinstance(bound, (ast.Dict, ast.DictComp)) or (
        isinstance(bound, ast.Call) and context.name(bound.func) in {"dict", "collections.defaultdict"}
    )


@extracts(ast.Call, callee=_SETTERS | _ON_HEADERS, when=WHEN)
def written_header(node: ast.Call, context: Context) -> Iterator[HeaderWrite | Redirect]:
    """
    Each header that a call writes.

    >>> rows(written_header, "from tornado.web import RequestHandler\\nclass H(RequestHandler):\\n    def get(self):\\n        self.set_header('X-Frame-Options', 'DENY')")
    HeaderWrite(framework='tornado', name='x-frame-options', name_constant=True, value_source="'DENY'")
    """
    func: Any = node.func
    if not isinstance(func, ast.Attribute) or len(node.args) < 2:
        return
    receiver = context.text(func.value)
    is_headers = receiver.endswith(("headers", "responseHeaders")) and "request.headers" not in receiver
    if _is_clients(func.value, context):
        return
    if func.attr in _SETTERS or (func.attr in _ON_HEADERS and is_headers):
        base = next(iter(getattr(getattr(context.scope.parent, "node", None), "bases", ())), func.value)
        holder = base if receiver == "self" else func.value
        yield from _header(holder, node.args[0], node.args[1], context)


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in MAKERS}, when=WHEN)
def response_header(node: ast.Call, context: Context) -> Iterator[HeaderWrite | Redirect]:
    """
    Each header that a response is given when it is made.

    >>> rows(response_header, "from fastapi.responses import HTMLResponse\\nHTMLResponse(x, headers={'X-A': 'b'})")
    HeaderWrite(framework='fastapi', name='x-a', name_constant=True, value_source="'b'")
    """
    given = context.keyword(node, "headers")
    if isinstance(given, ast.Dict) and context.name(node.func) in MAKERS:
        for key, value in zip(given.keys, given.values, strict=True):
            if key is not None:
                yield from _header(node.func, key, value, context)


@extracts(
    ast.Call,
    callee=_METHODS | {name.rpartition(".")[2] for name in _IDENTITY},
    when=(*WHEN, "flask_login", "quart_auth"),
)
def written_session(node: ast.Call, context: Context) -> Iterator[SessionWrite]:
    """
    Each call that changes a session, or whose it is.

    >>> rows(written_session, "from flask import session\\nfrom flask_login import login_user\\nsession.update(user=u, level=1)\\nlogin_user(u)")
    SessionWrite(framework='flask', key='user', key_kind='constant', value_source='u')
    SessionWrite(framework='flask', key='level', key_kind='constant', value_source='1')
    SessionWrite(framework='flask', key=None, key_kind='none', value_source='flask_login.login_user')
    """
    name = context.name(node.func)
    if name in _IDENTITY:
        yield SessionWrite(_IDENTITY[name], None, "none", name)
        return
    func = node.func
    if not isinstance(func, ast.Attribute):
        return
    # a database's session is flushed too, and a client's is updated
    is_clients = context.name(func.value) in _KNOWN or context.text(func.value).endswith("request.session")
    if not is_clients:
        return
    framework = _framework(func.value, context)
    named = [keyword for keyword in node.keywords if keyword.arg]
    if func.attr == "update" and named:
        for keyword in named:
            yield SessionWrite(framework, keyword.arg, "constant", context.source(keyword.value))
    else:
        yield SessionWrite(framework, None, "none", func.attr)
