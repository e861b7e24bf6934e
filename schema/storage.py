"""How a program reaches its databases: connections, transactions, and the queries of object mappers."""

from typing import NamedTuple

from schema.table import table


@table("python_database_connections", index=("driver",))
class DatabaseConnection(NamedTuple):
    """One connection that is opened or configured."""

    callee: str
    driver: str
    url_source: str | None  #: as written, without a password
    host: str | None
    ssl: str | None  #: what is asked of the transport: true, false, a mode as written; NULL when nothing
    has_literal_password: bool  #: the password itself is not kept


@table("python_transactions", index=("kind",))
class Transaction(NamedTuple):
    """One boundary of a transaction."""

    kind: str  #: context, decorator, begin, commit, rollback or hook
    callee: str  #: exact, else as written
    is_async: bool


@table("python_orm_queries", index=("model",), derived=True)
class OrmQuery(NamedTuple):
    """One query that is built or run through an object mapper; its site is the call."""

    orm: str  #: django, sqlalchemy, mongoengine, peewee, tortoise, …
    method: str
    model: str | None  #: as the model's class is called
    is_raw: bool
    has_text: bool  #: it is given SQL as text
    arguments: int
    spreads_mapping: bool  #: `**data`: every key of it names a column
    is_async: bool


@table("python_django_queryset_chains", derived=True)
class DjangoQuerysetChain(NamedTuple):
    """One chain of two and more methods of a queryset; its site is the whole chain."""

    model: str | None
    root: str  #: the manager it starts from
    methods: str  #: in order, joined by a dot
    length: int
    has_raw: bool
    has_extra: bool
    has_select_related: bool
    has_prefetch_related: bool
    has_only: bool
    has_defer: bool
    is_async: bool
