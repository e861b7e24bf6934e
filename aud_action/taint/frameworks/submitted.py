"""Submitted forms: what their fields hold once they are validated, by their kinds, their validators and the project's own checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aud_action.taint.code.frame import Env
from aud_action.taint.code.program import ClassRef, Closure, Lazy
from aud_action.taint.limits.stop import Unreachable
from aud_action.taint.values import fold
from aud_action.taint.values.changes import each_taint
from aud_action.taint.values.charset import of_pattern
from aud_action.taint.values.harmless import marks
from aud_action.taint.values.value import ANY, NUMBER, UNKNOWN, Value, all_taints
from extractors.flow import code

if TYPE_CHECKING:
    from aud_action.taint.code.frame import Frame

VALIDATED = frozenset({"cleaned_data", "validated_data"})
_HARMLESS = frozenset(
    "IntegerField FloatField DecimalField BooleanField NullBooleanField DateField DateTimeField TimeField DurationField UUIDField "
    "ChoiceField TypedChoiceField MultipleChoiceField TypedMultipleChoiceField ModelChoiceField ModelMultipleChoiceField FilePathField "
    "PrimaryKeyRelatedField SlugRelatedField HyperlinkedRelatedField HiddenField ReadOnlyField SerializerMethodField "
    "BigIntegerField PositiveIntegerField PositiveSmallIntegerField PositiveBigIntegerField SmallIntegerField AutoField BigAutoField "
    "ForeignKey OneToOneField ManyToManyField".split()
)
"""Kinds of fields of Django and REST framework that are numbers, dates, rows or one of a few."""
_TEXTS = {
    "SlugField": r"[-a-zA-Z0-9_]+",
    "GenericIPAddressField": r"[0-9a-fA-F:.]+",
    "IPAddressField": r"[0-9a-fA-F:.]+",
}
"""Kinds of fields that hold a text of few letters."""
_FILES = ("FileField", "ImageField")
_UPLOADED = "django.core.files.uploadedfile.UploadedFile"
_LIBRARIES = ("django.forms.", "rest_framework.", "django.db.models.")
_HOOKS = ("clean_", "validate_")
"""What the checks of one field are called, followed by its name."""
_CALL: Final[list[Any]] = [code.CALL, None, [], [], -1]


def validated(frame: Frame, base: Value, value: Value) -> Value:
    """What a form holds once it is valid, field by field."""
    items: dict[Any, Value] = {}
    for ref in base.refs:
        if isinstance(ref, ClassRef):
            items.update(_checked(frame, ref, value))
    if not items:
        return value
    return Value(paths=value.paths, items={**items, ANY: Value(all_taints(value))}, kind="dict")


def is_validated(frame: Frame, base: Value, name: str, value: Value) -> bool:
    """Whether an attribute is what a form or serializer holds once it is valid: of a serializer's `data` that is what it shows."""
    if name == "data" and value.taints:
        return any(path.startswith("rest_framework.") for ref in base.refs for path in frame.machine.lineage(ref))
    return name in VALIDATED and name not in (base.items or {})


def _checked(frame: Frame, owner: ClassRef, value: Value) -> dict[Any, Value]:
    """The fields of one class of forms of which something is known."""
    fields = _fields(frame, owner)
    known = {name: NUMBER for name, field in fields if _safe(field)}
    texts = {name: field for name, field in fields if name not in known and all_taints(value)}
    name = frame.function.facts.name
    inside = frame.function.owner is not None and frame.function.owner in frame.machine.order(owner)
    for field, declared in texts.items():
        held = _validators(frame, declared, _limited(value, declared))
        hook = None if inside and name.startswith(_HOOKS) else _hook(frame, owner, field)
        if hook is not None:
            held = _hooked(frame, owner, hook, field, held)
        known[field] = held
    return known if inside else _whole(frame, owner, known)


def _limited(value: Value, field: Value) -> Value:
    """A field's text, of its own, without the letters that its kind refuses."""
    mask = 0
    for path in field.paths:
        kind = path.rpartition(".")[2].removesuffix("()")
        if kind in _FILES:
            return Value(all_taints(value), paths=(_UPLOADED,), kind="object")
        if kind in _TEXTS:
            mask |= of_pattern(_TEXTS[kind], 0, "fullmatch")
        elif kind == "RegexField":
            mask |= _of_regex(field)
    made = fold.part(Value(all_taints(value)), "part", kind="str")
    return each_taint(made, lambda taint: taint._replace(cleared=taint.cleared | marks(mask))) if mask else made


def _of_regex(made: Value) -> int:
    """What the expression of a RegexField or RegexValidator, which is searched for, excludes."""
    held = made.items or {}
    regex = held.get("regex", held.get(0, UNKNOWN))
    known = [one for one in regex.consts or () if isinstance(one, str)]
    masks = [of_pattern(one, 0, "search") for one in known]
    if not masks or "inverse_match" in held:
        return 0
    mask = masks[0]
    for one in masks[1:]:
        mask &= one
    return mask


def _validators(frame: Frame, field: Value, held: Value) -> Value:
    """A field's text after the validators that it is declared with."""
    inner = Env({})
    given = (field.items or {}).get("validators", UNKNOWN)
    for validator in (given.items or {}).values():
        if any(path.endswith("validators.RegexValidator") for path in validator.paths):
            mask = marks(_of_regex(validator))
            held = each_taint(held, lambda taint, mask=mask: taint._replace(cleared=taint.cleared | mask))  # type: ignore[misc] # bound now
        elif validator.paths or any(isinstance(ref, Closure) for ref in validator.refs):
            asked(frame, inner, validator, [held])
    return inner.settled(held)


