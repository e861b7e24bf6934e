"""Persistent classes: which class is one, and of which mapper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from weakref import WeakKeyDictionary

from aud_action.derive import derives
from aud_action.derive.classes import Class, Program, program
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.orm import OrmModel

BASES: Final[dict[str, str]] = {
    "django.db.models.Model": "django",
    "django.db.models.base.Model": "django",
    "django.contrib.gis.db.models.Model": "django",
    "django.contrib.auth.models.AbstractUser": "django",
    "django.contrib.auth.models.AbstractBaseUser": "django",
    "django.contrib.auth.base_user.AbstractBaseUser": "django",
    "django.contrib.auth.models.User": "django",
    "django.contrib.auth.models.Group": "django",
    "django.contrib.sessions.base_session.AbstractBaseSession": "django",
    "mptt.models.MPTTModel": "django",
    "polymorphic.models.PolymorphicModel": "django",
    "treebeard.mp_tree.MP_Node": "django",
    "treebeard.ns_tree.NS_Node": "django",
    "treebeard.al_tree.AL_Node": "django",
    "wagtail.models.Page": "django",
    "model_utils.models.TimeStampedModel": "django",
    "django_extensions.db.models.TimeStampedModel": "django",
    "sqlalchemy.orm.DeclarativeBase": "sqlalchemy",
    "sqlalchemy.orm.DeclarativeBaseNoMeta": "sqlalchemy",
    "sqlalchemy.orm.declarative_base": "sqlalchemy",
    "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy",
    "sqlalchemy.ext.declarative.api.declarative_base": "sqlalchemy",
    "sqlalchemy.orm.registry.generate_base": "sqlalchemy",
    "sqlalchemy.ext.automap.automap_base": "sqlalchemy",
    "flask_sqlalchemy.SQLAlchemy.Model": "sqlalchemy",
    "flask_sqlalchemy.model.Model": "sqlalchemy",
    "sqlmodel.SQLModel": "sqlmodel",
    "peewee.Model": "peewee",
    "playhouse.flask_utils.FlaskDB.Model": "peewee",
    "tortoise.models.Model": "tortoise",
    "tortoise.Model": "tortoise",
    "pony.orm.Database.Entity": "pony",
    "mongoengine.Document": "mongoengine",
    "mongoengine.EmbeddedDocument": "mongoengine",
    "mongoengine.DynamicDocument": "mongoengine",
    "flask_mongoengine.MongoEngine.Document": "mongoengine",
    "odmantic.Model": "odmantic",
    "odmantic.EmbeddedModel": "odmantic",
    "beanie.Document": "beanie",
}
_ROOTS: Final = frozenset({"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta"})
_MAPPED: Final = frozenset({"sqlalchemy.orm.registry.mapped", "sqlalchemy.orm.registry.mapped_as_dataclass"})
_AS_DATACLASS: Final = frozenset({"sqlalchemy.orm.MappedAsDataclass", "sqlalchemy.orm.registry.mapped_as_dataclass"})
_SNAKE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LINEAGE: Final = 64
TABLES: Final = frozenset({"sqlalchemy.Table", "sqlalchemy.schema.Table", "flask_sqlalchemy.SQLAlchemy.Table"})
_NAMES: Final = frozenset(BASES)
_MODELS: WeakKeyDictionary[Program, list[tuple[Class, str, str]]] = WeakKeyDictionary()
_LABELS: WeakKeyDictionary[Program, dict[str, str]] = WeakKeyDictionary()
_CALLS: Final = """
SELECT c.site, c.callee, c.assigned_to FROM python_calls c WHERE c.method IN ('Table', 'map_imperatively') AND c.callee != ''
ORDER BY c.rowid
"""


def models(known: Program) -> list[tuple[Class, str, str]]:
    """Each persistent class with its mapper and the library's class it descends from."""
    found = _MODELS.get(known)
    if found is None:
        found = _MODELS[known] = list(_models(known))
    return found


def _models(known: Program) -> Iterator[tuple[Class, str, str]]:
    for owner in known.classes.values():
        base = owner.base_in(_NAMES)
        if base is None:
            mapped = next((entry.name for entry in owner.decorators if entry.name in _MAPPED), None)
            if mapped is not None:
                yield owner, "sqlalchemy", mapped
        elif _is_model(owner, base):
            yield owner, BASES[base], base


def _is_model(owner: Class, base: str) -> bool:
    if base in _ROOTS:
        return base not in owner.bases
    return BASES[base] != "sqlmodel" or owner.keywords.get("table") == "True"


