"""Exceptions: which handler catches what was raised."""

from __future__ import annotations

import builtins
from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import NEVER, OBJECT, Value, join_all

_EVERYTHING = {"Exception", "BaseException"}


def caught(frame: Frame, env: Env, kind: Any, raised: list[Value]) -> tuple[Value, list[Value]]:
    """What a handler binds of the exceptions that reach it, and those that pass it by. kind: code of its type."""
    if not raised:
        return NEVER, raised
    try:
        wanted = None if kind is None else frame.machine.value_of(frame, env, kind)
    except Unreachable:
        wanted = None
    mine = [one for one in raised if wanted is None or _catches(frame, wanted, one)]
    return (_itself(join_all(mine)) if mine else NEVER), [one for one in raised if one not in mine]


def _itself(error: Value) -> Value:
    return error.but(taints=tuple([taint._replace(state=taint.state | OBJECT) for taint in error.taints]))


def _catches(frame: Frame, wanted: Value, error: Value) -> bool:
    """Whether an exception may be of one of the types of a handler; what isn't known may."""
    kinds = list(wanted.items.values()) if wanted.items else [wanted]
    names = {name for kind in kinds for name in _names(kind)}
    of_error = {name for ref in error.refs if isinstance(ref, ClassRef) for name in _lineage(frame, ref)}
    of_error |= {base for path in error.paths for base in _ancestors(path)}
    return not names or not of_error or bool(names & (of_error | _EVERYTHING))


def _names(kind: Value) -> set[str]:
    return {_last(path) for path in kind.paths} | {ref.facts.name for ref in kind.refs if isinstance(ref, ClassRef)}


def _lineage(frame: Frame, owner: ClassRef) -> set[str]:
    found: set[str] = set()
    for link in frame.machine.order(owner):
        found |= {link.facts.name} if isinstance(link, ClassRef) else _ancestors(link)
    return found


def _ancestors(path: str) -> set[str]:
    """The names of a library's exception and of its bases, as far as the language itself defines them."""
    name = _last(path)
    kind = getattr(builtins, name, None)
    return {one.__name__ for one in kind.__mro__} if isinstance(kind, type) else {name}


def _last(path: str) -> str:
    return path.removesuffix("()").rpartition(".")[2]
