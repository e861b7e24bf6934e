"""What runs at the same time as something else."""

from typing import NamedTuple

from schema.table import table


@table("python_async_functions", unique=True)
class AsyncFunction(NamedTuple):
    """One coroutine or asynchronous generator function; counts are of its own body only."""

    name: str
    awaits: int
    async_withs: int
    async_fors: int
    yields: int
    has_blocking_call: bool  #: calls, unawaited, what stops the event loop: time.sleep, requests, subprocess.run, …


@table("python_awaits", unique=True)
class Await(NamedTuple):
    """One await expression."""

    callee: str | None  #: exact name of what is called
    source: str
    kind: str  #: call, name, gather, task or other


@table("python_async_loops", unique=True)
class AsyncLoop(NamedTuple):
    """One asynchronous iteration; its site is what is iterated over."""

    kind: str  #: for or comprehension
    targets: str  #: names bound, in order, separated by a comma
    source: str
    callee: str | None


@table("python_async_tasks")
class AsyncTask(NamedTuple):
    """One piece of work started beside the caller: a task, a thread, a process; of `gather` one row each."""

    callee: str
    kind: str  #: run, task, gather, thread, process, executor or callback
    function: str | None  #: what is run, as written
    is_kept: bool  #: somebody holds, awaits or returns what was started
