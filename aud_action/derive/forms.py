"""WTForms forms and Marshmallow schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, program
from aud_action.settings import Settings
from aud_action.store import Store
from schema.validation import MarshmallowField, MarshmallowSchema, WtformsField, WtformsForm

_FORMS: Final = frozenset(
    "wtforms.Form wtforms.form.Form wtforms.form.BaseForm flask_wtf.FlaskForm flask_wtf.form.FlaskForm flask_wtf.Form "
    "wtforms_alchemy.ModelForm starlette_wtf.StarletteForm".split()
)
_SCHEMAS: Final = frozenset(
    "marshmallow.Schema marshmallow.schema.Schema marshmallow_sqlalchemy.SQLAlchemyAutoSchema marshmallow_sqlalchemy.SQLAlchemySchema "
    "flask_marshmallow.Marshmallow.Schema "
    "flask_marshmallow.Marshmallow.SQLAlchemyAutoSchema flask_marshmallow.Marshmallow.SQLAlchemySchema "
    "marshmallow_sqlalchemy.ModelSchema flask_marshmallow.Marshmallow.ModelSchema".split()
)
_WTFORMS: Final = ("wtforms.", "flask_wtf.", "wtforms_sqlalchemy.", "wtforms_components.")
_MARSHMALLOW: Final = ("marshmallow.", "marshmallow_sqlalchemy.", "flask_marshmallow.", "webargs.")


def _is_made_by(attribute: Attribute, owner: Class, prefixes: tuple[str, ...]) -> bool:
    """Whether an attribute is a field of a library, or of a class of the project that descends from one."""
    if not attribute.callee:
        return False
    if attribute.callee.startswith(prefixes):
        return attribute.callee.rpartition(".")[2][:1].isupper() or attribute.callee.endswith(".auto_field")
    custom = owner.program.named(attribute.callee)
    return custom is not None and custom.base_under(*prefixes) is not None


@derives(WtformsForm, WtformsField)
def wtforms(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each WTForms form and its fields."""
    for owner, base in program(store).among(_FORMS):
        fields = [entry for entry in owner.attributes if _is_made_by(entry, owner, _WTFORMS)]
        meta = owner.inner.get("Meta")
        csrf = meta.attribute("csrf") if meta else None
        validated = any(_validators(entry) for entry in fields) or any(
            method.name.startswith("validate") for method in owner.methods
        )
        constant = csrf.row.value_constant if csrf else None
        yield owner.site, WtformsForm(owner.name, base, len(fields), validated, constant.lower() if constant else None)
        for entry in fields:
            choices = entry.keyword("choices")
            yield (
                entry.site,
                WtformsField(
                    form=owner.name,
                    name=entry.row.name,
                    type=entry.callee.rpartition(".")[2],
                    has_validators=_validators(entry),
                    has_validator_method=owner.method(f"validate_{entry.row.name}", inherited=True) is not None,
                    choices_constant=choices is not None and choices.constant is not None,
                ),
            )


def _validators(attribute: Attribute) -> bool:
    given = attribute.argument(1, "validators")
    return given is not None and given.source not in {"[]", "()", "None"}


def _by_function(attribute: Attribute, given: str, missing: str) -> bool:
    """Whether a field made of functions has one for this direction and none for the other."""
    if attribute.callee.rpartition(".")[2] not in {"Method", "Function"}:
        return False
    at = {"serialize": 0, "deserialize": 1}
    return attribute.argument(at[given], given) is not None and attribute.argument(at[missing], missing) is None


@derives(MarshmallowSchema, MarshmallowField)
def marshmallow(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each Marshmallow schema and its declared fields."""
    known = program(store)
    for owner, _ in known.among(_SCHEMAS):
        fields = [entry for entry in owner.attributes if _is_made_by(entry, owner, _MARSHMALLOW)]
        checked = _checked(owner)
        unknown = next(
            (
                entry
                for parent in owner.lineage
                if (inner := parent.inner.get("Meta")) and (entry := inner.attribute("unknown"))
            ),
            None,
        )
        nested = sum(entry.callee.rpartition(".")[2] in {"Nested", "Pluck"} for entry in fields)
        value = (unknown.row.value_constant or unknown.row.value_source or "") if unknown else None
        yield (
            owner.site,
            MarshmallowSchema(
                owner.name, len(fields), nested, bool(checked), value.rpartition(".")[2].upper() if value else None
            ),
        )
        for entry in fields:
            yield (
                entry.site,
                MarshmallowField(
                    schema=owner.name,
                    name=entry.row.name,
                    type=entry.callee.rpartition(".")[2],
                    required=entry.is_true("required"),
                    allow_none=entry.is_true("allow_none"),
                    load_only=entry.is_true("load_only") or _by_function(entry, "deserialize", "serialize"),
                    dump_only=entry.is_true("dump_only") or _by_function(entry, "serialize", "deserialize"),
                    has_validate=entry.keyword("validate") is not None,
                    has_validator_method=entry.row.name in checked,
                ),
            )


def _checked(owner: Class) -> set[str]:
    """The fields that a method validates; "" for the whole schema."""
    found: set[str] = set()
    for parent in owner.lineage:
        for method in parent.methods:
            for entry in method.decorators:
                if entry.name in {"marshmallow.validates", "marshmallow.decorators.validates"}:
                    found.update(
                        item.constant or "" for item in owner.program.arguments(entry.site) if item.position is not None
                    )
                elif entry.name in {"marshmallow.validates_schema", "marshmallow.decorators.validates_schema"}:
                    found.add("")
    return found