def is_abstract(owner: Class, orm: str) -> bool:
    """Whether a persistent class has no table of its own."""
    if orm == "django":
        meta = owner.inner.get("Meta")
        found = meta.attribute("abstract") if meta else None
        return found is not None and found.row.value_constant == "True"
    if orm == "mongoengine":
        meta_entry = owner.attribute("meta")
        return meta_entry is not None and "'abstract': True" in (meta_entry.row.value_source or "")
    found = owner.attribute("__abstract__")
    return found is not None and found.row.value_constant == "True"


def table_name(owner: Class, orm: str, base: str) -> str | None:
    """The table's name, where code or convention says it."""
    if orm == "django":
        return _django_table(owner)
    # one table for a class and its descendants: those that name none have their parent's
    found = owner.attribute("__tablename__", inherited=orm == "sqlalchemy" and not is_abstract(owner, orm))
    if found is not None:
        return found.row.value_constant
    meta = owner.inner.get("Meta")
    given = (meta.attribute("table_name") or meta.attribute("table")) if meta else None
    if given is not None:
        return given.row.value_constant
    if is_abstract(owner, orm):
        return None
    if base.startswith("flask_sqlalchemy."):
        return _SNAKE.sub("_", owner.name).lower()
    return owner.name.lower() if orm in {"sqlmodel", "peewee"} else None


def _django_table(owner: Class) -> str | None:
    meta = owner.inner.get("Meta")
    proxy = meta.attribute("proxy") if meta else None
    given = meta.attribute("db_table") if meta else None
    if is_abstract(owner, "django"):
        return None
    if proxy is not None and proxy.row.value_constant == "True":
        concrete = next((parent for parent in owner.lineage[1:] if not is_abstract(parent, "django")), None)
        return _django_table(concrete) if concrete is not None and len(owner.lineage) < _LINEAGE else None
    label = app_label(owner)
    return given.row.value_constant if given is not None else f"{label}_{owner.name.lower()}" if label else None


def app_label(owner: Class) -> str:
    """The label of the Django application a model is in."""
    meta = owner.inner.get("Meta")
    given = meta.attribute("app_label") if meta else None
    if given is not None and given.row.value_constant:
        return given.row.value_constant
    package = owner.program.names.module_of(owner.qualified_name) or owner.qualified_name.rpartition(".")[0]
    package = package.partition(".models")[0] if ".models" in f"{package}." else package.rpartition(".")[0]
    return _labels(owner.program).get(package) or package.rpartition(".")[2]


def _labels(known: Program) -> dict[str, str]:
    """The labels that applications give themselves, by package; read once."""
    found = _LABELS.get(known)
    if found is None:
        found = _LABELS[known] = {}
        for config, _ in known.among(("django.apps.AppConfig", "django.apps.config.AppConfig")):
            name, label = config.attribute("name"), config.attribute("label")
            if name is not None and label is not None and name.row.value_constant:
                found[name.row.value_constant] = label.row.value_constant or ""
    return found


def _style(owner: Class, orm: str, base: str) -> str:
    if base in _MAPPED or any(name in _AS_DATACLASS for name in (*owner.ancestors, base)):
        return "dataclass" if base in _AS_DATACLASS or owner.base_in(_AS_DATACLASS) else "declarative"
    annotated = any((entry.row.annotation_name or "").endswith("sqlalchemy.orm.Mapped") for entry in owner.attributes)
    return "mapped" if orm == "sqlalchemy" and annotated else "declarative"


@derives(OrmModel)
def orm_models(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each persistent class, and each table made by a call."""
    known = program(store)
    for owner, orm, base in models(known):
        style = _style(owner, orm, base)
        row = OrmModel(owner.name, orm, table_name(owner, orm, base), is_abstract(owner, orm), base, style)
        yield owner.site, row
    tables: dict[tuple[int, str], str | None] = {}
    for site, callee, variable in list(store.rows(_CALLS)):
        resolved = known.names.resolve(callee)
        given = {entry.position: entry for entry in known.arguments(site)}
        first = given.get(0)
        if resolved in TABLES and first is not None:
            tables[site >> SITE_BITS, variable or first.source] = first.constant
            yield (
                site,
                OrmModel(
                    variable or first.constant or first.source, "sqlalchemy", first.constant, False, resolved, "table"
                ),
            )
        elif resolved == "sqlalchemy.orm.registry.map_imperatively" and first is not None:
            table = tables.get((site >> SITE_BITS, given[1].source)) if 1 in given else None
            yield site, OrmModel(first.source, "sqlalchemy", table, False, resolved, "imperative")
