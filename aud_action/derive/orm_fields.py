"""Columns and relationships of persistent classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Attribute, Class, program
from aud_action.derive.expressions import (
    called,
    first_text,
    is_optional,
    parsed,
    subscript,
    text_or_name,
    without_none,
    written_arguments,
)
from aud_action.derive.orm import TABLES, is_abstract, models
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import CallArgument
from schema.classes import ClassAttribute
from schema.orm import OrmField, OrmRelationship

_COLUMNS: Final = frozenset({"Column", "mapped_column", "Field"})
_SQLALCHEMY: Final = ("sqlalchemy.", "flask_sqlalchemy.", "sqlmodel.")
_MAPPED: Final = "sqlalchemy.orm.Mapped"
_RELATIONS: Final = {"ForeignKey": "many_to_one", "OneToOneField": "one_to_one", "ManyToManyField": "many_to_many"} | {
    "ForeignKeyField": "many_to_one",
    "GenericForeignKey": "generic",
    "ParentalKey": "many_to_one",
}
_USER_MODEL: Final = ("AUTH_USER_MODEL", "get_user_model()")
_DECLARED: Final = ("sqlalchemy.orm.declared_attr", "sqlalchemy.ext.declarative.declared_attr")
_HOPS: Final = 8
_TABLES: Final = re.compile(r"[\"'](\w+)\.\w+[\"']")
"""The tables that a constraint's columns are of."""
_INVERSE: Final = {"many_to_one": "one_to_many", "one_to_many": "many_to_one"}
_MANY: Final = frozenset({"list", "List", "set", "Set", "Sequence", "WriteOnlyMapped", "DynamicMapped"})
_TABLE_COLUMNS: Final = """
SELECT t.site, coalesce(t.assigned_to, ''), c.site, c.callee FROM python_calls t JOIN sites ts ON ts.id = t.site
JOIN python_calls c ON c.method = 'Column' JOIN sites cs ON cs.id = c.site AND cs.file = ts.file
WHERE t.method = 'Table' AND t.callee != '' AND (cs.line, cs.col) > (ts.line, ts.col)
  AND (cs.end_line, cs.end_col) <= (ts.end_line, ts.end_col)
"""


def _number(argument: CallArgument | None) -> int | None:
    text = argument.constant if argument is not None else None
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


def _word(argument: CallArgument) -> str:
    """The last segment of what an argument calls or is, aliases resolved."""
    return argument.name.rpartition(".")[2] if argument.name else called(argument.source)


def is_column(attribute: Attribute) -> bool:
    """Whether an attribute of a SQLAlchemy class is a column."""
    if attribute.callee:
        return attribute.callee.startswith(_SQLALCHEMY) and attribute.callee.rpartition(".")[2] in _COLUMNS
    return attribute.row.annotation_name == _MAPPED and attribute.row.value_callee is None


def _sqlalchemy(model: str, name: str, inner: str | None, arguments: list[CallArgument], mapped: bool) -> OrmField:
    named = {entry.keyword: entry for entry in arguments if entry.keyword}
    plain = [entry for entry in arguments if entry.position is not None]
    key = next((entry for entry in plain if _word(entry) == "ForeignKey"), None)
    types = (named.get("type_"), *plain)
    kind = next(
        (
            entry
            for entry in types
            if entry and entry.constant_type != "str" and called(entry.source) and not _other(entry)
        ),
        None,
    )
    primary = "primary_key" in named and named["primary_key"].constant == "True"
    nullable = named["nullable"].constant if "nullable" in named else None
    optional = not primary and (is_optional(inner) if mapped else True)
    foreign = first_text(key.source) if key else named["foreign_key"].constant if "foreign_key" in named else None
    length = parsed(kind.source) if kind else None
    size = next((a.value for a in getattr(length, "args", ()) if isinstance(getattr(a, "value", None), int)), None)
    default = named.get("default") or named.get("default_factory") or named.get("server_default")
    return OrmField(
        model=model,
        name=name,
        type=_word(kind) if kind else inner,
        is_primary_key=primary,
        is_foreign_key=foreign is not None,
        target=foreign,
        is_nullable=nullable.lower() if nullable else str(optional).lower(),
        is_unique="unique" in named and named["unique"].constant == "True",
        max_length=size if size is not None else _number(named.get("max_length")),
        default_source=default.source if default else None,
    )


