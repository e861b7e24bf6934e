"""How a value looks as text: as `str` shows it, and as `repr` does."""

from __future__ import annotations

from typing import Any

from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import without
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.known import constant
from aud_action.taint.values.value import NUMBER, OBJECT, Value, join_all

_CONTAINERS = ("dict", "list", "tuple", "set")
_MAPPINGS = frozenset(
    "args form values files GET POST FILES query_params cookies headers META data body json json() get_json()".split()
)
"""What requests call the mappings, the documents and the bytes of what a client sent."""
_UPLOADS = {
    "werkzeug.datastructures.FileStorage", "starlette.datastructures.UploadFile",
    "django.core.files.uploadedfile.UploadedFile",
}  # fmt: skip
_NO_LINE_BREAKS = marks(without("\n") | without("\r") | without("\t"))


def plain(value: Any) -> str:
    """`str(constant)`."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def stringed(value: Value) -> Value:
    """A value as it stands in a text."""
    if value.consts is not None:
        return join_all([constant(plain(each)) for each in value.consts])
    return represented(value) if is_container(value) else spelled(value)


def spelled(value: Value) -> Value:
    """A value as text: what an exception says, and not the exception."""
    if not any(taint.state & OBJECT for taint in value.taints):
        return value
    return each_taint(value, lambda taint: taint._replace(state=taint.state & ~OBJECT))


def represented(value: Value) -> Value:
    """A value as `repr` shows it: its line breaks are escaped."""
    if value.consts is not None:
        return join_all([constant(repr(each)) for each in value.consts])
    if value.kind in ("number", "bool"):
        return NUMBER
    return each_taint(spelled(value), lambda taint: taint.clearing(_NO_LINE_BREAKS))


def is_container(value: Value) -> bool:
    """Whether a value's text shows what is in it as `repr` does."""
    return value.kind in _CONTAINERS or (
        bool(value.paths) and all(path in _UPLOADS or path.rpartition(".")[2] in _MAPPINGS for path in value.paths)
    )
