"""Classes that say what valid data is: Pydantic, data classes, Marshmallow, WTForms."""

from typing import NamedTuple

from schema.table import table


@table("python_pydantic_models", index=("name",), derived=True)
class PydanticModel(NamedTuple):
    """One Pydantic model."""

    name: str
    base: str
    version: str  #: 1 or 2 by the names used, "" when nothing tells
    extra: str | None
    is_frozen: bool
    is_settings: bool
    fields: int


@table("python_pydantic_fields", index=("model",), derived=True)
class PydanticField(NamedTuple):
    """One field of one model, or one constraint of it."""

    model: str
    name: str
    annotation: str
    default_source: str | None
    constraint_source: str | None
    alias: str | None
    is_secret: bool
    is_strict: bool


@table("python_validators", index=("model",), derived=True)
class Validator(NamedTuple):
    """One validator for one field; the field is * for all and NULL for the whole model."""

    model: str
    field: str | None
    method: str
    kind: str  #: the decorator's own name
    mode: str | None
    is_classmethod: bool


@table("python_dataclasses", index=("name",), derived=True)
class Dataclass(NamedTuple):
    """One data class."""

    name: str
    library: str  #: dataclasses, attrs, msgspec, typing or pydantic
    is_frozen: bool
    has_slots: bool
    is_keyword_only: bool


@table("python_dataclass_fields", index=("owner",), derived=True)
class DataclassField(NamedTuple):
    """One field of one data class."""

    owner: str
    name: str
    position: int
    annotation: str | None
    default_source: str | None
    is_init: bool
    is_keyword_only: bool


@table("python_marshmallow_schemas", index=("name",), derived=True)
class MarshmallowSchema(NamedTuple):
    """One Marshmallow schema."""

    name: str
    fields: int
    nested: int
    has_validators: bool
    unknown: str | None  #: RAISE, INCLUDE or EXCLUDE


@table("python_marshmallow_fields", derived=True)
class MarshmallowField(NamedTuple):
    """One declared field of one schema."""

    schema: str
    name: str
    type: str
    required: bool
    allow_none: bool
    load_only: bool
    dump_only: bool
    has_validate: bool
    has_validator_method: bool


@table("python_wtforms_forms", index=("name",), derived=True)
class WtformsForm(NamedTuple):
    """One WTForms form."""

    name: str
    base: str
    fields: int
    has_validators: bool
    csrf: str | None  #: `class Meta: csrf = …`


@table("python_wtforms_fields", derived=True)
class WtformsField(NamedTuple):
    """One field of one form."""

    form: str
    name: str
    type: str
    has_validators: bool
    has_validator_method: bool
    choices_constant: bool