def _other(argument: CallArgument) -> bool:
    """Arguments of a column that are not its type."""
    return _word(argument) in {
        "ForeignKey",
        "Sequence",
        "Identity",
        "Computed",
        "CheckConstraint",
        "FetchedValue",
    }


def mapped_attributes(owner: Class) -> Iterator[Attribute]:
    """What a class's body binds, and what its methods under `declared_attr` give to the classes that mix it in."""
    yield from owner.attributes
    for method in owner.methods:
        if any(entry.name.startswith(_DECLARED) for entry in method.decorators):
            calls = owner.program.store.rows(
                "SELECT c.site, c.callee, f.returns FROM python_calls c JOIN sites s ON s.id = c.site "
                "JOIN python_functions f ON f.site = s.scope WHERE s.scope = ? AND c.context = 'return'",
                (method.site,),
            )
            for site, callee, returns in list(calls):
                given = owner.program.arguments(site)
                head = subscript(returns)[0].rpartition(".")[2]
                mapped = _MAPPED if head == "Mapped" else None
                row = ClassAttribute(
                    method.name,
                    owner.qualified_name,
                    owner.site,
                    "class",
                    returns,
                    mapped,
                    None,
                    None,
                    callee,
                    site,
                    False,
                    False,
                )
                yield Attribute(site, row, owner.program.names.resolve(callee), given)


def _declared_in(owner: Class, orm: str) -> Iterator[tuple[int, OrmField]]:
    for attribute in mapped_attributes(owner):
        row = attribute.row
        field = (_column if orm in {"sqlalchemy", "sqlmodel"} else _object_field)(owner, attribute, orm)
        if field is not None and not row.is_class_var:
            yield attribute.site, field


def _column(owner: Class, attribute: Attribute, orm: str) -> OrmField | None:
    row = attribute.row
    wrapped = attribute.argument(0) if attribute.callee == "sqlalchemy.orm.deferred" else None
    if wrapped is not None and called(wrapped.source) in _COLUMNS:
        given = written_arguments(parsed(wrapped.source))
        return _sqlalchemy(owner.name, row.name, None, given, row.annotation is not None)
    inner = subscript(row.annotation)[1] if row.annotation_name == _MAPPED else []
    plain = (
        orm == "sqlmodel" and row.annotation is not None and row.value_callee is None and not row.name.startswith("_")
    )
    if not plain and not is_column(attribute):
        return None
    annotation, declared = _aliased(owner, inner[0] if inner else row.annotation)
    given = [*attribute.arguments, *declared]
    return _sqlalchemy(owner.name, row.name, annotation, given, row.annotation is not None)


def _aliased(owner: Class, annotation: str | None) -> tuple[str | None, list[CallArgument]]:
    """An annotation without Annotated, and the arguments of the columns declared in it, aliases followed."""
    known = owner.program
    module = known.names.module_of(owner.qualified_name)
    for _ in range(_HOPS):
        head, inner = subscript(annotation)
        if head.rpartition(".")[2] == "Annotated" and inner:
            words = {part: known.names.resolve(f"{module}.{called(part)}").rpartition(".")[2] for part in inner[1:]}
            columns = [node for part in inner[1:] if words[part] in _COLUMNS and (node := parsed(part)) is not None]
            return inner[0], [entry for node in columns for entry in written_arguments(node)]
        name = known.names.resolve(f"{module}.{head}", instances=False) if head and not inner else ""
        if name not in known.type_aliases:
            break
        annotation, module = known.type_aliases[name], name.rpartition(".")[0]
    return annotation, []


def _field_type(attribute: Attribute, owner: Class, orm: str) -> str | None:
    """The field class an attribute of another mapper's model is made from."""
    callee = attribute.callee
    last = callee.rpartition(".")[2] if callee else ""
    if not last or last.endswith("Manager"):
        return None
    if last in _RELATIONS or last.endswith("Field"):
        return last
    if orm == "pony":
        return last if callee.startswith("pony.") else None
    custom = owner.program.named(callee)
    return (
        last
        if custom and custom.base_under("django.db.models.", "peewee.", "mongoengine.", "tortoise.fields.")
        else None
    )


