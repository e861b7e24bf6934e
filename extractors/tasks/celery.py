"""Tasks of Celery: what is one, what schedules it, and how it is configured."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.registry import extracts
from extractors.statements import called
from schema.tasks import CelerySetting, CeleryTask, TaskSchedule

_DECORATORS: Final = frozenset(
    "celery.shared_task celery.app.shared_task celery.task celery.decorators.task celery.task.task "
    "celery.task.base.periodic_task celery.decorators.periodic_task celery.Celery.task celery.app.base.Celery.task "
    "celery.current_app.task".split()
)
_NEIGHBOURS: Final = frozenset("django_celery_beat django_celery_results celery_once celery_batches".split())
_BASES: Final = frozenset({"celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.Celery.Task"})


def is_application(node: ast.AST | None, context: Context) -> bool:
    """
    Whether an expression is a Celery application: made here, or imported from a module named for Celery.

    The second is how every Celery project is laid out (`from proj.celery import app`): the object is made in a file
    that this one does not show.
    """
    name = context.name(node)
    if name in {"celery.Celery", "celery.app.base.Celery", "celery.current_app"}:
        return True
    return "celery" in name.lower() and "." in name and name.partition(".")[0] not in {"celery", *_NEIGHBOURS}


def _decorated(node: Any, context: Context) -> ast.expr | None:
    for decorator in node.decorator_list:
        plain = called(decorator)
        if context.name(plain) in _DECORATORS:
            return decorator  # type: ignore[no-any-return]  # an expression of the tree
        if isinstance(plain, ast.Attribute) and plain.attr == "task" and is_application(plain.value, context):
            return decorator  # type: ignore[no-any-return]  # as above
    return None


def _whole(node: ast.expr | None, context: Context) -> int | None:
    value = context.constant(node)
    return value if isinstance(value, int) and abs(value) < 1 << 62 else None


def _task(
    node: Any, name: str, decorator: str, options: dict[Any, ast.expr], is_method: bool, context: Context
) -> CeleryTask:
    given = node.args
    arguments = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
    bound = context.constant(options.get("bind")) is True
    return CeleryTask(
        name=name,
        function=name.rpartition(".")[2] if is_method else node.name,
        decorator=decorator,
        arguments=arguments - (bound or is_method),
        is_bound=bound or is_method,
        serializer=context.string(options.get("serializer")),
        max_retries=_whole(options.get("max_retries"), context),
        rate_limit=constant_text(context.constant(options.get("rate_limit"))) if "rate_limit" in options else None,
        time_limit=_whole(options.get("time_limit"), context),
        queue=context.string(options.get("queue")),
        is_async=isinstance(node, ast.AsyncFunctionDef),
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, decorated=True)
def celery_task(node: Any, context: Context) -> Iterator[CeleryTask]:
    """
    Each function that a decorator makes a task.

    >>> rows(celery_task, "from celery import shared_task as s, Celery\\napp = Celery()\\n@s(bind=True, max_retries=3)\\ndef a(self, x): ...\\n@app.task(name='n.b', queue='slow')\\nasync def b(): ...\\n@invoke.task\\ndef c(): ...\\nfrom shop.celeryapp import app as own\\n@own.task\\ndef d(): ...")
    CeleryTask(name='m.a', function='a', decorator='s', arguments=1, is_bound=True, serializer=None, max_retries=3, rate_limit=None, time_limit=None, queue=None, is_async=False)
    CeleryTask(name='n.b', function='b', decorator='app.task', arguments=0, is_bound=False, serializer=None, max_retries=None, rate_limit=None, time_limit=None, queue='slow', is_async=True)
    CeleryTask(name='m.d', function='d', decorator='own.task', arguments=0, is_bound=False, serializer=None, max_retries=None, rate_limit=None, time_limit=None, queue=None, is_async=False)
    """
    if not node.decorator_list:
        return
    decorator: Any = _decorated(node, context)
    if decorator is None:
        return
    options = _options(decorator, context)
    name = context.string(options.get("name")) or f"{context.module}.{node.name}"
    yield _task(node, name, context.text(called(decorator)), options, False, context)


def _options(call: ast.expr, context: Context) -> dict[Any, ast.expr]:
    """The options of a decorator, also those of a dictionary that it is given by `**`."""
    found: dict[Any, ast.expr] = {}
    for keyword in call.keywords if isinstance(call, ast.Call) else ():
        value: Any = keyword.value
        value = context.binding(value.id) if keyword.arg is None and isinstance(value, ast.Name) else value
        if keyword.arg is not None:
            found[keyword.arg] = value
        elif isinstance(value, ast.Dict):
            found |= {context.string(key): one for key, one in zip(value.keys, value.values, strict=True) if key}
        elif isinstance(value, ast.Call) and context.name(value.func) == "dict":
            found |= {one.arg: one.value for one in value.keywords}
    return found


@extracts(ast.Call, callee={"task", "shared_task"}, when="celery")
def celery_task_made(node: ast.Call, context: Context) -> Iterator[CeleryTask]:
    """
    Each task that is made of a function by a call.

    >>> rows(celery_task_made, "from celery import Celery\\napp = Celery()\\ndef add(a, b): ...\\nlater = app.task(add, name='n.add')\\n@app.task\\ndef f(): ...")
    CeleryTask(name='n.add', function='add', decorator='app.task', arguments=2, is_bound=False, serializer=None, max_retries=None, rate_limit=None, time_limit=None, queue=None, is_async=False)
    """
    given = node.args[0] if node.args else None
    function = context.binding(given.id) if isinstance(given, ast.Name) else given
    plain = node.func
    is_ours = context.name(plain) in _DECORATORS or (
        isinstance(plain, ast.Attribute) and is_application(plain.value, context)
    )
    if is_ours and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        options = _options(node, context)
        name = context.string(options.get("name")) or f"{context.module}.{function.name}"
        yield _task(function, name, context.text(plain), options, False, context)


@extracts(ast.ClassDef, when="celery")
def celery_task_class(node: ast.ClassDef, context: Context) -> Iterator[CeleryTask]:
    """
    Each class that is a task: it has a body to run.

    >>> rows(celery_task_class, "from celery import Task\\nclass Mail(Task):\\n    name = 'mail.send'\\n    max_retries = 2\\n    def run(self, to): ...\\nclass Base(Task):\\n    abstract = True")
    CeleryTask(name='mail.send', function='Mail', decorator='Task', arguments=1, is_bound=True, serializer=None, max_retries=2, rate_limit=None, time_limit=None, queue=None, is_async=False)
    """
    base = next((item for item in node.bases if _is_task(item, context)), None)
    run: Any = next((item for item in node.body if getattr(item, "name", None) == "run"), None)
    if base is None or not isinstance(run, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    options: dict[Any, ast.expr] = {}
    for item in node.body:
        if isinstance(item, ast.Assign):
            options |= {target.id: item.value for target in item.targets if isinstance(target, ast.Name)}
    if context.constant(options.get("abstract")) is True:
        return
    name = context.string(options.get("name")) or f"{context.module}.{node.name}"
    yield _task(run, name, context.text(base), options, True, context)._replace(function=node.name)


def _is_task(base: ast.expr, context: Context, depth: int = 0) -> bool:
    """Whether a base is Celery's, or a class of this file that descends from it."""
    if context.name(base) in _BASES:
        return True
    bound = context.binding(base.id) if isinstance(base, ast.Name) and depth < 8 else None
    return isinstance(bound, ast.ClassDef) and any(_is_task(one, context, depth + 1) for one in bound.bases)


