"""Files in memory: what is written to them is read from them."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames.assign import write
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import NUMBER, UNKNOWN, Value, all_taints, join_taints

STREAM = "stream"
"""The kind of a file in memory: its taints are those of its text."""
_TEXTS = frozenset({"io.StringIO", "io.BytesIO", "io.TextIOWrapper"})


def _made(path: str) -> Handler:
    def make(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
        return Value(all_taints(given[0]) if given else (), paths=(path,), items={}, kind=STREAM)

    return make


def _bytes(_frame: Frame, _env: Env, given: list[Value], _named: Named, _node: Any) -> Value:
    return Value(all_taints(given[0]) if given else (), items={}, kind=STREAM)


def written(stream: Value, text: Value) -> Value:
    """The file after a text was written to it."""
    return stream.but(taints=join_taints(stream.taints, all_taints(text)))


def _onto(frame: Frame, env: Env, target: Any, stream: Value, text: Value) -> None:
    if stream.kind == STREAM and all_taints(text):
        write(frame, env, target, written(stream, text))


def _print(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    stream = next((value for name, value in named if name == "file"), UNKNOWN)
    target = next((one for name, one in node[3] if name == "file"), None)
    for value in given:
        _onto(frame, env, target, stream, value)
        stream = written(stream, value) if stream.kind == STREAM else stream
    return constant(None)


def _dump(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`json.dump(value, file)`."""
    if len(given) > 1 and len(node[2]) > 1:
        _onto(frame, env, node[2][1], given[1], given[0])
    return constant(None)


def _copied(frame: Frame, env: Env, given: list[Value], _named: Named, node: Any) -> Value:
    """`shutil.copyfileobj(from, to)`."""
    if len(given) > 1 and len(node[2]) > 1:
        _onto(frame, env, node[2][1], given[1], given[0])
    return NUMBER


CALLS: dict[str, Handler] = {
    **{path: _made(path) for path in sorted(_TEXTS)},
    "builtins.bytearray": _bytes,
    "builtins.memoryview": _bytes,
    "builtins.print": _print,
    "json.dump": _dump,
    "shutil.copyfileobj": _copied,
}
"""API path → what a call of it yields, for files in memory."""
