"""Options of commands: what their declarations, as decorators of click, let through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import FunctionRef
from aud_action.taint.entries.callers import decorators
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import NUMBER, Value
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_DECLARING = frozenset(
    f"{library}.{name}" for library in ("click", "rich_click", "asyncclick", "cloup") for name in ("option", "argument")
)
_HARMLESS = frozenset(
    "builtins.int builtins.float builtins.bool uuid.UUID "
    "click.INT click.FLOAT click.BOOL click.UUID click.IntRange click.FloatRange click.Choice click.DateTime".split()
)
"""Types whose values are numbers, dates or one of a few."""
_COUNTED = ("is_flag", "count")


def typed(machine: Machine, frame: Frame, function: FunctionRef) -> dict[str, Value]:
    """The parameters of a command that hold no text of whoever runs it."""
    return {name: NUMBER for name, words in _declared(machine, frame, function) if _is_harmless(words)}


def _declared(machine: Machine, frame: Frame, function: FunctionRef) -> Iterator[tuple[str, dict[str | None, Value]]]:
    for node in decorators(function):
        if type(node) is not list or node[0] != code.CALL:
            continue
        try:
            if not _DECLARING.intersection(machine.value_of(frame, Env({}), node[1]).paths):
                continue
            positional, words = machine.arguments(frame, Env({}), node)
        except Unreachable:
            continue
        names = [one.consts[0] for one in positional if one.consts and isinstance(one.consts[0], str)]
        if names:
            yield _name(names), dict(words)


def _name(names: list[str]) -> str:
    """The parameter that an option is passed as: its bare name, else the longest of those with dashes."""
    bare = [one for one in names if not one.startswith("-")]
    found = bare[0] if bare else max(names, key=lambda one: len(one) - len(one.lstrip("-")))
    return found.lstrip("-").partition("/")[0].replace("-", "_").lower()


def _is_harmless(words: dict[str | None, Value]) -> bool:
    kind, default = words.get("type"), words.get("default")
    if kind is not None:
        return bool(kind.paths) and _HARMLESS.issuperset(kind.paths)
    if any(words[one].consts not in ((False,), (0,)) for one in _COUNTED if one in words):
        return True
    return (
        default is not None
        and bool(default.consts)
        and all(type(one) in (int, float, bool) for one in default.consts or ())
    )
