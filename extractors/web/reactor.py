"""What Twisted runs later: deferreds and the reactor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.webextras import TwistedDeferred, TwistedReactorCall

_INLINE: Final = frozenset(
    {
        "twisted.internet.defer.inlineCallbacks",
        "twisted.internet.defer.deferredGenerator",
        "twisted.internet.defer.ensureDeferred",
    }
)
_CALLBACKS: Final = frozenset({"addCallback", "addErrback", "addBoth", "addCallbacks"})
_MADE: Final = {
    "twisted.internet.threads.deferToThread": 0,
    "twisted.internet.threads.deferToThreadPool": 2,
    "twisted.internet.threads.blockingCallFromThread": 1,
    "twisted.internet.defer.ensureDeferred": 0,
    "twisted.internet.defer.maybeDeferred": 0,
    "twisted.internet.defer.DeferredList": 0,
    "twisted.internet.defer.gatherResults": 0,
    "twisted.internet.task.deferLater": 2,
}
_REACTOR: Final = {  # port, function, delay
    "listenTCP": (0, 1, None),
    "listenSSL": (0, 1, None),
    "listenUDP": (0, 1, None),
    "listenUNIX": (None, 1, None),
    "connectTCP": (1, 2, None),
    "connectSSL": (1, 2, None),
    "callLater": (None, 1, 0),
    "callInThread": (None, 0, None),
    "callFromThread": (None, 0, None),
    "callWhenRunning": (None, 0, None),
    "addSystemEventTrigger": (None, 2, None),
    "spawnProcess": (None, 1, None),
    "run": (None, None, None),
    "stop": (None, None, None),
}
_ENDPOINTS: Final = frozenset(
    f"twisted.internet.endpoints.{name}"
    for name in "TCP4ServerEndpoint TCP6ServerEndpoint SSL4ServerEndpoint TCP4ClientEndpoint HostnameEndpoint serverFromString clientFromString".split()
)
_LOOP: Final = "twisted.internet.task.LoopingCall"


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="twisted", decorated=True)
def inline_callbacks(node: Any, context: Context) -> Iterator[At]:
    """
    Each function that waits for deferreds by yielding them.

    >>> rows(inline_callbacks, "from twisted.internet.defer import inlineCallbacks\\n@inlineCallbacks\\ndef f(): yield g()")
    TwistedDeferred(kind='inlineCallbacks', function='f', callback=None)
    """
    for decorator in node.decorator_list:
        name = context.name(decorator)
        if name in _INLINE:
            yield At(decorator, TwistedDeferred(name.rpartition(".")[2], node.name, None))


@extracts(ast.Call, callee=_CALLBACKS | {name.rpartition(".")[2] for name in _MADE}, when="twisted")
def deferred(node: ast.Call, context: Context) -> Iterator[TwistedDeferred]:
    """
    Each callback put on a deferred, and each function that is made one.

    >>> rows(deferred, "from twisted.internet.threads import deferToThread\\nd = deferToThread(work, 1)\\nd.addCallbacks(done, failed)")
    TwistedDeferred(kind='deferToThread', function=None, callback='work')
    TwistedDeferred(kind='addCallbacks', function=None, callback='done')
    TwistedDeferred(kind='addCallbacks', function=None, callback='failed')
    """
    name = context.name(node.func)
    if name in _MADE:
        given = context.keyword(node, "", _MADE[name])
        func = given.func if isinstance(given, ast.Call) else given
        yield TwistedDeferred(name.rpartition(".")[2], None, context.identity(func) or context.source(func, 80) or None)
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _CALLBACKS:
        for given in node.args[: 2 if node.func.attr == "addCallbacks" else 1]:
            yield TwistedDeferred(node.func.attr, None, _function(given, context))


def _function(node: ast.expr | None, context: Context) -> str | None:
    func = node.func if isinstance(node, ast.Call) else node
    if func is None:
        return None
    name = context.name(func) if isinstance(func, (ast.Name, ast.Attribute)) else ""
    return name or context.source(func, 80)


@extracts(
    ast.Call, callee={*_REACTOR, "LoopingCall", *(name.rpartition(".")[2] for name in _ENDPOINTS)}, when="twisted"
)
def reactor_call(node: ast.Call, context: Context) -> Iterator[TwistedReactorCall]:
    """
    Each use of the reactor.

    >>> rows(reactor_call, "from twisted.internet import reactor, task\\nreactor.listenTCP(80, Site(root))\\nreactor.callLater(2, f)\\ntask.LoopingCall(f)")
    TwistedReactorCall(callee='twisted.internet.reactor.listenTCP', function='Site', port=80, delay=None)
    TwistedReactorCall(callee='twisted.internet.reactor.callLater', function='f', port=None, delay='2')
    TwistedReactorCall(callee='twisted.internet.task.LoopingCall', function='f', port=None, delay=None)
    """
    name = context.name(node.func)
    if name == _LOOP:
        yield TwistedReactorCall(name, _function(context.keyword(node, "f", 0), context), None, None)
    elif name in _ENDPOINTS:
        yield TwistedReactorCall(name, None, _number(context.keyword(node, "port", 1), context), None)
    elif isinstance(node.func, ast.Attribute) and context.text(node.func.value).rpartition(".")[2] == "reactor":
        at = _REACTOR.get(node.func.attr)
        if at is not None:
            port, function, delay = (context.keyword(node, "", place) if place is not None else None for place in at)
            shown = context.source(delay, 80) or None
            callee = name or context.text(node.func)
            yield TwistedReactorCall(callee, _function(function, context), _number(port, context), shown)


def _number(node: ast.expr | None, context: Context) -> int | None:
    value = context.constant(node) if node is not None else None
    return value if type(value) is int and 0 <= value < 65536 else None
