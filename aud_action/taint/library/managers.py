"""Django's managers that are made of query sets."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import Value


def _made(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`Manager.from_queryset(Books)`: a class with the methods of both."""
    refs = tuple(dict.fromkeys(ref for one in (*given, *dict(named).values()) for ref in one.refs))
    return Value(refs=refs, kind="class") if refs else Value(paths=("django.db.models.Manager",), kind="class")


CALLS: dict[str, Handler] = {
    "django.db.models.Manager.from_queryset": _made,
    "django.db.models.BaseManager.from_queryset": _made,
    "django.db.models.manager.BaseManager.from_queryset": _made,
}
"""API path → what a call of it yields, for managers."""