def asked(frame: Frame, env: Env, function: Value, given: list[Value]) -> Value:
    """What a check of the project yields; what it raises is the form's business."""
    raised = len(frame.raised)
    try:
        return frame.machine.call(frame, env, function, given, [], _CALL)
    except Unreachable:
        return UNKNOWN
    finally:
        del frame.raised[raised:]


def _hook(frame: Frame, owner: ClassRef, name: str) -> Closure | None:
    """The method of a form that checks one field, or the whole."""
    for link in frame.machine.order(owner):
        space = frame.machine.class_namespace(link) if isinstance(link, ClassRef) else {}
        for prefix in _HOOKS if name not in ("clean", "validate") else ("",):
            found = space.get(prefix + name)
            for ref in found.refs if isinstance(found, Value) else ():
                if isinstance(ref, Closure) and ref.kind != "static":
                    return ref
    return None


def _given(hook: Closure, owner: ClassRef, held: Value) -> tuple[Value, list[Value]]:
    """A hook bound to a form that holds some data, and its arguments: REST framework's are given the value."""
    instance = Value(refs=(owner,), items={"cleaned_data": held, "initial_data": held}, kind="object")
    return Value(refs=(hook.bound(instance),), kind="function"), [held][: len(hook.function.facts.parameters) - 1]


def _hooked(frame: Frame, owner: ClassRef, hook: Closure, name: str, held: Value) -> Value:
    """A field's text after the check of its own, which answers with what it is from then on."""
    inner = Env({})
    one = Value(items={name: held}, kind="dict")
    function, given = _given(hook, owner, one)
    found = asked(frame, inner, function, [held] if given else [])
    tells = all_taints(found) or found.kind in ("number", "bool") or (found.consts and found.kind != "none")
    return inner.settled(found if tells else held)


def _whole(frame: Frame, owner: ClassRef, known: dict[Any, Value]) -> dict[Any, Value]:
    """The fields after the check of all of them together."""
    for name in ("clean", "validate"):
        hook = _hook(frame, owner, name)
        if hook is not None and known:
            inner = Env({})
            asked(frame, inner, *_given(hook, owner, Value(items=known, kind="dict")))
            known = {field: inner.settled(held) for field, held in known.items()}
    return known


def _fields(frame: Frame, owner: ClassRef) -> list[tuple[str, Value]]:
    """The fields of a form, its model's among them."""
    found: dict[str, Value] = {}
    for link in reversed(frame.machine.order(owner)):
        if isinstance(link, ClassRef):
            found.update(_of_model(frame, link))
            found.update(_declared(frame, link))
    return list(found.items())


def row(frame: Frame, form: Value, held: Value) -> Value:
    """The row that a form which holds some data becomes: its model's fields, as far as the form lets them through."""
    for owner in form.refs if form.kind != "class" else ():
        for link in frame.machine.order(owner) if isinstance(owner, ClassRef) else ():
            model = _said(frame, link, "model") if isinstance(link, ClassRef) else UNKNOWN
            refs = tuple(one for one in model.refs if isinstance(one, ClassRef))
            if not refs:
                continue
            fields = _of_model(frame, link)
            let = _said(frame, link, "fields")
            named = {one.consts[0] for one in (let.items or {}).values() if one.consts} or set(fields)
            known = held.items or {}
            items = {name: known[name] for name in fields if name in named and name in known}
            return Value(refs=refs[:1], items=items, kind="object")
    return UNKNOWN


def _said(frame: Frame, owner: ClassRef, name: str) -> Value:
    """What the `Meta` of a form says."""
    meta = frame.machine.class_namespace(owner).get("Meta")
    for inner in meta.refs if isinstance(meta, Value) else ():
        found = frame.machine.class_namespace(inner).get(name) if isinstance(inner, ClassRef) else None
        found = frame.machine.force(found) if type(found) is Lazy else found
        if isinstance(found, Value):
            return found
    return UNKNOWN


def _of_model(frame: Frame, owner: ClassRef) -> dict[str, Value]:
    """The fields that a form has from the model that its `Meta` names."""
    found: dict[str, Value] = {}
    for ref in _said(frame, owner, "model").refs:
        for link in reversed(frame.machine.order(ref)) if isinstance(ref, ClassRef) else ():
            found.update(_declared(frame, link) if isinstance(link, ClassRef) else ())
    return found


def _declared(frame: Frame, owner: ClassRef) -> Iterator[tuple[str, Value]]:
    for name, value in frame.machine.class_namespace(owner).items():
        one = frame.machine.force(value) if type(value) is Lazy else value
        if isinstance(one, Value) and one.paths and one.paths[0].startswith(_LIBRARIES):
            yield name, one
        elif isinstance(one, Value) and one.kind == "object" and (kind := _own_kind(frame, one)):
            yield name, Value(paths=(kind,), items=one.items, kind="object")


def _own_kind(frame: Frame, field: Value) -> str | None:
    """The library's field of files that a field of the project's own is made from."""
    kinds = sorted(path for ref in field.refs for path in frame.machine.lineage(ref))
    return next((one for one in kinds if one.startswith(_LIBRARIES) and one.endswith(_FILES)), None)


def _safe(field: Value) -> bool:
    if any(path.rpartition(".")[2].removesuffix("()") in _HARMLESS for path in field.paths):
        return True
    return "choices" in (field.items or {})
