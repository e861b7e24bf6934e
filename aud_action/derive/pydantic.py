"""Pydantic models, their fields, and validators of every library that names them by decorator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, Decorated, Program, program
from aud_action.derive.expressions import dotted, parsed, subscript
from aud_action.settings import Settings
from aud_action.store import Store
from schema.validation import PydanticField, PydanticModel, Validator

_BASES: Final = frozenset(
    "pydantic.BaseModel pydantic.main.BaseModel pydantic.RootModel pydantic.root_model.RootModel pydantic.BaseSettings "
    "pydantic.generics.GenericModel pydantic_settings.BaseSettings pydantic.v1.BaseModel pydantic.v1.BaseSettings "
    "sqlmodel.SQLModel ninja.Schema odmantic.Model beanie.Document".split()
)
_HOPS: Final = 4
_DATACLASS: Final = "pydantic.dataclasses.dataclass"
_SECRET: Final = re.compile(r"\bSecret(Str|Bytes|\[)")
_CONSTRAINTS: Final = frozenset(
    "gt ge lt le multiple_of min_length max_length pattern regex min_items max_items max_digits decimal_places".split()
)
_CONSTRAINED: Final = re.compile(r"^con(str|int|float|list|set|bytes|decimal|date)$")
_VERSION_1: Final = frozenset({"pydantic.validator", "pydantic.root_validator"})
_VERSION_2: Final = frozenset(
    "pydantic.field_validator pydantic.model_validator pydantic.field_serializer pydantic.model_serializer".split()
)
_OTHERS: Final = frozenset({"sqlalchemy.orm.validates"})
_DECORATED: Final = """
SELECT DISTINCT s.scope FROM python_decorators d JOIN sites s ON s.id = d.target_site WHERE d.target_kind = 'method'
"""
_WHOLE: Final = frozenset({"root_validator", "model_validator", "model_serializer"})


def _models(known: Any) -> Iterator[tuple[Class, str]]:
    for owner in known.classes.values():
        base = owner.base_in(_BASES)
        if base is not None and owner.keywords.get("table") != "True":
            yield owner, base
        elif base is None and any(entry.name == _DATACLASS for entry in owner.decorators):
            yield owner, _DATACLASS


def _is_field(attribute: Attribute) -> bool:
    row = attribute.row
    return (
        row.annotation is not None
        and not row.is_class_var
        and row.name != "model_config"
        and not row.name.startswith("_")
    )


def _option(owner: Class, name: str) -> str | None:
    """A configuration option of a model: from its keywords, `model_config` or `class Config`, inherited too."""
    for parent in owner.lineage:
        if name in parent.keywords:
            return parent.keywords[name].strip("'\"")
        config, inner = parent.attribute("model_config"), parent.inner.get("Config")
        given = config.keyword(name) if config is not None else None
        if given is not None:
            return given.constant or given.source.rpartition(".")[2]
        if config is not None and (
            found := re.search(rf"['\"]{name}['\"]\s*:\s*['\"]?(\w+)", config.row.value_source or "")
        ):
            return found[1]
        old = inner.attribute(name) if inner is not None else None
        if old is not None:
            return old.row.value_constant or (old.row.value_source or "").rpartition(".")[2]
    return None


def _version(owner: Class) -> str:
    """1 or 2, by the names a model uses."""
    names = {entry.name for method in owner.methods for entry in method.decorators}
    if owner.attribute("model_config") is not None or names & _VERSION_2 or owner.base_in({"pydantic.RootModel"}):
        return "2"
    if "Config" in owner.inner or names & _VERSION_1 or owner.base_under("pydantic.v1."):
        return "1"
    return "2" if owner.base_under("pydantic_settings.") else ""


@derives(PydanticModel, PydanticField)
def pydantic_models(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each model, with a row for each field, or for each constraint of a field."""
    known = program(store)
    for owner, base in _models(known):
        fields = [attribute for attribute in owner.attributes if _is_field(attribute)]
        frozen = (_option(owner, "frozen") or _option(owner, "allow_mutation") or "") in {"True", "False"} and (
            _option(owner, "frozen") == "True" or _option(owner, "allow_mutation") == "False"
        )
        frozen = frozen or any(
            _is_frozen(entry, known) for entry in owner.decorators if entry.name.startswith("pydantic.")
        )
        settings = owner.base_in(
            {"pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic.v1.BaseSettings"}
        )
        row = PydanticModel(
            owner.name, base, _version(owner), _option(owner, "extra"), frozen, settings is not None, len(fields)
        )
        yield owner.site, row
        for attribute in fields:
            for constraint in _constraints(owner, attribute) or [None]:
                yield attribute.site, _field(owner, attribute, constraint)


