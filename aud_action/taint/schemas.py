"""Schemas of marshmallow and forms of WTForms: which of their fields hold no text of the client's, or not every text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aud_action.taint.charset import of_pattern
from aud_action.taint.fold import part
from aud_action.taint.harmless import marks
from aud_action.taint.program import ClassRef, Lazy
from aud_action.taint.value import ANY, NUMBER, Taint, Value, all_taints, each_taint

if TYPE_CHECKING:
    from aud_action.taint.frame import Frame

LOADS = frozenset({"marshmallow.Schema.load", "marshmallow.Schema.loads"})
_HARMLESS = frozenset(
    "IntegerField FloatField DecimalField BooleanField DateField DateTimeField TimeField SelectField RadioField IntegerRangeField "
    "DecimalRangeField DateTimeLocalField MonthField Int Integer Float Decimal Bool Boolean Date DateTime Time TimeDelta UUID "
    "Enum".split()
)
"""Kinds of fields that are numbers, dates or one of a few."""
_LIBRARY = "marshmallow."
_CHOSEN = frozenset({"marshmallow.validate.OneOf", "wtforms.validators.AnyOf"})
_MATCHED = frozenset({"marshmallow.validate.Regexp", "wtforms.validators.Regexp"})


def read(frame: Frame, base: Value, value: Value) -> Value:
    """What `schema.load(…)` gives, field by field."""
    return _filled(Value(all_taints(value)), _declared(frame, base), value)


def loaded(frame: Frame, schemas: list[Value], taint: Taint) -> Value | None:
    """What a schema makes of what a client sent; None when these are no schemas."""
    fields: dict[str, Value] = {}
    for schema in schemas:
        fields.update(_declared(frame, schema))
    return _filled(Value((taint,)), fields, Value((taint,))) if fields else None


def data(field: Value, value: Value) -> Value:
    """`form.name.data`: what the field's kind and validators let through."""
    if not any(path.startswith(("wtforms.", "flask_wtf.")) for path in field.paths):
        return value
    mask = _excluded(field)
    return NUMBER if mask is None else _marked(value, mask)


def _filled(whole: Value, fields: dict[str, Value], value: Value) -> Value:
    """A dictionary with what is known of some fields; the others hold a part of what was sent."""
    items: dict[Any, Value] = {}
    for name, field in fields.items():
        mask = _excluded(field)
        if mask is None:
            items[name] = NUMBER
        elif mask:
            items[name] = _marked(part(whole, "part"), mask)
    return Value(paths=value.paths, items={**items, ANY: whole}, kind="dict") if items else value


def _marked(value: Value, mask: int) -> Value:
    return each_taint(value, lambda one: one._replace(cleared=one.cleared | mask)) if mask else value


def _declared(frame: Frame, base: Value) -> dict[str, Value]:
    """The fields that the classes of a form or schema declare, or a dictionary of them."""
    found: dict[str, Value] = {}
    for ref in base.refs:
        for link in reversed(frame.machine.order(ref)) if isinstance(ref, ClassRef) else ():
            for name, value in frame.machine.class_namespace(link).items() if isinstance(link, ClassRef) else ():
                one = frame.machine.force(value) if type(value) is Lazy else value
                if isinstance(one, Value) and one.paths and one.paths[0].startswith(_LIBRARY):
                    found[name] = one
    told = base.items or {} if base.kind == "dict" else {}
    return {**found, **{name: one for name, one in told.items() if one.paths and one.paths[0].startswith(_LIBRARY)}}


def _excluded(field: Value) -> int | None:
    """What the texts of a field can't contain; None when it holds none of the client's making."""
    if any(path.rpartition(".")[2].removesuffix("()") in _HARMLESS for path in field.paths):
        return None
    mask = 0
    for check in _checks(field):
        if _CHOSEN.intersection(check.paths):
            return None
        if _MATCHED.intersection(check.paths):
            pattern = (check.items or {}).get("regex", (check.items or {}).get(0))
            known = pattern.consts[0] if pattern and pattern.consts and len(pattern.consts) == 1 else None
            mask |= marks(of_pattern(known, 0, "match")) if isinstance(known, str) else 0
    return mask


def _checks(field: Value) -> Iterator[Value]:
    """The validators that a field is given, one or several."""
    for name in ("validate", "validators"):
        given = (field.items or {}).get(name)
        if given is not None:
            yield from (given.items or {}).values() if given.kind in ("list", "tuple") else [given]