_KINDS: Final = {"crontab": "crontab", "schedule": "interval", "timedelta": "interval", "solar": "solar"}


def when(node: ast.expr | None, context: Context) -> tuple[str, str | None]:
    """The kind of a schedule and its expression."""
    if node is None:
        return "other", None
    if isinstance(node, ast.Call):
        word = (context.name(node.func) or context.text(node.func)).rpartition(".")[2]
        return _KINDS.get(word, "other"), context.source(node)
    value = context.constant(node)
    return "interval" if isinstance(value, (int, float)) else "other", context.source(node)


_SCHEDULES: Final = frozenset({"beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE"})


@extracts(ast.Assign, ast.AnnAssign, named=_SCHEDULES)
def beat_schedule(node: Any, context: Context) -> Iterator[At]:
    """
    Each entry of a beat schedule.

    >>> rows(beat_schedule, "from celery.schedules import crontab\\napp.conf.beat_schedule = {'nightly': {'task': 'm.clean', 'schedule': crontab(hour=3)}, 'often': {'task': 'm.poll', 'schedule': 10.0}}")
    TaskSchedule(library='celery', name='nightly', task='m.clean', kind='crontab', expression='crontab(hour=3)')
    TaskSchedule(library='celery', name='often', task='m.poll', kind='interval', expression='10.0')
    """
    if not isinstance(node.value, ast.Dict):
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        word = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        if word in _SCHEDULES:
            yield from _entries(node.value, context)


