"""Coroutines, awaits, and work that is started beside the caller."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.codes import GENERATOR_CODES, counted
from extractors.context import At, Context
from extractors.registry import extracts
from schema.asynchronous import AsyncFunction, AsyncLoop, AsyncTask, Await

_BLOCKING: Final = frozenset(
    "time.sleep subprocess.run subprocess.call subprocess.check_call subprocess.check_output os.system os.popen "
    "urllib.request.urlopen socket.create_connection input".split()
)
_BLOCKING_ROOTS: Final = ("requests.", "httpx.get", "httpx.post", "httpx.put", "httpx.request", "psycopg2.", "pymysql.")


@extracts(ast.AsyncFunctionDef)
def async_function(node: ast.AsyncFunctionDef, context: Context) -> Iterator[AsyncFunction]:
    """
    Each coroutine function, counting only its own body.

    >>> rows(async_function, "import time\\nasync def f():\\n    async with a as b: await b\\n    async def g(): yield await c\\n    time.sleep(1)")
    AsyncFunction(name='f', awaits=1, async_withs=1, async_fors=0, yields=0, has_blocking_call=True)
    AsyncFunction(name='g', awaits=1, async_withs=0, async_fors=0, yields=1, has_blocking_call=False)
    """
    inner = context.inner(node)
    yields = sum(inner.shape.count(code) for code in GENERATOR_CODES)
    yield AsyncFunction(
        node.name,
        counted(inner.shape, ast.Await),
        counted(inner.shape, ast.AsyncWith),
        counted(inner.shape, ast.AsyncFor),
        yields,
        any(_blocks(item, inner, context) for item, _ in inner.items if item.__class__ is ast.Call),
    )


def _blocks(call: Any, scope: Any, context: Context) -> bool:
    name = context.name(call.func, scope)
    return name in _BLOCKING or name.startswith(_BLOCKING_ROOTS)


_WAITED: Final[dict[type[ast.AST], str]] = {ast.Call: "call", ast.Name: "name", ast.Attribute: "name"}
_GATHER: Final = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.wait_for", "asyncio.as_completed"})
_TASKS: Final = frozenset({"asyncio.create_task", "asyncio.ensure_future"})


@extracts(ast.Await)
def awaited(node: ast.Await, context: Context) -> Iterator[Await]:
    """
    Each await, wherever it stands.

    >>> rows(awaited, "import asyncio as a\\nasync def f(x):\\n    y = await a.gather(g(), h())\\n    return await x")
    Await(callee='asyncio.gather', source='a.gather(g(), h())', kind='gather')
    Await(callee=None, source='x', kind='name')
    """
    value = node.value
    callee = context.name(value.func) if isinstance(value, ast.Call) else ""
    kind = "gather" if callee in _GATHER else "task" if callee in _TASKS else _WAITED.get(value.__class__, "other")
    yield Await(callee or None, context.source(value), kind)


def _names(target: ast.expr) -> Iterator[str]:
    stack = [target]
    while stack:
        part = stack.pop()
        if isinstance(part, (ast.Tuple, ast.List)):
            stack += reversed(part.elts)
        elif isinstance(part, ast.Starred):
            stack.append(part.value)
        elif isinstance(part, ast.Name):
            yield part.id


def _loop(kind: str, clause: Any, context: Context) -> At:
    callee = context.name(clause.iter.func) or None if isinstance(clause.iter, ast.Call) else None
    return At(clause.iter, AsyncLoop(kind, ",".join(_names(clause.target)), context.source(clause.iter), callee))


@extracts(ast.AsyncFor)
def async_loop(node: ast.AsyncFor, context: Context) -> Iterator[At]:
    """
    Each `async for`.

    >>> rows(async_loop, "async def f():\\n    async for k, (v, *w) in s.items(): ...")
    AsyncLoop(kind='for', targets='k,v,w', source='s.items()', callee=None)
    """
    yield _loop("for", node, context)


@extracts(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
def async_comprehension(node: Any, context: Context) -> list[At]:
    """
    Each asynchronous clause of a comprehension.

    >>> rows(async_comprehension, "async def f(): return [x async for x in y for z in x]")
    AsyncLoop(kind='comprehension', targets='x', source='y', callee=None)
    """
    return [_loop("comprehension", clause, context) for clause in node.generators if clause.is_async]


_STARTERS: Final = {
    "asyncio.run": "run",
    "asyncio.create_task": "task",
    "asyncio.ensure_future": "task",
    "asyncio.gather": "gather",
    "asyncio.to_thread": "thread",
    "asyncio.run_coroutine_threadsafe": "task",
    "anyio.run": "run",
    "anyio.to_thread.run_sync": "thread",
    "trio.run": "run",
    "threading.Thread": "thread",
    "threading.Timer": "thread",
    "multiprocessing.Process": "process",
    "asgiref.sync.async_to_sync": "run",
    "asgiref.sync.sync_to_async": "thread",
}
_EXECUTORS: Final = frozenset(
    "concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor concurrent.futures.Executor "
    "concurrent.futures.thread.ThreadPoolExecutor concurrent.futures.process.ProcessPoolExecutor".split()
)
_METHODS: Final = {
    "create_task": "task",
    "run_until_complete": "run",
    "run_in_executor": "executor",
    "call_soon": "callback",
    "call_soon_threadsafe": "callback",
    "call_later": "callback",
    "start_soon": "task",
    "submit": "executor",
}
_LOOPS: Final = frozenset(
    "get_event_loop get_running_loop new_event_loop TaskGroup open_nursery create_task_group".split()
)
_AFTER: Final = {"run_in_executor": 1, "call_later": 1, "Timer": 1}
_STARTING: Final = frozenset(name.rpartition(".")[2] for name in _STARTERS) | frozenset(_METHODS)


@extracts(ast.Call, callee=_STARTING)
def async_task(node: ast.Call, context: Context) -> Iterator[AsyncTask]:
    """
    Each piece of work that is started.

    >>> rows(async_task, "import asyncio, threading as t\\nfrom concurrent.futures import ThreadPoolExecutor as P\\nasyncio.run(main())\\nt.Thread(target=work).start()\\nx = asyncio.gather(g(), h())\\nwith P() as pool: x = pool.submit(f, 1)\\nform.submit(1)")
    AsyncTask(callee='asyncio.run', kind='run', function='main', is_kept=False)
    AsyncTask(callee='threading.Thread', kind='thread', function='work', is_kept=True)
    AsyncTask(callee='asyncio.gather', kind='gather', function='g', is_kept=True)
    AsyncTask(callee='asyncio.gather', kind='gather', function='h', is_kept=True)
    AsyncTask(callee='concurrent.futures.ThreadPoolExecutor.submit', kind='executor', function='f', is_kept=True)
    """
    callee = context.name(node.func)
    owner, _, word = callee.rpartition(".")
    kind = _STARTERS.get(callee)
    if kind is None:
        is_loop = owner.rpartition(".")[2] in _LOOPS and owner.startswith(("asyncio.", "anyio.", "trio."))
        if not (owner in _EXECUTORS if word == "submit" else is_loop):
            return
        kind = _METHODS[word]
    given = context.keyword(node, "target") or context.keyword(node, "func", _AFTER.get(word, 0))
    is_kept = not isinstance(context.statement, ast.Expr) or context.statement.value is not node
    for work in node.args if kind == "gather" and node.args else [given]:
        function = work.func if isinstance(work, ast.Call) else work
        yield AsyncTask(callee, kind, context.text(function) or None, is_kept or "Group" in owner or "nursery" in owner)
