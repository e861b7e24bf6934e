"""Calls that schedule a task, of any library, and tasks that run by the clock."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import Context
from extractors.registry import extracts
from schema.tasks import LocalTaskCall, ScheduleEntry

_CELERY: Final = {
    "delay": "delay",
    "apply_async": "apply_async",
    "s": "signature",
    "si": "signature",
    "signature": "signature",
    "subtask": "signature",
    "chunks": "chunks",
}
_SIGNED: Final = frozenset("s si signature subtask set clone map starmap chunks on_error link link_error".split())
_CANVAS: Final = {"chain": "chain", "group": "group", "chord": "chord"}
_QUEUES: Final = frozenset({"rq.Queue", "rq.queue.Queue", "arq.create_pool", "arq.ArqRedis", "django_rq.get_queue"})
_CALLEES: Final = (
    frozenset(_CELERY)
    | frozenset(_CANVAS)
    | frozenset(
        "send_task enqueue enqueue_call enqueue_at enqueue_in enqueue_job send send_with_options schedule add_task "
        "async_task".split()
    )
)


def _row(library: str, task: str, kind: str, given: int, node: ast.Call, context: Context) -> LocalTaskCall:
    options = {keyword.arg for keyword in node.keywords}
    queue = context.string(context.keyword(node, "queue") or context.keyword(node, "queue_name"))
    return LocalTaskCall(library, task, kind, given, bool({"countdown", "delay"} & options), "eta" in options, queue)


def _named(node: ast.expr | None, context: Context) -> str:
    return context.string(node) or context.name(node) or context.text(node)


@extracts(ast.Call, callee=_CALLEES)
def task_call(node: ast.Call, context: Context) -> Iterator[LocalTaskCall]:
    """
    Each call that schedules a task.

    >>> rows(task_call, "from celery import chain\\nimport celery\\nfrom m.tasks import add, mul\\nadd.delay(1, 2)\\ncelery.current_app.tasks['m.y'].delay(1)\\nadd.apply_async((1,), countdown=5, queue='slow')\\nchain(add.s(1), mul.si(2))\\ncelery.current_app.send_task('m.x', [1])\\ntimer.delay\\nsuper().delay(3)\\nfrom multiprocessing.pool import Pool\\nwith Pool() as pool: pool.apply_async(add)")
    LocalTaskCall(library='celery', task='m.tasks.add', kind='delay', arguments=2, has_countdown=False, has_eta=False, queue=None)
    LocalTaskCall(library='celery', task='m.y', kind='delay', arguments=1, has_countdown=False, has_eta=False, queue=None)
    LocalTaskCall(library='celery', task='m.tasks.add', kind='apply_async', arguments=1, has_countdown=True, has_eta=False, queue='slow')
    LocalTaskCall(library='celery', task='chain', kind='chain', arguments=2, has_countdown=False, has_eta=False, queue=None)
    LocalTaskCall(library='celery', task='m.tasks.add', kind='signature', arguments=1, has_countdown=False, has_eta=False, queue=None)
    LocalTaskCall(library='celery', task='m.tasks.mul', kind='signature', arguments=1, has_countdown=False, has_eta=False, queue=None)
    LocalTaskCall(library='celery', task='m.x', kind='send_task', arguments=1, has_countdown=False, has_eta=False, queue=None)
    """
    func: Any = node.func
    word = func.attr if isinstance(func, ast.Attribute) else context.name(func).rpartition(".")[2]
    if word in _CANVAS:
        if context.name(func) in {f"celery.{word}", f"celery.canvas.{word}"}:
            yield _row("celery", word, word, len(node.args), node, context)
    elif isinstance(func, ast.Attribute):
        found = _method(func, word, node, context)
        if found is not None:
            yield found
    elif word in {"signature", "subtask"} and context.name(func).startswith("celery."):
        found = _celery("celery", "signature", node, context)
        if found is not None:
            yield found


def _method(func: ast.Attribute, word: str, node: ast.Call, context: Context) -> LocalTaskCall | None:
    owner = context.name(func).rpartition(".")[0] or context.text(func.value) or _registered(func.value, context)
    if word in _CELERY:
        return _celery(owner, word, node, context)
    if word == "send_task":
        return _row("celery", _named(context.keyword(node, "name", 0), context), word, _carried(node, 1), node, context)
    if word.startswith("enqueue"):
        return _enqueued(owner, word, node, context)
    if word == "add_task" and owner.rpartition(".")[2] in {"BackgroundTasks", "BackgroundTask"}:
        task = _named(context.keyword(node, "func", 0), context)
        return _row(owner.partition(".")[0], task, "background", len(node.args) - 1, node, context)
    if word in {"send", "send_with_options"} and _is_made_by(func.value, "dramatiq", context):
        return _row("dramatiq", owner, "send", len(node.args), node, context)
    if word == "schedule" and _is_made_by(func.value, "huey", context):
        return _row("huey", owner, "schedule", _carried(node, 0), node, context)
    return None


def _registered(node: ast.expr, context: Context) -> str:
    """The name of a task that an application is asked for: `app.tasks["shop.mail"]`."""
    is_asked = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "tasks"
    return (context.string(node.slice) or "") if is_asked and isinstance(node, ast.Subscript) else ""


def _carried(node: ast.Call, position: int) -> int:
    """The number of arguments that a list, tuple or dict of them carries."""
    parts = [node.args[position]] if len(node.args) > position else []
    parts += [keyword.value for keyword in node.keywords if keyword.arg in {"args", "kwargs"}]
    return sum(
        len(part.elts)
        if isinstance(part, (ast.List, ast.Tuple))
        else len(part.keys)
        if isinstance(part, ast.Dict)
        else 0
        for part in parts
    )


def _celery(owner: str, word: str, node: ast.Call, context: Context) -> LocalTaskCall | None:
    # a task is a name; `.s` and `.delay` of other things are rare, of calls and constants they are no tasks
    root = owner.partition(".")[0]
    if (
        not owner
        or root == "super"
        or (root in context.imports and root in sys.stdlib_module_names)
        or ("celery" not in context.imports and word in {"s", "si", "chunks", "signature"} and "task" not in owner)
    ):
        return None
    if owner in {"celery", "celery.canvas", "celery.app"}:
        name = _named(context.keyword(node, "varies", 0), context) if word == "signature" else ""
        return _row("celery", name, "signature", _carried(node, 1), node, context) if name else None
    given = _carried(node, 0) if word == "apply_async" else len(node.args) + len(node.keywords)
    return _row("celery", _signed(owner, node, context), _CELERY[word], given, node, context)


def _signed(owner: str, node: ast.Call, context: Context) -> str:
    """The task of a signature: `add.s(1).set(queue="q")` is of `add`, `signature("m.add")` of `m.add`."""
    parts = owner.split(".")
    while len(parts) > 1 and parts[-1] in _SIGNED:
        parts.pop()
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if owner in {"celery.signature", "celery.canvas.signature"} and isinstance(inner, ast.Call):
        return _named(context.keyword(inner, "varies", 0), context) or owner
    return parts[-1] if owner in {f"celery.{word}" for word in _CANVAS} else ".".join(parts)


def _enqueued(owner: str, word: str, node: ast.Call, context: Context) -> LocalTaskCall | None:
    library = owner.partition(".")[0] if owner in _QUEUES else ""
    if not library:
        known = {"rq", "arq", "django_rq"} & context.imports
        if len(known) != 1:
            return None
        library = next(iter(known))
    first = {"enqueue_at": 1, "enqueue_in": 1}.get(word, 0)
    task = _named(context.keyword(node, "f", first) or context.keyword(node, "func"), context)
    return _row(library, task, "enqueue", max(0, len(node.args) - first - 1), node, context) if task else None


def _is_made_by(node: ast.AST, library: str, context: Context) -> bool:
    """Whether a name is a function of this file under a decorator of the library, or the file imports the library."""
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    for decorator in getattr(bound, "decorator_list", ()):
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        if context.name(plain).startswith(f"{library}."):
            return True
    return False


@extracts(ast.Call, callee={"do"}, when="schedule")
def every(node: ast.Call, context: Context) -> Iterator[ScheduleEntry]:
    """
    Each job of `schedule`.

    >>> rows(every, "import schedule\\nschedule.every(10).minutes.do(job, 1)\\nother.do(job)")
    ScheduleEntry(library='schedule', name=None, task='job', kind='interval', expression='schedule.every(10).minutes')
    """
    if isinstance(node.func, ast.Attribute) and context.name(node.func).startswith("schedule.every") and node.args:
        task = _named(node.args[0], context)
        yield ScheduleEntry("schedule", None, task, "interval", context.source(node.func.value))