def _object_field(owner: Class, attribute: Attribute, orm: str) -> OrmField | None:
    kind = _field_type(attribute, owner, orm)
    if kind is None or kind in {"ManyToManyField", "GenericForeignKey", "GenericRelation"}:
        return None
    relation = _RELATIONS.get(kind)
    default = attribute.keyword("default", "default_factory", "db_default")
    nullable = attribute.keyword("null", "is_nullable")
    return OrmField(
        model=owner.name,
        name=attribute.row.name,
        type=kind,
        is_primary_key=attribute.is_true("primary_key") or attribute.is_true("pk"),
        is_foreign_key=relation is not None,
        target=_target(attribute, owner) if relation else None,
        is_nullable="true" if nullable is not None and nullable.constant == "True" else "false",
        is_unique=attribute.is_true("unique") or relation == "one_to_one",
        max_length=_number(attribute.keyword("max_length")),
        default_source=default.source if default else None,
    )


def _target(attribute: Attribute, owner: Class) -> str | None:
    """The model at the other end: the first argument, whose string may have the application in front."""
    given = attribute.argument(0, "to") or attribute.keyword("argument", "model", "model_name")
    if given is None:
        head, inner = subscript(attribute.row.annotation)
        while inner and head.rpartition(".")[2] in {"Mapped", "Optional", *_MANY}:
            head, inner = subscript(without_none(inner[0]))
        return (head or "").rpartition(".")[2] or None
    name = given.constant if given.constant is not None else text_or_name(parsed(given.source))
    if (name or given.source).endswith(_USER_MODEL):
        return owner.program.user_model
    if name in {"self", "RECURSIVE_RELATIONSHIP_CONSTANT"}:
        return owner.name
    return name.rpartition(".")[2] if name else None


