"""Data classes of the standard library, attrs, msgspec, Pydantic and typing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, Program, program
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import CallArgument
from schema.validation import Dataclass, DataclassField

_DECORATORS: Final = {"dataclasses.dataclass": "dataclasses", "pydantic.dataclasses.dataclass": "pydantic"} | {
    f"{module}.{name}": "attrs"
    for module in ("attr", "attrs")
    for name in "s attrs define frozen mutable dataclass".split()
}
_BASES: Final = {"msgspec.Struct": "msgspec", "typing.NamedTuple": "typing", "typing_extensions.NamedTuple": "typing"}
_FIELDS: Final = frozenset(
    "dataclasses.field pydantic.Field pydantic.dataclasses.Field attr.ib attr.attrib attr.field attrs.field msgspec.field".split()
)
_NEW: Final = frozenset({"define", "frozen", "mutable"})


def _kind(owner: Class) -> tuple[str, list[CallArgument], str] | None:
    for entry in owner.decorators:
        if entry.name in _DECORATORS:
            given = owner.program.arguments(entry.site) if entry.has_arguments else []
            return _DECORATORS[entry.name], given, entry.name.rpartition(".")[2]
    base = next(
        (name for name in _BASES if name in (owner.ancestors if name == "msgspec.Struct" else owner.bases)), None
    )
    return (_BASES[base], [], "") if base else None


@derives(Dataclass, DataclassField)
def dataclasses(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each data class and its fields, in the order in which its constructor takes them."""
    known: Program = program(store)
    for owner in known.classes.values():
        found = _kind(owner)
        if found is None:
            continue
        library, given, word = found
        options = {entry.keyword: entry.constant for entry in given} | owner.keywords
        frozen = options.get("frozen") == "True" or word == "frozen" or library == "typing"
        slots = options.get("slots", "True" if word in _NEW else "False") == "True" or library == "msgspec"
        keyword_only = options.get("kw_only") == "True"
        yield owner.site, Dataclass(owner.name, library, frozen, slots, keyword_only)
        yield from _fields(owner, library, keyword_only)


def _fields(owner: Class, library: str, keyword_only: bool) -> Iterator[tuple[int, DataclassField]]:
    position = 0
    for attribute in owner.attributes:
        annotation = attribute.row.annotation or ""
        if annotation.rpartition(".")[2] == "KW_ONLY":
            keyword_only = True
        elif _is_field(attribute, library):
            yield attribute.site, _field(owner, attribute, position, keyword_only)
            position += 1


def _is_field(attribute: Attribute, library: str) -> bool:
    if attribute.row.is_class_var or "ClassVar" in (attribute.row.annotation or "").split("[")[0]:
        return False
    return attribute.row.annotation is not None or (library == "attrs" and attribute.callee in _FIELDS)


def _field(owner: Class, attribute: Attribute, position: int, keyword_only: bool) -> DataclassField:
    is_call = attribute.callee in _FIELDS
    default = attribute.keyword("default", "default_factory", "factory")
    init, keyword = attribute.keyword("init"), attribute.keyword("kw_only")
    return DataclassField(
        owner=owner.name,
        name=attribute.row.name,
        position=position,
        annotation=attribute.row.annotation,
        default_source=(default.source if default else None) if is_call else attribute.row.value_source,
        is_init=not (is_call and init is not None and init.constant == "False"),
        is_keyword_only=keyword.constant == "True" if is_call and keyword is not None else keyword_only,
    )