def _is_frozen(entry: Decorated, known: Program) -> bool:
    given = known.arguments(entry.site) if entry.has_arguments else []
    return any(item.keyword == "frozen" and item.constant == "True" for item in given)


def _annotation(owner: Class, attribute: Attribute) -> str | None:
    """A field's annotation; of an alias what it stands for."""
    known, annotation = owner.program, attribute.row.annotation
    module = known.names.module_of(owner.qualified_name)
    for _ in range(_HOPS):
        head, inner = subscript(annotation)
        name = known.names.resolve(f"{module}.{head}", instances=False) if head and not inner else ""
        if name not in known.type_aliases:
            break
        annotation, module = known.type_aliases[name], name.rpartition(".")[0]
    return annotation


def _constraints(owner: Class, attribute: Attribute) -> list[str | None]:
    """What a field is held to: keywords of Field, metadata of Annotated, arguments of constr and the like."""
    annotation = _annotation(owner, attribute)
    found: list[str | None] = []
    if attribute.callee.startswith(("pydantic.", "sqlmodel.")):
        found += [f"{entry.keyword}={entry.source}" for entry in attribute.arguments if entry.keyword in _CONSTRAINTS]
    head, inner = subscript(annotation)
    if head.rpartition(".")[2] == "Annotated":
        found += [source for source in inner[1:] if source]
    node = parsed(annotation)
    function = getattr(node, "func", None)
    if function is not None and _CONSTRAINED.match(dotted(function).rpartition(".")[2]):
        found += [annotation]
    return found


def _field(owner: Class, attribute: Attribute, constraint: str | None) -> PydanticField:
    row = attribute.row
    is_field = attribute.callee.startswith(("pydantic.", "sqlmodel.")) and attribute.callee.endswith(".Field")
    default = attribute.argument(0, "default") or attribute.keyword("default_factory") if is_field else None
    alias = attribute.keyword("alias", "validation_alias") if is_field else None
    return PydanticField(
        model=owner.name,
        name=row.name,
        annotation=row.annotation or "",
        default_source=(default.source if default else None) if is_field else row.value_source,
        constraint_source=constraint,
        alias=alias.constant or alias.source if alias else None,
        is_secret=_SECRET.search(row.annotation or "") is not None,
        is_strict=is_field and attribute.is_true("strict"),
    )


@derives(Validator)
def validators(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each validating method, once for each field it names."""
    known = program(store)
    validating = _VERSION_1 | _VERSION_2 | _OTHERS | {name.replace("pydantic.", "pydantic.v1.") for name in _VERSION_1}
    decorated = {scope for (scope,) in store.rows(_DECORATED)}
    for site, owner in known.classes.items():
        if site not in decorated or not (owner.ancestors or owner.decorators):
            continue
        for method in owner.methods:
            names = {entry.name for entry in method.decorators}
            for entry in method.decorators:
                kind = entry.name.rpartition(".")[2] if entry.name in validating else _attrs_field(owner, entry)
                if kind:
                    given = known.arguments(entry.site) if entry.has_arguments else []
                    mode = next((item.constant for item in given if item.keyword == "mode"), None)
                    if mode is None and any(item.keyword == "pre" and item.constant == "True" for item in given):
                        mode = "before"
                    is_class = "classmethod" in names or entry.name in _VERSION_1
                    for field in _named(entry, kind, [item.constant for item in given if item.position is not None]):
                        yield method.site, Validator(owner.name, field, method.name, kind, mode, is_class)


def _attrs_field(owner: Class, entry: Decorated) -> str:
    """`@x.validator` of attrs: x is an attribute of the class made by `attr.ib` or `field`."""
    name, _, word = entry.text.rpartition(".")
    attribute = owner.attribute(name) if word == "validator" and name.isidentifier() else None
    made = attribute is not None and attribute.callee.startswith(("attr.", "attrs."))
    return "attrs" if made else ""


def _named(entry: Decorated, kind: str, given: list[str | None]) -> list[str | None]:
    if kind in _WHOLE:
        return [None]
    if kind == "attrs":
        return [entry.text.rpartition(".")[0]]
    return list(given) or ["*"]
