"""Pydantic's adapters: what is of a type that no model is."""

from __future__ import annotations

from typing import Any

from aud_action.taint.code.declared import typed
from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.flaws.terms import Named
from aud_action.taint.library.handler import Handler
from aud_action.taint.values.value import Value

ADAPTED = "type"
"""Under which key an adapter keeps a value of its type."""


def _adapter(frame: Frame, _env: Env, _given: list[Value], _named: Named, node: Any) -> Value:
    """`TypeAdapter(list[Move])`."""
    arguments = [*node[2], *(one for name, one in node[3] if name == "type")]
    return Value(
        paths=("pydantic.TypeAdapter",), items={ADAPTED: typed(frame, arguments[0])} if arguments else {}, kind="object"
    )


CALLS: dict[str, Handler] = {"pydantic.TypeAdapter": _adapter, "pydantic.type_adapter.TypeAdapter": _adapter}
"""API path → what a call of it yields, for adapters."""
