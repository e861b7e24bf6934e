"""What is stored, as the object that it becomes: `form.save()`, `serializer.save()`, `Model.objects.create(…)`."""

from __future__ import annotations

from typing import Any, Final

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Super
from aud_action.taint.flaws.sources import read
from aud_action.taint.flaws.terms import Named
from aud_action.taint.frames import tables
from aud_action.taint.frames.names import inherited
from aud_action.taint.frameworks import submitted
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import ANY, UNKNOWN, Value
from extractors.flow import code


def _target(frame: Frame, env: Env, node: Any, depth: int = 1) -> Value:
    """The object whose method is called, or the one of which that is an attribute."""
    for _ in range(depth):
        if type(node) is list and node[0] in (code.CALL, code.ATTR):
            node = node[1]
    return frame.machine.value_of(frame, env, node) if type(node) is list or type(node) is str else UNKNOWN


def _saved(word: str) -> Handler:
    """`form.save()`: a row of its model, which holds what was submitted in the fields that the form lets through."""

    def saved(frame: Frame, env: Env, _given: list[Value], named: Named, node: Any) -> Value:
        form = _target(frame, env, node, 2)
        ref = next((one for one in form.refs if isinstance(one, Super)), None)
        form = form if ref is None else ref.receiver
        held = (form.items or {}).get(word)
        if held is None:
            held = read(frame, UNKNOWN, [f"{path}.{word}" for path in inherited(frame, form)], node)
            held = submitted.validated(frame, form, held)
        row = submitted.row(frame, form, held)
        at = node[-1] if type(node) is list and type(node[-1]) is int else -1
        for owner in row.refs:
            for name, value in (row.items or {}).items() if isinstance(owner, ClassRef) else ():
                tables.put(frame, owner, name, env.settled(value), at)
        row = row.but(items={**(row.items or {}), **{name: one for name, one in named if name != "commit"}})
        if ref is None and type(node) is list and type(node[1]) is list:
            frame.machine.write(frame, env, node[1][1], frame.machine.placed(form, "instance", row))
        return row

    return saved


def _created(frame: Frame, env: Env, _given: list[Value], named: Named, node: Any) -> Value:
    """`Model.objects.create(name=…)`, `Model.create(name=…)`."""
    for depth in (2, 3):
        owner = _target(frame, env, node, depth)
        if owner.kind == "class" and any(isinstance(one, ClassRef) for one in owner.refs):
            words = [(name, value) for name, value in named if name != "defaults"]
            more = (dict(named).get("defaults", UNKNOWN).items or {}).items()
            words += [(str(name), value) for name, value in more if name != ANY]
            return frame.machine.call(frame, env, owner, [], words, [code.CALL, None, [], [], node[-1]])
    return UNKNOWN


def _got_or_created(frame: Frame, env: Env, given: list[Value], named: Named, node: Any) -> Value:
    """`Model.objects.get_or_create(name=…)`: the row and whether it is new."""
    return Value(items={0: _created(frame, env, given, named, node), 1: UNKNOWN}, kind="tuple")


_MANAGER: Final = "django.db.models.Manager"
CALLS: dict[str, Handler] = {
    "django.forms.ModelForm.save": _saved("cleaned_data"),
    "rest_framework.serializers.ModelSerializer.save": _saved("validated_data"),
    **dict.fromkeys([f"{_MANAGER}.{one}" for one in ("create", "acreate")], _created),
    **dict.fromkeys(
        [f"{_MANAGER}.{one}" for one in ("get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create")],
        _got_or_created,
    ),
    "peewee.Model.create": _created,
    "tortoise.models.Model.create": _created,
}
