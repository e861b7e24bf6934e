"""Functions that messages reach or the clock runs, on whatever object of their library and wherever it is made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Class, program
from aud_action.derive.expressions import dotted, parsed, text_or_name, whole_items, written_arguments
from aud_action.derive.origins import Origins, origins
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import CallArgument
from schema.tasks import ScheduledJob, Subscriber

_SUBSCRIBERS: Final = {
    "subscriber": "subscriber",
    "subscribe": "subscriber",
    "agent": "consumer",
    "on_message": "callback",
    "topic_callback": "callback",
    "actor": "actor",
    "task": "consumer",
    "db_task": "consumer",
    "job": "consumer",
    "listener": "listener",
    "event": "listener",
    "function_name": "function",
    "queue_trigger": "function",
    "event_grid_trigger": "function",
    "service_bus_queue_trigger": "function",
    "http": "function",
    "cloud_event": "function",
}
_LIBRARIES: Final = frozenset(
    "faststream propan faust dramatiq flask_dramatiq remoulade huey rq django_rq flask_rq2 nats taskiq procrastinate paho gmqtt "
    "azure functions_framework aio_pika kombu aws_lambda_powertools google".split()
)
_FUNCTION_LIBRARIES: Final = frozenset({"azure", "functions_framework", "google"})
_CLOCKS: Final = frozenset({"apscheduler", "flask_apscheduler", "huey", "procrastinate"})
_PERIODIC: Final = frozenset({"scheduled_job", "periodic_task", "db_periodic_task", "task", "periodic", "cron"})
_DECORATED: Final = """
SELECT d.site, d.name, d.text, d.target, f.package FROM python_decorators d JOIN files f ON f.id = d.site >> 24
WHERE d.target_kind <> 'class' AND (d.name GLOB '*.*' OR d.name = '' AND d.text GLOB '*.*') ORDER BY d.site
"""
_ADDED: Final = "SELECT site, callee FROM python_calls WHERE method = 'add_job' AND callee <> '' ORDER BY site"
_WORKERS: Final = (
    "SELECT DISTINCT f.package FROM python_imports i JOIN files f ON f.id = i.site >> 24 WHERE i.module GLOB 'arq*'"
)
_NOT_OPTIONS: Final = frozenset({"id", "name", "args", "kwargs", "func", "trigger"})
_CUT: Final = 200


@derives(Subscriber, ScheduledJob)
def consumers(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each function that a decorator makes a consumer or a job, that a call adds, or that a worker of arq lists."""
    known, from_library = program(store), origins(store)
    for site, name, text, function, module in list(store.rows(_DECORATED)):
        found = _decorated(name or f"{module}.{text}", from_library)
        if found:
            yield from ((site, row) for row in _rows(found, function, known.arguments(site)))
    for site, callee in list(store.rows(_ADDED)):
        if from_library.under(callee, _CLOCKS):
            given = known.arguments(site)
            target = _given(given, "func", 0)
            yield site, _job("apscheduler", _named(target), given, 1)
    modules = {module for (module,) in store.rows(_WORKERS)}
    for view in known.classes.values() if modules else ():
        if known.names.module_of(view.qualified_name) in modules:
            yield from _worker(view)


def _decorated(name: str, from_library: Origins) -> str:
    """The library's own name of a decorator that makes a consumer or a job; "" for any other."""
    word = name.rpartition(".")[2]
    return from_library.under(name, _LIBRARIES | _CLOCKS) if word in _SUBSCRIBERS or word in _PERIODIC else ""


def _rows(name: str, function: str, given: list[CallArgument]) -> Iterator[Any]:
    library, word = name.partition(".")[0], name.rpartition(".")[2]
    kind = _SUBSCRIBERS.get(word)
    if library.endswith("apscheduler"):
        if word != "periodic_task":
            yield _job("apscheduler", function, given, 0)
    elif library in _CLOCKS and word in _PERIODIC and word != "task":
        yield _periodic(library, function, given)
    elif kind is not None and (kind == "function") == (library in _FUNCTION_LIBRARIES):
        topic = _given(given, "queue_name", None) or _given(given, "queue", 0)
        is_text = topic is not None and topic.constant_type == "str"
        yield Subscriber(library, function, topic.constant if topic is not None and is_text else None, kind)


def _given(given: list[CallArgument], word: str, position: int | None) -> CallArgument | None:
    named = next((one for one in given if one.keyword == word), None)
    if named is None and position is not None:
        return next((one for one in given if one.position == position), None)
    return named


def _named(given: CallArgument | None) -> str:
    """What a function is called by: its exact name, the text that names it, or as it is written."""
    if given is None:
        return ""
    return given.name or (given.constant if given.constant_type == "str" else None) or dotted(parsed(given.source))


def _text(given: CallArgument | None) -> str | None:
    return given.constant if given is not None and given.constant_type == "str" else None


def _job(library: str, task: str, given: list[CallArgument], position: int) -> ScheduledJob:
    """A job of APScheduler: the trigger is a word with options, or an object."""
    trigger = _given(given, "trigger", position)
    options = ", ".join(
        f"{one.keyword}={one.source}" for one in given if one.keyword and one.keyword not in _NOT_OPTIONS
    )
    expression = options or (trigger.source if trigger is not None else None)
    return ScheduledJob(library, _text(_given(given, "id", None)), task, _text(trigger) or "other", expression)


def _periodic(library: str, task: str, given: list[CallArgument]) -> ScheduledJob:
    """A periodic task of Huey or Procrastinate: a crontab, or an expression of one."""
    when = _given(given, "validate_datetime", 0) or _given(given, "cron", 0)
    is_crontab = when is not None and (_text(when) is not None or dotted(_function(when.source)).endswith("crontab"))
    name = _text(_given(given, "name", None))
    return ScheduledJob(library, name, task, "crontab" if is_crontab else "other", when.source if when else None)


def _function(source: str) -> ast.AST | None:
    node = parsed(source)
    return node.func if isinstance(node, ast.Call) else None


def _worker(view: Class) -> Iterator[tuple[int, Any]]:
    """The functions and jobs of a class that arq's worker is given: `functions` and `cron_jobs`."""
    for attribute in view.attributes:
        if attribute.row.level != "class" or attribute.row.name not in {"functions", "cron_jobs"}:
            continue
        for item in whole_items(attribute.row.value_source):
            wrapped = item.args[0] if isinstance(item, ast.Call) and item.args else item
            name = text_or_name(wrapped)
            if name and attribute.row.name == "functions":
                yield attribute.site, Subscriber("arq", name, None, "function")
            elif name:
                options = [f"{one.keyword}={one.source}" for one in written_arguments(item) if one.keyword]
                yield attribute.site, ScheduledJob("arq", None, name, "cron", ", ".join(options)[:_CUT] or None)
