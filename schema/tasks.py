"""What runs later, elsewhere, or on a message."""

from typing import NamedTuple

from schema.table import table, union


@table("python_celery_tasks", index=("name",), derived=True)
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


@table("python_local_task_calls", index=("task",))
class LocalTaskCall(NamedTuple):
    """One call that schedules a task, as far as its own file tells."""

    library: str  #: celery, rq, dramatiq, huey, arq, fastapi, …
    task: str  #: exact name, else as written; the constant for `send_task`
    kind: str  #: delay, apply_async, signature, send_task, chain, group, chord, chunks, enqueue, send, schedule or background
    arguments: int  #: given to the task
    has_countdown: bool
    has_eta: bool
    queue: str | None


@table("python_actor_calls", index=("task",), derived=True)
class ActorCall(LocalTaskCall):
    """One call that schedules a task which its decorator makes one, in whatever file it stands."""

    __slots__ = ()


@union("python_task_calls", LocalTaskCall, ActorCall)
class TaskCall(LocalTaskCall):
    """One call that schedules a task."""

    __slots__ = ()


@table("python_schedule_entries")
class ScheduleEntry(NamedTuple):
    """One entry of a beat schedule, one periodic task or one job of `schedule`, as its own file tells."""

    library: str
    name: str | None
    task: str
    kind: str  #: crontab, interval, solar, cron, date or other
    expression: str | None


@table("python_scheduled_jobs", derived=True)
class ScheduledJob(ScheduleEntry):
    """One function that a scheduler or queue runs by the clock, wherever its object is made."""

    __slots__ = ()


@union("python_task_schedules", ScheduleEntry, ScheduledJob)
class TaskSchedule(ScheduleEntry):
    """One task that runs by the clock."""

    __slots__ = ()


@table("python_celery_settings", index=("key",), derived=True)
class CelerySetting(NamedTuple):
    """One setting of Celery."""

    key: str  #: in lower case, without `celery_`
    value_source: str
    constant: str | None


@table("python_celery_setting_writes")
class CelerySettingWrite(NamedTuple):
    """One value given to the `conf.update` of an object."""

    application: str  #: exact name of the object, or of what made it
    key: str
    value_source: str
    constant: str | None


@table("python_consumer_calls")
class ConsumerCall(NamedTuple):
    """One function that a call, a loop over messages or its signature makes a consumer."""

    library: str
    handler: str
    topic: str | None
    kind: str  #: consumer, subscriber, callback, actor, function or listener


@table("python_subscribers", derived=True)
class Subscriber(ConsumerCall):
    """One function that a decorator or a worker's list makes a consumer; its site is the decorator or the list."""

    __slots__ = ()


@union("python_message_consumers", ConsumerCall, Subscriber)
class MessageConsumer(ConsumerCall):
    """One function that messages or events of another system reach."""

    __slots__ = ()


@table("python_tool_calls")
class ToolCall(NamedTuple):
    """One function that a call gives to a language model."""

    library: str
    function: str
    name: str | None
    kind: str  #: tool, prompt or resource


@table("python_decorated_tools", derived=True)
class DecoratedTool(ToolCall):
    """One function that a decorator gives to a language model, whatever file makes the server or agent; its site is the decorator."""

    __slots__ = ()


@union("python_tool_functions", ToolCall, DecoratedTool)
class ToolFunction(ToolCall):
    """One function that a language model may call."""

    __slots__ = ()