def _entries(table: ast.Dict, context: Context) -> Iterator[At]:
    for key, entry in zip(table.keys, table.values, strict=True):
        if key is None or not isinstance(entry, ast.Dict):
            continue
        given = {context.string(name): value for name, value in zip(entry.keys, entry.values, strict=True) if name}
        named = given.get("task")
        task = context.string(named) or context.name(named).removesuffix(".name") or context.text(named)
        if task:
            yield At(entry, TaskSchedule("celery", context.string(key), task, *when(given.get("schedule"), context)))


@extracts(ast.Call, callee={"add_periodic_task", "update"})
def periodic_task(node: ast.Call, context: Context) -> Iterator[TaskSchedule | At]:
    """
    Each task added to the beat by a call.

    >>> rows(periodic_task, "import celery\\nsender.add_periodic_task(10.0, ping.s('x'), name='ping')\\napp.conf.update(beat_schedule={'n': {'task': 'm.t', 'schedule': 5}})")
    TaskSchedule(library='celery', name='ping', task='ping', kind='interval', expression='10.0')
    TaskSchedule(library='celery', name='n', task='m.t', kind='interval', expression='5')
    """
    word = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if word == "update":
        table = context.keyword(node, "beat_schedule")
        if isinstance(table, ast.Dict) and context.text(node.func).endswith("conf.update"):
            yield from _entries(table, context)
        return
    job = context.keyword(node, "sig", 1)
    plain = job.func.value if isinstance(job, ast.Call) and isinstance(job.func, ast.Attribute) else job
    if word and plain is not None:
        is_named = isinstance(job, ast.Call) and isinstance(job.func, ast.Attribute) and job.func.attr == "signature"
        given = context.string(job.args[0]) if is_named and job.args else None  # type: ignore[union-attr]  # a call
        task = given or context.name(plain) or context.text(plain)
        name = context.string(context.keyword(node, "name"))
        yield TaskSchedule("celery", name, task, *when(context.keyword(node, "schedule", 0), context))


def _setting(key: str, value: ast.expr, context: Context) -> CelerySetting:
    key = key.lower().removeprefix("celery_").removeprefix("celery")
    return CelerySetting(key, context.source(value), constant_text(context.constant(value)))


def _may_set(context: Context) -> bool:
    return b"CELERY" in context.source_bytes or b"conf" in context.source_bytes


@extracts(ast.Assign, only=_may_set)
def celery_setting(node: ast.Assign, context: Context) -> list[At]:
    """
    Each setting that is assigned: to an application's `conf`, or under a `CELERY_` name of a module.

    >>> rows(celery_setting, "from celery import Celery\\napp = Celery('a')\\napp.conf.task_serializer = 'pickle'\\nCELERY_ACCEPT_CONTENT = ['json']\\nother.conf.x = 1")
    CelerySetting(key='task_serializer', value_source="'pickle'", constant='pickle')
    CelerySetting(key='accept_content', value_source="['json']", constant="('json',)")
    """
    found = []
    for target in node.targets:
        if isinstance(target, ast.Attribute):
            owner = target.value
            if isinstance(owner, ast.Attribute) and owner.attr == "conf" and is_application(owner.value, context):
                found.append(At(target, _setting(target.attr, node.value, context)))
        elif isinstance(target, ast.Name) and target.id.startswith(("CELERY_", "CELERYD_", "CELERYBEAT_")):
            if context.scope.kind in {"module", "class"}:
                found.append(At(target, _setting(target.id, node.value, context)))
    return found


@extracts(ast.Call, callee={"update"})
def celery_settings(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each setting given to `conf.update`.

    >>> rows(celery_settings, "from celery import Celery\\napp = Celery('a')\\napp.conf.update(result_serializer='json', task_time_limit=30)\\nd.update(a=1)")
    CelerySetting(key='result_serializer', value_source="'json'", constant='json')
    CelerySetting(key='task_time_limit', value_source='30', constant='30')
    """
    func: Any = node.func
    owner = func.value if isinstance(func, ast.Attribute) else None
    if isinstance(owner, ast.Attribute) and owner.attr == "conf" and is_application(owner.value, context):
        for keyword in node.keywords:
            if keyword.arg:
                yield At(keyword.value, _setting(keyword.arg, keyword.value, context))
