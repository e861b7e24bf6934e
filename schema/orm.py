"""What a program keeps in databases, through object mappers."""

from typing import NamedTuple

from schema.table import table


@table("python_orm_models", index=("name",), hot=True, derived=True)
class OrmModel(NamedTuple):
    """One persistent class or table."""

    name: str
    orm: str  #: django, sqlalchemy, sqlmodel, peewee, tortoise, pony, mongoengine, odmantic or beanie
    table_name: str | None
    is_abstract: bool
    base: str  #: the library's class it descends from
    style: str  #: declarative, mapped, dataclass, imperative or table


@table("python_orm_fields", index=("model",), hot=True, derived=True)
class OrmField(NamedTuple):
    """One column attribute, with the class that declares it."""

    model: str
    name: str
    type: str | None
    is_primary_key: bool
    is_foreign_key: bool
    target: str | None  #: of a foreign key: `table.column`, or the model
    is_nullable: str | None  #: true or false
    is_unique: bool
    max_length: int | None
    default_source: str | None


@table("python_orm_relationships", index=("model",), hot=True, derived=True)
class OrmRelationship(NamedTuple):
    """One direction of one relationship."""

    model: str
    name: str
    kind: str  #: one_to_many, many_to_one, one_to_one, many_to_many or generic
    target: str | None
    back_populates: str | None
    cascade: str | None
    secondary: str | None
    is_inverse: bool  #: declared at the other end only
