"""What generic views of Django and its REST framework show: the rows that their class names."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import records
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import UNKNOWN, Value


def _rows(frame: Frame, env: Env, _given: list[Value], _named: Named, _node: Any) -> Value:
    """`self.get_queryset()`, `super().get_queryset()`: the class's `queryset`, or all rows of its `model`."""
    own = frame.function.facts.parameters
    view = env.vars.get(own[0].name) if own else None
    if isinstance(view, Value):
        rows = frame.machine.attribute(frame, env, view, "queryset")
        if rows.refs or rows.items:
            return rows
        rows = frame.machine.attribute(frame, env, frame.machine.attribute(frame, env, view, "model"), "objects")
        if rows.refs or rows.items:
            return rows
    return _ANY_ROWS


def _row(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`self.get_object()`."""
    return records.queried(frame, env, "get", [], [], _rows(frame, env, given, named, node), node, UNKNOWN)


def _same(_frame: Frame, _env: Env, given: list[Value], named: Named, _node: Any) -> Value:
    """`self.filter_queryset(rows)`."""
    rows = given[0] if given else dict(named).get("queryset", _ANY_ROWS)
    return rows if rows.refs or rows.items else _ANY_ROWS


_ANY_ROWS = Value(paths=("django.db.models.Manager",))
_EACH = "List Create Retrieve Update Destroy ListCreate RetrieveUpdate RetrieveDestroy RetrieveUpdateDestroy Generic".split()
_REST = [f"rest_framework.generics.{kind}APIView" for kind in _EACH]
_REST += [f"rest_framework.viewsets.{kind}ViewSet" for kind in ("Generic", "Model", "ReadOnlyModel")]
_DJANGO = [f"django.views.generic.{kind}View" for kind in ("List", "Detail", "Update", "Delete", "ArchiveIndex")]
_DJANGO += ["django.views.generic.list.ListView", "django.views.generic.detail.DetailView"]
_DJANGO += ["django.views.generic.edit.UpdateView", "django.views.generic.edit.DeleteView"]
CALLS: dict[str, Handler] = {
    **{f"{base}.get_queryset": _rows for base in (*_REST, *_DJANGO)},
    **{f"{base}.get_object": _row for base in (*_REST, *_DJANGO)},
    **{f"{base}.filter_queryset": _same for base in _REST},
}
"""API path → what a call of it yields, for generic views."""
