"""Views that store what a client sends without any code of the project's: Django's generic ones and REST framework's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure
from aud_action.taint.flaws.sources import fresh
from aud_action.taint.frames import records, tables
from aud_action.taint.frameworks import submitted
from aud_action.taint.values.fold import part
from aud_action.taint.values.value import UNKNOWN, Value

if TYPE_CHECKING:
    from aud_action.taint.machine import Machine

_STORING = frozenset({
    "django.views.generic.CreateView", "django.views.generic.UpdateView", "django.views.generic.edit.CreateView",
    "django.views.generic.edit.UpdateView", "rest_framework.mixins.CreateModelMixin", "rest_framework.mixins.UpdateModelMixin",
    "rest_framework.viewsets.ModelViewSet", "rest_framework.generics.CreateAPIView", "rest_framework.generics.ListCreateAPIView",
    "rest_framework.generics.UpdateAPIView", "rest_framework.generics.RetrieveUpdateAPIView",
    "rest_framework.generics.RetrieveUpdateDestroyAPIView",
})  # fmt: skip
_FORMS = ("form_class", "serializer_class")


def store(machine: Machine) -> None:
    """Each such view puts what it is sent into the columns that its form, its serializer or its `fields` let through."""
    for owner in machine.views:
        if _STORING & machine.lineage(owner):
            frame = Frame(machine, Closure(owner.module.functions[0], None), 0)
            place = owner.body.place
            sent = Value((fresh("remote", f"what a client sends to `{owner.facts.name}`", place, structured=True),))
            for model, column, value in _columns(frame, owner, sent):
                tables.put(frame, model, column, value, -1)


def _columns(frame: Frame, owner: ClassRef, sent: Value) -> list[tuple[ClassRef, str, Value]]:
    itself = Value(refs=(owner,), kind="class")
    for name in _FORMS:
        form = frame.machine.attribute(frame, Env({}), itself, name)
        if any(isinstance(ref, ClassRef) for ref in form.refs):
            instance = form.but(kind="object")
            row = submitted.row(frame, instance, submitted.validated(frame, instance, sent))
            held = [(str(name), value) for name, value in (row.items or {}).items()]
            return [(ref, name, value) for ref in row.refs for name, value in held]
    model = frame.machine.attribute(frame, Env({}), itself, "model")
    fields = frame.machine.attribute(frame, Env({}), itself, "fields").items or {}
    named = {one.consts[0] for one in fields.values() if one.consts}
    return [
        (ref, name, UNKNOWN if harmless else part(sent, "part"))
        for ref in model.refs
        if isinstance(ref, ClassRef)
        for name, harmless in records.columns(frame, ref).items()
        if name in named
    ]
