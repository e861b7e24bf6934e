"""Connections to databases, and the boundaries of transactions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from extractors.context import At, Context, constant_text
from extractors.registry import extracts
from schema.storage import DatabaseConnection, Transaction

_DRIVERS: Final = {
    **{
        f"{module}.connect": module
        for module in (
            "sqlite3 psycopg psycopg2 pymysql MySQLdb mysql.connector asyncpg aiosqlite aiomysql aiopg pyodbc cx_Oracle oracledb "
            "pymssql duckdb snowflake.connector clickhouse_driver trino mariadb ibm_db ldap3 apsw turso libsql"
        ).split()
    },
    "psycopg.Connection.connect": "psycopg",
    "psycopg.AsyncConnection.connect": "psycopg",
    "psycopg_pool.ConnectionPool": "psycopg",
    "psycopg_pool.AsyncConnectionPool": "psycopg",
    "psycopg2.pool.SimpleConnectionPool": "psycopg2",
    "psycopg2.pool.ThreadedConnectionPool": "psycopg2",
    "asyncpg.create_pool": "asyncpg",
    "aiomysql.create_pool": "aiomysql",
    "aiopg.create_pool": "aiopg",
    "sqlalchemy.create_engine": "sqlalchemy",
    "sqlalchemy.engine.create_engine": "sqlalchemy",
    "sqlalchemy.ext.asyncio.create_async_engine": "sqlalchemy",
    "sqlalchemy.engine_from_config": "sqlalchemy",
    "sqlmodel.create_engine": "sqlalchemy",
    "pymongo.MongoClient": "pymongo",
    "pymongo.AsyncMongoClient": "pymongo",
    "motor.motor_asyncio.AsyncIOMotorClient": "motor",
    "mongoengine.connect": "mongoengine",
    "redis.Redis": "redis",
    "redis.StrictRedis": "redis",
    "redis.from_url": "redis",
    "redis.Redis.from_url": "redis",
    "redis.asyncio.Redis": "redis",
    "redis.asyncio.from_url": "redis",
    "redis.asyncio.Redis.from_url": "redis",
    "peewee.SqliteDatabase": "peewee",
    "peewee.PostgresqlDatabase": "peewee",
    "peewee.MySQLDatabase": "peewee",
    "playhouse.db_url.connect": "peewee",
    "databases.Database": "databases",
    "tortoise.Tortoise.init": "tortoise",
    "elasticsearch.Elasticsearch": "elasticsearch",
    "opensearchpy.OpenSearch": "opensearch",
    "neo4j.GraphDatabase.driver": "neo4j",
    "cassandra.cluster.Cluster": "cassandra",
    "influxdb_client.InfluxDBClient": "influxdb",
    "clickhouse_connect.get_client": "clickhouse",
    "dj_database_url.parse": "django",
}
_URLS: Final = (
    "url",
    "dsn",
    "conninfo",
    "uri",
    "db_url",
    "connection_string",
    "name_or_url",
    "host",
    "hosts",
    "database",
)
_SSL: Final = (
    "sslmode", "ssl", "tls", "ssl_mode", "use_ssl", "ssl_disabled", "verify_certs", "ssl_cert_reqs", "encrypt", "ssl_context",
)  # fmt: skip
_PASSWORD: Final = re.compile(r"(://[^:/@\s'\"{}]*:)[^@/\s'\"{}]+@")
_SPANS: Final = {
    "atomic": "context",
    "begin": "begin",
    "begin_nested": "begin",
    "transaction": "context",
    "in_transaction": "context",
    "start_transaction": "begin",
    "savepoint": "context",
    "commit": "commit",
    "rollback": "rollback",
    "on_commit": "hook",
    "set_rollback": "rollback",
}
_KEEPERS: Final = re.compile(
    r"(?:^|[._])(?:session|conn|connection|db|database|cursor|cur|tx|txn|transaction|engine|unit_of_work|uow|trans)$",
    re.IGNORECASE,
)
_ROOTS: Final = frozenset(
    "django sqlalchemy sqlite3 psycopg psycopg2 asyncpg aiosqlite peewee tortoise pymongo sqlmodel flask_sqlalchemy databases "
    "pymysql MySQLdb mysql oracledb cx_Oracle pyodbc aiomysql aiopg duckdb pony".split()
)


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _DRIVERS})
def database_connection(node: ast.Call, context: Context) -> Iterator[DatabaseConnection]:
    """
    Each connection that is opened or configured; its password stays out of the row.

    >>> rows(database_connection, "import psycopg2, redis\\npsycopg2.connect('postgres://a:b@db.example/x?sslmode=require')\\nredis.Redis(host=h, password='p', ssl=True)")
    DatabaseConnection(callee='psycopg2.connect', driver='psycopg2', url_source="'postgres://a:***@db.example/x?sslmode=require'", host='db.example', ssl='require', has_literal_password=True)
    DatabaseConnection(callee='redis.Redis', driver='redis', url_source=None, host=None, ssl='True', has_literal_password=True)
    """
    callee = context.name(node.func)
    driver = _DRIVERS.get(callee)
    if driver is None:
        return
    given = next((found for word in _URLS[:-3] if (found := context.keyword(node, word)) is not None), None)
    if isinstance(given, ast.Constant) and isinstance(given.value, bool):  # sqlite3's `uri=True`
        given = None
    given = given if given is not None else context.keyword(node, "", 0)
    source = _PASSWORD.sub(r"\1***@", context.source(given)) if given is not None else None
    host, mode, has_password = _parts(context.string(given))
    named = context.string(context.keyword(node, "host"))
    password = next(
        (context.string(context.keyword(node, word)) for word in ("password", "passwd", "pwd", "auth")), None
    )
    ssl = next((found for word in _SSL if (found := context.keyword(node, word)) is not None), None)
    asked = mode if ssl is None else constant_text(context.constant(ssl)) or context.source(ssl, 80)
    yield DatabaseConnection(callee, driver, source, named or host, asked, bool(password) or has_password)


def _parts(url: str | None) -> tuple[str | None, str | None, bool]:
    """Host, mode of the transport, and whether there is a password, of an address or of `key=value` pairs."""
    if url is None:
        return None, None, False
    if "://" not in url:
        pairs = dict(re.findall(r"(\w+)\s*=\s*([^\s;]+)", url))
        return pairs.get("host"), pairs.get("sslmode"), any(word in pairs for word in ("password", "PWD", "pwd"))
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        host, password = parts.hostname, parts.password
    except ValueError:
        return None, None, False
    mode = next((asked[word][0] for word in ("sslmode", "ssl", "tls", "ssl_mode") if word in asked), None)
    return host, mode or ("true" if parts.scheme in {"rediss", "mongodb+srv"} else None), bool(password)


@extracts(ast.Call, callee=_SPANS)
def transaction(node: ast.Call, context: Context) -> Iterator[Transaction]:
    """
    Each boundary of a transaction that a call sets.

    >>> rows(transaction, "from django.db import transaction\\nwith transaction.atomic():\\n    transaction.on_commit(f)\\ndb.session.commit()\\nrepo.commit()")
    Transaction(kind='context', callee='django.db.transaction.atomic', is_async=False)
    Transaction(kind='hook', callee='django.db.transaction.on_commit', is_async=False)
    Transaction(kind='commit', callee='db.session.commit', is_async=False)
    """
    func: Any = node.func
    name = context.name(func)
    word = func.attr if isinstance(func, ast.Attribute) else name.rpartition(".")[2]
    known = name.partition(".")[0] in _ROOTS
    receiver = context.text(func.value) if isinstance(func, ast.Attribute) else ""
    if not known and not (_KEEPERS.search(receiver) and not name.startswith(("subprocess", "git", "threading"))):
        return
    statement = context.statement
    entered = isinstance(statement, (ast.With, ast.AsyncWith)) and any(
        item.context_expr is node for item in statement.items
    )
    is_decorator = node in getattr(statement, "decorator_list", ())
    kind = "context" if entered else "decorator" if is_decorator else _SPANS[word]
    text = name if known else f"{receiver}.{word}"
    yield Transaction(kind, text, isinstance(context.scope.node, ast.AsyncFunctionDef))


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=("django", "peewee", "pony", "tortoise"), decorated=True)
def transaction_decorator(node: Any, context: Context) -> Iterator[At]:
    """
    Each function that is a transaction as a whole.

    >>> rows(transaction_decorator, "from django.db.transaction import atomic\\n@atomic\\ndef f(): ...")
    Transaction(kind='decorator', callee='django.db.transaction.atomic', is_async=False)
    """
    for decorator in node.decorator_list:
        name = context.name(decorator)
        if name.rpartition(".")[2] in {"atomic", "db_session"} and name.partition(".")[0] in _ROOTS:
            yield At(decorator, Transaction("decorator", name, isinstance(node, ast.AsyncFunctionDef)))
