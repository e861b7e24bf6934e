"""Submitted forms: which of their fields, once validated, hold no text of the client's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aud_action.taint.program import ClassRef, Lazy
from aud_action.taint.value import ANY, NUMBER, Value, all_taints

if TYPE_CHECKING:
    from aud_action.taint.frame import Frame

VALIDATED = frozenset({"cleaned_data", "validated_data"})
LOADS = frozenset({"marshmallow.Schema.load", "marshmallow.Schema.loads"})
_HARMLESS = frozenset(
    "IntegerField FloatField DecimalField BooleanField NullBooleanField DateField DateTimeField TimeField DurationField UUIDField "
    "ChoiceField TypedChoiceField ModelChoiceField PrimaryKeyRelatedField Int Integer Float Decimal Bool Boolean Date DateTime "
    "Time TimeDelta UUID Enum".split()
)
"""Kinds of fields of Django, REST framework and marshmallow that are numbers, dates or one of a few."""
_LIBRARIES = ("django.forms.", "rest_framework.", "marshmallow.")
_ONE_OF = "marshmallow.validate.OneOf"


def validated(frame: Frame, base: Value, value: Value) -> Value:
    """What a form holds once it is valid, field by field."""
    numbers = {
        name: NUMBER
        for ref in base.refs
        if isinstance(ref, ClassRef)
        for name, one in _fields(frame, ref)
        if _safe(one)
    }
    if not numbers:
        return value
    return Value(paths=value.paths, items={**numbers, ANY: Value(all_taints(value))}, kind="dict")


def _fields(frame: Frame, owner: ClassRef) -> list[tuple[str, Value]]:
    found: dict[str, Value] = {}
    for link in reversed(frame.machine.order(owner)):
        if isinstance(link, ClassRef):
            for name, value in frame.machine.class_namespace(link).items():
                one = frame.machine.force(value) if type(value) is Lazy else value
                if isinstance(one, Value) and one.paths and one.paths[0].startswith(_LIBRARIES):
                    found[name] = one
    return list(found.items())


def _safe(field: Value) -> bool:
    if any(path.rpartition(".")[2].removesuffix("()") in _HARMLESS for path in field.paths):
        return True
    checks = (field.items or {}).get("validate")
    return checks is not None and _ONE_OF in checks.paths
