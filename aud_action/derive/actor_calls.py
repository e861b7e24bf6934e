"""Calls that hand something to actors and tasks by a method of theirs: `mail.send(7)`, wherever `mail` is defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aud_action.derive import derives
from aud_action.derive.classes import program
from aud_action.derive.expressions import whole_items
from aud_action.derive.origins import origins
from aud_action.settings import Settings
from aud_action.store import Store
from schema.tasks import ActorCall, Subscriber

_KINDS: Final = {
    "dramatiq": {"send": "send", "send_with_options": "send"},
    "flask_dramatiq": {"send": "send", "send_with_options": "send"},
    "remoulade": {"send": "send", "send_with_options": "send"},
    "huey": {"schedule": "schedule"},
    "taskiq": {"kiq": "send"},
    "procrastinate": {"defer": "send", "defer_async": "send"},
}
_METHODS: Final = ", ".join(sorted({f"'{word}'" for words in _KINDS.values() for word in words}))
_TASKS: Final = """
SELECT d.target_site, m.library FROM python_message_consumers m JOIN python_decorators d ON d.site = m.site
"""
_CALLS: Final = f"""
SELECT c.site, c.callee, c.method FROM python_calls c WHERE c.method IN ({_METHODS}) AND c.callee GLOB '*.*'
AND NOT EXISTS (SELECT 1 FROM python_local_task_calls t WHERE t.site = c.site) ORDER BY c.site
"""
_QUEUES: Final = {"rq": "rq", "flask_rq2": "rq", "django_rq": "django_rq", "arq": "arq"}
_TASK_AT: Final = {
    "enqueue": 0,
    "enqueue_call": 0,
    "enqueue_at": 1,
    "enqueue_in": 1,
    "enqueue_job": 0,
}
"""Methods of queues, by the place of the task among their arguments."""
_ENQUEUED: Final = f"""
SELECT c.site, c.callee, c.receiver, c.method, f.package FROM python_calls c JOIN files f ON f.id = c.site >> 24
WHERE c.method IN ({", ".join(f"'{word}'" for word in sorted(_TASK_AT))}) AND c.receiver <> ''
AND NOT EXISTS (SELECT 1 FROM python_local_task_calls t WHERE t.site = c.site) ORDER BY c.site
"""
_OPTIONS: Final = frozenset({"args", "kwargs", "delay", "eta", "queue_name", "on_success", "on_failure"})


@derives(ActorCall, after=(Subscriber,))
def actor_calls(store: Store, _settings: Settings) -> Iterator[tuple[int, ActorCall]]:
    """Each call of a method by which a task is sent or scheduled, or is put on a queue."""
    yield from _queued(store)
    tasks: dict[int, str] = dict(store.rows(_TASKS))
    if not tasks:
        return
    known = program(store)
    for site, callee, method in list(store.rows(_CALLS)):
        task = known.names.resolve(callee.rpartition(".")[0], instances=False)
        library = tasks.get(known.names.defined.get(task, 0), "")
        kind = _KINDS.get(library, {}).get(method)
        if kind is not None:
            given = known.arguments(site)
            options = {one.keyword: one for one in given if one.keyword in _OPTIONS} if method != "send" else {}
            queue = options.get("queue_name")
            listed = options.get("args")
            carried = len([one for one in given if one.keyword not in options])
            carried += len(whole_items(listed.source)) if listed is not None else 0
            yield (
                site,
                ActorCall(
                    library,
                    task,
                    kind,
                    carried,
                    "delay" in options,
                    "eta" in options,
                    queue.constant if queue is not None and queue.constant_type == "str" else None,
                ),
            )


def _queued(store: Store) -> Iterator[tuple[int, ActorCall]]:
    """Each call that puts a task on a queue which another file makes."""
    calls = list(store.rows(_ENQUEUED))
    known, from_library = program(store), origins(store)
    for site, callee, receiver, method, module in calls:
        name = callee or f"{module}.{receiver}.{method}"
        library = _QUEUES.get(from_library.under(name, _QUEUES).partition(".")[0])
        given = known.arguments(site)
        named = next((one for one in given if one.keyword in {"f", "func", "function"}), None)
        task = named or next((one for one in given if one.position == _TASK_AT[method]), None)
        if library and task is not None:
            text = task.constant if task.constant_type == "str" else None
            carried = sum(one.position is not None and one.position > _TASK_AT[method] for one in given)
            yield site, ActorCall(library, text or task.name or task.source, "enqueue", carried, False, False, None)
