"""Functions that are handed others: what one does depends on which, if it calls or registers what it is handed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from aud_action.taint.code.program import Closure, FunctionRef
from aud_action.taint.values.value import Value

if TYPE_CHECKING:
    from aud_action.taint.code.frame import Frame

REGISTERED = 8
"""Shapes after which constants are forgotten, and with them the route under which a function is registered."""
CALLED = 24
"""Shapes after which it is forgotten which function is handed."""
_DEEPEST = 3
"""Wrappers around wrappers that are told apart by what they wrap."""


def handed(values: Iterable[Value], deepest: int = _DEEPEST) -> Iterator[FunctionRef]:
    """The functions among some values, each with those that it has captured."""
    for value in values:
        for ref in value.refs if len(value.refs) == 1 else ():
            if isinstance(ref, Closure):
                yield ref.function
                scope = ref.scope
                if scope and deepest:
                    names = sorted(ref.function.mentions & scope.keys())
                    yield from handed([one for name in names if isinstance(one := scope[name], Value)], deepest - 1)


def is_table(items: Mapping[Any, Value]) -> bool:
    """Whether a container's elements are functions or classes, or tuples with some."""
    return any(_is_handed(one) for one in items.values())


def _is_handed(value: Value) -> bool:
    parts = (value, *value.items.values()) if value.items is not None and value.kind == "tuple" else (value,)
    return any(one.kind in ("function", "class") and one.refs for one in parts)


def used(frame: Frame, functions: Iterable[FunctionRef], after: int) -> None:
    """
    Note that a run calls or registers some functions: if it was handed one, it does something else for another.

    after: shapes of what it is given after which it is told apart by what it is handed.
    """
    if frame.handed and not frame.handed.isdisjoint(functions):
        users = frame.machine.runs.users
        users[frame.function] = min(after, users.get(frame.function, after))
