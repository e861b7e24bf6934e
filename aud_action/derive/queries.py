"""Queries built through object mappers: what the calls' exact names tell."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema import SITE_BITS
from schema.calls import Callee
from schema.orm import OrmModel
from schema.storage import DjangoQuerysetChain, OrmQuery

_MANAGERS: Final = ("objects", "_default_manager", "_base_manager", "query", "query_class")
_NAMED: Final = """
SELECT c.site, c.callee, c.method, c.arguments + c.keywords, c.has_double_star, c.is_awaited, s.file, s.line, s.col
FROM python_callees n CROSS JOIN python_calls c ON c.callee = n.name JOIN sites s ON s.id = c.site
WHERE n.name GLOB '*.objects.*' OR n.name GLOB '*._default_manager.*' OR n.name GLOB '*._base_manager.*' OR n.name GLOB '*.query.*'
  OR n.name GLOB '*.objects'
ORDER BY c.site
"""
_SESSIONS: Final = """
SELECT c.site, c.callee, c.method, c.arguments + c.keywords, c.has_double_star, c.is_awaited, c.receiver FROM python_calls c
WHERE c.method IN ('execute', 'query', 'get', 'get_one', 'scalar', 'scalars', 'add', 'add_all', 'merge', 'delete', 'exec', 'stream',
  'bulk_save_objects', 'bulk_insert_mappings', 'bulk_update_mappings', 'refresh', 'select', 'insert', 'update', 'text', 'values',
  'from_statement')
  AND (c.callee GLOB 'sqlalchemy.*' OR c.callee GLOB 'sqlmodel.*' OR c.receiver = 'session' OR c.receiver GLOB '*.session'
    OR c.receiver GLOB '*_session' OR c.callee GLOB '*session.execute')
ORDER BY c.site
"""
_FIRST: Final = "SELECT name, source, kind FROM python_call_arguments WHERE site = ? AND position = 0"
_CORE: Final = frozenset({"select", "insert", "update", "delete", "text"})
_MAPPERS: Final = """
SELECT 1 FROM python_imports
WHERE module GLOB 'sqlalchemy*' OR module GLOB 'sqlmodel*' OR module GLOB 'flask_sqlalchemy*' OR module GLOB 'advanced_alchemy*' LIMIT 1
"""
_OTHERS: Final = """
SELECT DISTINCT i.site >> 24 FROM python_imports i WHERE i.module GLOB 'cassandra*' OR i.module GLOB 'neo4j*'
  OR i.module GLOB 'snowflake.snowpark*' OR i.module GLOB 'pyspark*'
"""
"""Files whose sessions are another database's."""
_OF_CLASSES: Final = frozenset(
    "query get get_one select insert update delete exec execute scalar scalars stream text".split()
)
_CLIENTS: Final = (
    "requests.",
    "httpx.",
    "aiohttp.",
    "boto3.",
    "flask.session",
    "requests_html.",
    "urllib3.",
    "django.",
)
_ADDRESSES: Final = frozenset({"constant", "fstring", "concat", "percent", "format"})
_TEXTS: Final = frozenset({"raw", "extra", "text", "exec_driver_sql", "from_statement"})
_ASYNC: Final = frozenset(
    "aget acreate aget_or_create aupdate_or_create abulk_create abulk_update acount aiterator alatest aearliest afirst alast "
    "aaggregate aexists acontains aupdate adelete aexplain ain_bulk".split()
)


_ANSWERED: Final = _ASYNC | frozenset(
    "get create get_or_create update_or_create bulk_create bulk_update count latest earliest first last aggregate exists contains "
    "update delete explain in_bulk iterator".split()
)


def _split(callee: str) -> tuple[str, str, list[str]] | None:
    """What is before the manager, the manager, and the methods after it; None when there is none."""
    parts = callee.split(".")
    for place, part in enumerate(parts):
        if part in _MANAGERS and place and parts[place - 1][:1].isupper():  # a class's: a module may be named `objects`
            return ".".join(parts[:place]), part, parts[place + 1 :]
    return None


