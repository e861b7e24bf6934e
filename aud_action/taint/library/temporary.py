"""Temporary files: names that the library makes, of letters that mean nothing anywhere."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import NUMBER, UNKNOWN, Value, all_taints, join_all

_NAME: Final = Value(kind="str", forms=(("/temporary/name",),))
"""A text that is known in every part, without being one that anything is compared with."""
_NAMED: Final = frozenset({"prefix", "suffix", "dir"})


def _name(positional: list[Value], named: Named, first: int = 0) -> Value:
    """The name; of parts that the program doesn't know it is unknown, too."""
    given = [*positional[first:], *(value for name, value in named if name in _NAMED)]
    known = all(((value.consts or value.forms) and not value.taints) or value.kind == "none" for value in given)
    if known and all(name is not None for name, _ in named):
        return _NAME
    return Value(tuple(all_taints(join_all(given)))) if given else UNKNOWN


def _made(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    return _name(given, named)


def _opened(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`mkstemp()`: a number and a name."""
    return Value(items={0: NUMBER, 1: _name(given, named)}, kind="tuple")


def _file(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`NamedTemporaryFile()`: its first arguments say how it is opened."""
    return Value(items={"name": _name(given, named, first=4)}, kind="object")


CALLS: Final[dict[str, Handler]] = {
    "tempfile.mkdtemp": _made,
    "tempfile.mktemp": _made,
    "tempfile.gettempdir": _made,
    "tempfile.mkstemp": _opened,
    "tempfile.NamedTemporaryFile": _file,
}
