"""Reading a source: where attacker's data enters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aud_action.taint.code.describe import described
from aud_action.taint.code.frame import Frame
from aud_action.taint.values.changes import own_taints
from aud_action.taint.values.trace import Place
from aud_action.taint.values.value import ANY, NUMBER, STRUCTURED, Source, Taint, Token, Value, join_taints

_CONFIDENCE = {"network": 70, "database": 60, "library": 80, "event": 70, "llm": 80, "file": 70}


def fresh(kind: str, text: str, place: Place, confidence: int = 100, structured: bool = False) -> Taint:
    """A taint that begins here."""
    confidence = confidence * _CONFIDENCE.get(kind, 100) // 100
    return Taint(Source(kind, text, place), Token(), 0, STRUCTURED if structured else 0, None, confidence)


def read(frame: Frame, value: Value, keys: Iterable[str], node: Any) -> Value:
    """The value, tainted when one of the API paths just read is a source of an enabled kind."""
    models = frame.machine.models
    for key in keys:
        for model in models.find(models.sources, key) or ():
            if model.kind not in frame.machine.kinds:
                continue
            at = node[-1] if type(node) is list and type(node[-1]) is int else -1
            slot = (model.kind, at, id(node) if at < 0 else 0)
            known = frame.entered.get(slot)
            if known is None:
                text = f"`{described(node)}`" + (f", {model.text}" if model.text else "")
                known = frame.entered[slot] = fresh(
                    model.kind, text, frame.place(at), model.confidence, model.structured
                )
                known = frame.entered[slot] = known._replace(cleared=model.clears)
            if model.clears and value.taints:  # what the object was made of is what is read of it
                value = own_taints(value, lambda one, mask=model.clears: one.clearing(mask))  # type: ignore[misc] # bound now
            routes = frame.machine.entries
            by_name = routes.captured and key.endswith(_OF_ROUTES)
            value = (
                _by_name(known, routes.captured, is_open=routes.is_open)
                if by_name
                else value.but(taints=join_taints(value.taints, (known,)))
            )
    return value


_OF_ROUTES = "View.kwargs"
"""An attribute of Django's views."""


def _by_name(taint: Taint, captured: Mapping[str, int | None], *, is_open: bool) -> Value:
    """What a view keeps of its route: of some names it is known what they can't hold."""
    items: dict[Any, Value] = {ANY: Value((taint,))} if is_open else {}
    for name, mask in captured.items():
        items[name] = NUMBER if mask is None else Value((taint.clearing(mask),))
    return Value(items=items, kind="dict")