@derives(OrmQuery, DjangoQuerysetChain, after=(Callee, OrmModel), ordered=True)
def orm_queries(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each query of an object mapper, and each chain of a queryset's methods."""
    models: dict[str, str] = dict(store.rows("SELECT name, orm FROM python_orm_models"))
    longest: dict[tuple[int, int, int], tuple[int, str, str, list[str], bool]] = {}
    for site, callee, method, arguments, spreads, awaited, file, line, col in store.rows(_NAMED):
        found = _split(callee)
        if found is None:
            continue
        owner, manager, methods = found
        if any(word in _ANSWERED for word in methods[:-1]):
            continue  # a method of the answer, and no query's
        if owner.startswith(("sqlalchemy.", "sqlmodel.")) or owner.endswith("Session"):
            continue  # a session's `query` takes its model as an argument
        model = owner.rpartition(".")[2]
        orm = models.get(model, "sqlalchemy" if manager.startswith("query") else "django")
        is_async = bool(awaited) or method in _ASYNC
        if len(methods) <= 1 or method in _TEXTS:  # the call on the manager itself; later ones refine it
            raw = method in {"raw", "extra"}
            yield site, OrmQuery(orm, method, model, raw, raw, arguments, bool(spreads), is_async)
        here = (file, line, col)
        if orm != "sqlalchemy" and len(methods) > 1 and len(methods) > len(longest.get(here, (0, "", "", []))[3]):
            longest[here] = (site, model, manager, methods, is_async)
    for site, model, manager, methods, is_async in sorted(longest.values()):
        yield site, _chain(model, manager, methods, is_async)
    if next(iter(store.rows(_MAPPERS)), None):
        yield from _of_sessions(store, models)


def _chain(model: str, manager: str, methods: list[str], is_async: bool) -> DjangoQuerysetChain:
    return DjangoQuerysetChain(
        model=model,
        root=manager,
        methods=".".join(methods),
        length=len(methods),
        has_raw="raw" in methods,
        has_extra="extra" in methods,
        has_select_related="select_related" in methods,
        has_prefetch_related="prefetch_related" in methods,
        has_only="only" in methods,
        has_defer="defer" in methods,
        is_async=is_async,
    )


def _of_sessions(store: Store, models: Container[str]) -> Iterator[tuple[int, OrmQuery]]:
    """What is asked of a session of SQLAlchemy, and the statements of its core."""
    others = {file for (file,) in store.rows(_OTHERS)}
    for site, callee, method, arguments, spreads, awaited, receiver in list(store.rows(_SESSIONS)):
        if site >> SITE_BITS in others and not callee.startswith(("sqlalchemy.", "sqlmodel.")):
            continue
        is_core = method in _CORE and callee.startswith(("sqlalchemy.", "sqlmodel."))
        is_session = (receiver or "").rpartition(".")[2].endswith("session") or "ession." in callee
        if callee.startswith(_CLIENTS) or not (is_core or is_session):
            continue
        name, source, kind = next(iter(store.rows(_FIRST, (site,))), (None, None, None))
        if method in {"get", "delete"} and not is_core and (kind in _ADDRESSES or "url" in (source or "").lower()):
            continue  # a session of a client of HTTP
        has_text = method in _TEXTS or kind in _ADDRESSES or (name or "").endswith("sqlalchemy.text")
        subject = [part for part in (name or source or "").split(".") if part[:1].isupper() and part.isidentifier()]
        model = next((part for part in subject if part in models), None)
        if model is None and method in _OF_CLASSES:  # what is added is an object: only a model's name tells its class
            named = [part for part in (source or "").split(".") if part[:1].isupper() and part.isidentifier()]
            model = next((part for part in named if not part.endswith("Session")), None)
        raw = has_text and method not in {"query", "get"}
        yield site, OrmQuery("sqlalchemy", method, model, raw, has_text, arguments, bool(spreads), bool(awaited))
