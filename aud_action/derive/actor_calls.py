"""Calls that hand something to actors and tasks by a method of theirs: `mail.send(7)`, wherever `mail` is defined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aud_action.derive import derives
from aud_action.derive.classes import program
from aud_action.derive.expressions import whole_items
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
_OPTIONS: Final = frozenset({"args", "kwargs", "delay", "eta", "queue_name", "on_success", "on_failure"})


@derives(ActorCall, after=(Subscriber,))
def actor_calls(store: Store, _settings: Settings) -> Iterator[tuple[int, ActorCall]]:
    """Each call of a method by which a task is sent or scheduled."""
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
