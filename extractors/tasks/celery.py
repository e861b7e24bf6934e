"""What schedules tasks of Celery, and how it is configured by calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.registry import extracts
from schema.tasks import CelerySettingWrite, ScheduleEntry

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
    ScheduleEntry(library='celery', name='nightly', task='m.clean', kind='crontab', expression='crontab(hour=3)')
    ScheduleEntry(library='celery', name='often', task='m.poll', kind='interval', expression='10.0')
    """
    table = context.binding(node.value.id) if isinstance(node.value, ast.Name) else node.value
    if not isinstance(table, ast.Dict):
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        word = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        if word in _SCHEDULES and getattr(node.value, "id", "") not in _SCHEDULES:
            yield from _entries(table, context)


def _entries(table: ast.Dict, context: Context) -> Iterator[At]:
    for key, entry in zip(table.keys, table.values, strict=True):
        if key is None or not isinstance(entry, ast.Dict):
            continue
        given = {context.string(name): value for name, value in zip(entry.keys, entry.values, strict=True) if name}
        named = given.get("task")
        task = context.string(named) or context.name(named).removesuffix(".name") or context.text(named)
        if task:
            yield At(entry, ScheduleEntry("celery", context.string(key), task, *when(given.get("schedule"), context)))


@extracts(ast.Call, callee={"add_periodic_task", "update"})
def periodic_task(node: ast.Call, context: Context) -> Iterator[ScheduleEntry | At]:
    """
    Each task added to the beat by a call.

    >>> rows(periodic_task, "import celery\\nsender.add_periodic_task(10.0, ping.s('x'), name='ping')\\napp.conf.update(beat_schedule={'n': {'task': 'm.t', 'schedule': 5}})")
    ScheduleEntry(library='celery', name='ping', task='ping', kind='interval', expression='10.0')
    ScheduleEntry(library='celery', name='n', task='m.t', kind='interval', expression='5')
    """
    word = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if word == "update":
        table: Any = context.keyword(node, "beat_schedule")
        if isinstance(table, ast.Name) and table.id not in _SCHEDULES:
            table = context.binding(table.id)
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
        yield ScheduleEntry("celery", name, task, *when(context.keyword(node, "schedule", 0), context))


@extracts(ast.Call, callee={"update"})
def celery_setting_write(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each value given to the `conf.update` of an object: whether it is an application is not asked here.

    >>> rows(celery_setting_write, "from celery import Celery\\napp = Celery('a')\\napp.conf.update(result_serializer='json', task_time_limit=30)\\nd.update(a=1)")
    CelerySettingWrite(application='celery.Celery', key='result_serializer', value_source="'json'", constant='json')
    CelerySettingWrite(application='celery.Celery', key='task_time_limit', value_source='30', constant='30')
    """
    func: Any = node.func
    owner = func.value if isinstance(func, ast.Attribute) else None
    if isinstance(owner, ast.Attribute) and owner.attr == "conf":
        # what a star import brings has no name in its file
        application = context.name(owner.value) or f"{context.module}.{context.text(owner.value)}"
        for keyword in node.keywords:
            if keyword.arg:
                source, constant = context.source(keyword.value), constant_text(context.constant(keyword.value))
                yield At(keyword.value, CelerySettingWrite(application, keyword.arg, source, constant))
