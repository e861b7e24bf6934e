"""Schemas of marshmallow and forms of WTForms: which of their fields hold no text of the client's, or not every text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aud_action.taint.code.frame import Env, Frame
from aud_action.taint.code.program import ClassRef, Closure, Lazy
from aud_action.taint.frameworks.submitted import asked
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import of_pattern
from aud_action.taint.values.fold import part
from aud_action.taint.values.harmless import ALL, marks
from aud_action.taint.values.value import ANY, NUMBER, Taint, Value, all_taints
from extractors.flow import code

LOADS = frozenset({"marshmallow.Schema.load", "marshmallow.Schema.loads"})
_HARMLESS = frozenset(
    "IntegerField FloatField DecimalField BooleanField DateField DateTimeField TimeField SelectField RadioField IntegerRangeField "
    "DecimalRangeField DateTimeLocalField MonthField Int Integer Float Decimal Bool Boolean Date DateTime Time TimeDelta UUID "
    "Enum".split()
)
"""Kinds of fields that are numbers, dates or one of a few."""
_LIBRARY = ("marshmallow.", "flask_marshmallow.Marshmallow.")
_CHOSEN = frozenset({"marshmallow.validate.OneOf", "wtforms.validators.AnyOf"})
_MATCHED = frozenset({"marshmallow.validate.Regexp", "wtforms.validators.Regexp"})


def read(frame: Frame, base: Value, value: Value) -> Value:
    """What `schema.load(…)` gives, field by field."""
    made = _filled(frame, [base], Value(all_taints(value)), value)
    if not _takes_all(frame, base):
        return made
    mask = ~frame.machine.models.mask(["mass-assignment"])
    return made.but(taints=tuple(one._replace(cleared=one.cleared & mask) for one in all_taints(value)))


def _takes_all(frame: Frame, base: Value) -> bool:
    """Whether a schema says `unknown = INCLUDE`: what it doesn't declare comes through as it was sent."""
    namespace = frame.machine.class_namespace
    for ref in base.refs:
        for link in frame.machine.order(ref) if isinstance(ref, ClassRef) else ():
            meta = namespace(link).get("Meta") if isinstance(link, ClassRef) else None
            for inner in meta.refs if isinstance(meta, Value) else ():
                said = namespace(inner).get("unknown") if isinstance(inner, ClassRef) else None
                if isinstance(said, Value):
                    return "marshmallow.INCLUDE" in said.paths or said.consts == ("include",)
    return False


def loaded(frame: Frame, schemas: list[Value], taint: Taint) -> Value | None:
    """What a schema makes of what a client sent; None when these are no schemas."""
    known = any(_declared(frame, schema) for schema in schemas)
    return _filled(frame, schemas, Value((taint,)), Value((taint,))) if known else None


def data(frame: Frame, env: Env, node: Any, field: Value, value: Value) -> Value:
    """`form.name.data`: what the field's kind, its validators and the form's `validate_name` let through."""
    if not any(path.startswith(("wtforms.", "flask_wtf.")) for path in field.paths):
        return value
    mask = _excluded(field)
    if mask is None:
        return NUMBER
    value = _marked(value, mask)
    if node[0] == code.ATTR and value.taints and not frame.function.facts.name.startswith("validate_"):
        for check in _inline(frame, frame.machine.value_of(frame, env, node[1]), node[2]):
            inner = Env({})
            asked(frame, inner, check, [Value(paths=field.paths, items={"data": value}, kind="object")])
            value = inner.settled(value)
    return value


def _inline(frame: Frame, form: Value, name: str) -> Iterator[Value]:
    """The methods of a form of WTForms that check one of its fields: `validate_name(self, field)`."""
    for owner in form.refs if form.kind != "class" else ():
        for link in frame.machine.order(owner) if isinstance(owner, ClassRef) else ():
            found = frame.machine.class_namespace(link).get(f"validate_{name}") if isinstance(link, ClassRef) else None
            for ref in found.refs if isinstance(found, Value) else ():
                if isinstance(ref, Closure) and ref.kind != "static":
                    yield Value(refs=(ref.bound(form),), kind="function")


def _filled(frame: Frame, schemas: list[Value], whole: Value, value: Value) -> Value:
    """A dictionary with what is known of some fields; the others hold a part of what was sent."""
    items: dict[Any, Value] = {}
    fields = {name: field for schema in schemas for name, field in _declared(frame, schema).items()}
    for name, field in fields.items():
        mask = _excluded(field)
        if mask is None:
            items[name] = NUMBER
            continue
        held = part(whole, "part")
        checks = [*_functions(field), *(one for schema in schemas for one in _methods(frame, schema, name))]
        for check in checks:
            held = _passed(frame, check, held)
        if mask or checks:
            items[name] = _marked(held, mask)
    return Value(paths=value.paths, items={**items, ANY: whole}, kind="dict") if items else value


def _functions(field: Value) -> Iterator[Value]:
    """The project's own validators of a field."""
    for check in _checks(field):
        if any(isinstance(ref, Closure) for ref in check.refs):
            yield check


def _methods(frame: Frame, schema: Value, name: str) -> Iterator[Value]:
    """The methods of a schema that say `@validates("name")`."""
    for owner in schema.refs:
        for link in frame.machine.order(owner) if isinstance(owner, ClassRef) else ():
            for node in link.body.body if isinstance(link, ClassRef) else ():
                if node[0] == code.DEF and any(_validates(frame, link, one, name) for one in node[2]):
                    method = Closure(link.module.functions[node[1]], link.scope, link)
                    yield Value(refs=(method.bound(Value(refs=(owner,), kind="object")),), kind="function")


def _validates(frame: Frame, owner: ClassRef, decorator: Any, name: str) -> bool:
    if type(decorator) is not list or decorator[0] != code.CALL:
        return False
    inner = Frame(frame.machine, Closure(owner.module.functions[0], owner.scope, owner), frame.depth)
    callee = frame.machine.value_of(inner, Env({}), decorator[1])
    fields = [one[1] for one in decorator[2] if type(one) is list and one[0] == code.CONST]
    return "marshmallow.validates" in callee.paths and name in fields


def _passed(frame: Frame, check: Value, held: Value) -> Value:
    """What a check lets through: it raises for the rest, or answers False."""
    inner = Env({})
    frame.promises = None
    asked(frame, inner, check, [held])
    if frame.promises is not None:
        frame.promises.applied(inner, Env({}), frame.machine.models.relations)
        frame.promises = None
    passed = inner.settled(held)
    return NUMBER if all(one.cleared == ALL for one in all_taints(passed)) else passed  # one of a few that it knows


def _marked(value: Value, mask: int) -> Value:
    return each_taint(value, lambda one: one.clearing(mask)) if mask else value


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
