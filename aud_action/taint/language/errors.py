"""Exceptions: which handler catches what was raised."""

from __future__ import annotations

import builtins
from typing import Any

from aud_action.taint.code.frame import Env, Frame, meet
from aud_action.taint.code.program import ClassRef
from aud_action.taint.flaws.guards import tokens
from aud_action.taint.library.addresses import RESOLVED
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values.value import NEVER, OBJECT, Value, join_all
from extractors.flow import code

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


def failing(frame: Frame, body: list[Any], before: Env, after: Env | None, returned: list[Env]) -> Env | None:
    """What is known where a `try` gives up: wherever it may have come to, or only where it raises."""
    left, entry = frame.thrown or [], None
    host = _looked_up(frame, before, body)
    if host is not None:
        entry = before
        for token in tokens(host):  # a name that leads nowhere isn't reached
            entry.believe(token, frame.machine.models.mask(["ssrf", "ssrf-partial"]), frame.machine.models.relations)
    elif not _reads_address(frame, before, body[0]) or not _only_looks(body[1:]):
        left = [*left, *returned]
        entry = meet(before, after.copy() if after is not None else None)
    for leaving in left:
        entry = meet(entry, leaving.copy())
    return entry


def _looked_up(frame: Frame, env: Env, body: list[Any]) -> Value | None:
    """The name that a block looks up, when all that it does besides is to look at the addresses."""
    name, given = _called(body[0])
    if name not in _LOOKING_UP or not given or len(body) == 1 or not _only_looks(body[1:]):
        return None
    return frame.machine.value_of(frame, env, given[0])


def _reads_address(frame: Frame, env: Env, node: Any) -> bool:
    """Whether a statement reads the address that a name resolved to, which always can be read as one."""
    name, given = _called(node)
    if name != "ip_address" or len(given) != 1:
        return False
    return bool(_ADDRESSES & set(frame.machine.value_of(frame, env.copy(), given[0]).paths))


def _only_looks(body: list[Any]) -> bool:
    """Whether a block does nothing that fails but to read addresses and to decide by them."""
    return all(
        node[0] == code.IF or (node[0] == code.FOR and _only_looks(node[3])) or _called(node)[0] == "ip_address"
        for node in body
    )


def _called(node: Any) -> tuple[str, list[Any]]:
    """The name and the arguments of the call whose answer is assigned."""
    if node[0] != code.SET_TO or type(node[2]) is not list or node[2][0] != code.CALL:
        return "", []
    callee = node[2][1]
    return (callee[2] if type(callee) is list and callee[0] == code.ATTR else str(callee)), node[2][2]


_ADDRESSES = {RESOLVED, "socket.gethostbyname()"}
_LOOKING_UP = frozenset({"getaddrinfo", "gethostbyname"})
