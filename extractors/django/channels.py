"""Consumers of Channels: what answers sockets and messages between processes, and what stands around them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.web import Middleware, WebsocketHandler

_EVENTS: Final = {
    "connect": False,
    "websocket_connect": False,
    "disconnect": False,
    "websocket_disconnect": False,
    "receive": True,
    "receive_json": True,
    "websocket_receive": True,
    "handle": True,
}
_OWN: Final = frozenset(
    "accept close send send_json send_response send_headers send_body dispatch group_send http_request decode_json "
    "encode_json await_many_dispatch".split()
)
_DEPTH: Final = 8
_AROUND: Final = frozenset(
    "channels.auth.AuthMiddlewareStack channels.auth.AuthMiddleware channels.sessions.SessionMiddlewareStack "
    "channels.sessions.SessionMiddleware channels.sessions.CookieMiddleware channels.security.websocket.OriginValidator "
    "channels.security.websocket.AllowedHostsOriginValidator".split()
)


@extracts(ast.ClassDef, when="channels")
def channels_consumer(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    Each event a consumer answers: those of the socket, and messages by their type.

    >>> rows(channels_consumer, "from channels.generic.websocket import AsyncWebsocketConsumer as C\\nclass Chat(C):\\n    async def receive(self, text_data): ...\\n    async def chat_message(self, event): ...\\n    def _own(self): ...")
    WebsocketHandler(framework='channels', handler='Chat.receive', event='receive', namespace=None, has_data=True)
    WebsocketHandler(framework='channels', handler='Chat.chat_message', event='chat.message', namespace=None, has_data=True)
    """
    if not _is_consumer(node, context):
        return
    for method in node.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or method.name.startswith("_"):
            continue
        parameters = [one.arg for one in (*method.args.posonlyargs, *method.args.args)]
        is_message = len(parameters) == 2 and method.name not in _OWN and not method.decorator_list
        if method.name in _EVENTS or is_message:
            event = method.name if method.name in _EVENTS else method.name.replace("_", ".")
            has_data = _EVENTS.get(method.name, True)
            yield At(method, WebsocketHandler("channels", f"{node.name}.{method.name}", event, None, has_data))


def _is_consumer(node: ast.ClassDef, context: Context, depth: int = 0) -> bool:
    """Whether a class descends from a consumer, through classes of this file."""
    for base in node.bases:
        bound = context.binding(base.id) if isinstance(base, ast.Name) else None
        if context.name(base).endswith("Consumer"):
            return True
        if isinstance(bound, ast.ClassDef) and depth < _DEPTH and _is_consumer(bound, context, depth + 1):
            return True
    return False


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _AROUND}, when="channels")
def channels_middleware(node: ast.Call, context: Context) -> Iterator[Any]:
    """
    Each middleware put around routes of sockets.

    >>> rows(channels_middleware, "from channels.auth import AuthMiddlewareStack\\nAuthMiddlewareStack(routes)")
    Middleware(framework='channels', name='channels.auth.AuthMiddlewareStack', kind='class', position=None, target='routes')
    """
    name = context.name(node.func)
    if name in _AROUND:
        target = context.text(node.args[0]) if node.args else ""
        yield Middleware("channels", name, "class", None, target or None)