@derives(OrmField, ordered=True)
def orm_fields(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each column, with the class that declares it: mixins keep theirs."""
    known = program(store)
    done: set[int] = set()
    for model, orm, _ in models(known):
        for owner in model.lineage:
            if owner.site not in done:
                done.add(owner.site)
                yield from _declared_in(owner, orm)
    names = known.names
    tables = {
        site
        for site, callee in store.rows("SELECT site, callee FROM python_calls WHERE method = 'Table'")
        if names.resolve(callee) in TABLES
    }
    for table, variable, site, callee in list(store.rows(_TABLE_COLUMNS)):
        resolved = names.resolve(callee)
        if table in tables and resolved.startswith(_SQLALCHEMY):
            arguments = known.arguments(site)
            first = next((entry for entry in arguments if entry.position == 0), None)
            if first is not None and first.constant_type == "str":
                name = variable or next(entry.constant or entry.source for entry in known.arguments(table))
                yield site, _sqlalchemy(name, first.constant or "", None, arguments, False)


@derives(OrmRelationship)
def orm_relationships(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each direction of each relationship."""
    known = program(store)
    tables = {owner.name: owner for owner, _, _ in models(known)}
    done: set[int] = set()
    mixed = [(owner, orm) for model, orm, _ in models(known) for owner in model.lineage]
    for owner, orm in mixed:
        if owner.site in done:
            continue
        done.add(owner.site)
        for attribute in mapped_attributes(owner):
            last = attribute.callee.rpartition(".")[2] if attribute.callee else ""
            if orm in {"sqlalchemy", "sqlmodel"}:
                if last in {"relationship", "Relationship", "dynamic_loader"} and attribute.callee.startswith(
                    _SQLALCHEMY
                ):
                    yield from _related(owner, attribute, tables)
            elif last in _RELATIONS and (last != "ForeignKeyField" or orm != "django"):
                yield from _linked(owner, attribute, _RELATIONS[last], orm)


def _related(owner: Class, attribute: Attribute, tables: dict[str, Class]) -> Iterator[tuple[int, OrmRelationship]]:
    target = _target(attribute, owner)
    given = {word: attribute.keyword(word) for word in ("back_populates", "cascade", "secondary", "uselist", "backref")}
    kind = _kind(owner, attribute, tables.get(target or ""))
    text = {word: (entry.constant or entry.source) if entry else None for word, entry in given.items()}
    yield (
        attribute.site,
        OrmRelationship(
            owner.name,
            attribute.row.name,
            kind,
            target,
            text["back_populates"],
            text["cascade"],
            text["secondary"],
            False,
        ),
    )
    backref = given["backref"]
    if backref is not None and target:
        name = backref.constant or first_text(backref.source)
        if name:
            single = any(word.arg == "uselist" for word in getattr(parsed(backref.source), "keywords", ()))
            inverse = "one_to_one" if single and kind == "many_to_one" else _INVERSE.get(kind, kind)
            row = OrmRelationship(target, name, inverse, owner.name, attribute.row.name, None, text["secondary"], True)
            yield attribute.site, row


def _kind(owner: Class, attribute: Attribute, target: Class | None) -> str:
    """Many or one at each end: from secondary, the annotation, uselist, or which side has the foreign key."""
    if attribute.keyword("secondary") is not None:
        return "many_to_many"
    head, inner = subscript(attribute.row.annotation)
    inside = subscript(inner[0])[0].rpartition(".")[2] if inner else head.rpartition(".")[2]
    uselist = attribute.keyword("uselist")
    has_key = target is not None and target is not owner and _points_to(owner, target)
    if inside in _MANY or head.rpartition(".")[2] in _MANY:
        return "one_to_many"
    if uselist is not None and uselist.constant == "False":
        return "one_to_one"
    if has_key or attribute.keyword("remote_side") is not None or _is_one_of_many(attribute, target):
        return "many_to_one"
    return "many_to_one" if inner and target is None else "one_to_one" if inner else "one_to_many"


def _is_one_of_many(attribute: Attribute, target: Class | None) -> bool:
    """Whether the attribute at the other end says that it holds many."""
    named = attribute.keyword("back_populates")
    other = target.attribute(named.constant or "", inherited=True) if target is not None and named is not None else None
    inner = subscript(other.row.annotation)[1] if other is not None else []
    return bool(inner) and subscript(inner[0])[0].rpartition(".")[2] in _MANY


def _points_to(owner: Class, target: Class) -> bool:
    table = target.attribute("__tablename__")
    wanted = {target.name, (table.row.value_constant if table else None) or target.name.lower()}
    for parent in owner.lineage:
        given = parent.attribute("__table_args__")
        keys = _TABLES.findall((given.row.value_source or "").partition("ForeignKeyConstraint(")[2]) if given else ()
        if wanted & set(keys):
            return True
        for attribute in mapped_attributes(parent):
            for entry in attribute.arguments:
                key = first_text(entry.source) if _word(entry) == "ForeignKey" else None
                if key is not None and key.split(".")[0] in wanted:
                    return True
    return False


def _default_name(owner: Class) -> str | None:
    """What Meta calls all that points here from other models."""
    meta = next((parent.inner["Meta"] for parent in owner.lineage if "Meta" in parent.inner), None)
    found = meta.attribute("default_related_name", inherited=True) if meta else None
    return found.row.value_constant if found is not None else None


def _linked(owner: Class, attribute: Attribute, kind: str, orm: str) -> Iterator[tuple[int, OrmRelationship]]:
    """A relation of Django, peewee or Tortoise, and the attribute it puts on the other model."""
    target = None if kind == "generic" else _target(attribute, owner)
    through = attribute.keyword("through")
    related = attribute.keyword("related_name", "backref")
    inverse = related.constant if related else None
    on_delete = attribute.argument(1, "on_delete") if orm == "django" and kind != "many_to_many" else None
    secondary = (through.constant or through.source) if through else None
    cascade = on_delete.source.rpartition(".")[2] if on_delete else None
    yield (
        attribute.site,
        OrmRelationship(owner.name, attribute.row.name, kind, target, inverse, cascade, secondary, False),
    )
    if target is None or is_abstract(owner, orm) or (inverse or "").endswith("+"):
        return
    default = _default_name(owner) or owner.name.lower() + ("" if kind == "one_to_one" else "_set")
    if target == owner.name and kind == "many_to_many" and inverse is None:
        return  # symmetrical: Django puts nothing on the other end
    row = OrmRelationship(
        target, inverse or default, _INVERSE.get(kind, kind), owner.name, attribute.row.name, None, secondary, True
    )
    yield attribute.site, row
