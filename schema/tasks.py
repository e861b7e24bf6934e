"""What runs later, elsewhere, or on a message."""

from typing import NamedTuple

from schema.table import table


@table("python_celery_tasks", index=("name",), hot=True)
class CeleryTask(NamedTuple):
    """One task of Celery; its site is the function or class."""

    name: str  #: given, else `module.function` as Celery derives it
    function: str
    decorator: str  #: as written; the base for classes
    arguments: int  #: parameters, without `self` of a bound task
    is_bound: bool
    serializer: str | None
    max_retries: int | None
    rate_limit: str | None
    time_limit: int | None  #: seconds
    queue: str | None
    is_async: bool


@table("python_task_calls", index=("task",))
class TaskCall(NamedTuple):
    """One call that schedules a task."""

    library: str  #: celery, rq, dramatiq, huey, arq, fastapi, …
    task: str  #: exact name, else as written; the constant for `send_task`
    kind: str  #: delay, apply_async, signature, send_task, chain, group, chord, chunks, enqueue, send, schedule or background
    arguments: int  #: given to the task
    has_countdown: bool
    has_eta: bool
    queue: str | None


@table("python_task_schedules")
class TaskSchedule(NamedTuple):
    """One task that runs by the clock."""

    library: str
    name: str | None
    task: str
    kind: str  #: crontab, interval, solar, cron, date or other
    expression: str | None


@table("python_celery_settings", index=("key",))
class CelerySetting(NamedTuple):
    """One setting of Celery."""

    key: str  #: in lower case, without `celery_`
    value_source: str
    constant: str | None


@table("python_message_consumers")
class MessageConsumer(NamedTuple):
    """One function that messages or events of another system reach."""

    library: str
    handler: str
    topic: str | None
    kind: str  #: consumer, subscriber, callback, actor, function or listener


@table("python_tool_functions")
class ToolFunction(NamedTuple):
    """One function that a language model may call."""

    library: str
    function: str
    name: str | None
    kind: str  #: tool, prompt or resource
