"""Queries handed to a database, and what is put into their text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from extractors.context import CUT, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import operands, shape
from schema.operations import SqlQuery, SqlQueryInput

_KINDS: Final = {
    "execute": "execute",
    "executemany": "many",
    "executescript": "script",
    "execute_query": "execute",
    "execute_sql": "execute",
    "execute_batch": "many",
    "execute_values": "many",
    "exec_driver_sql": "execute",
    "raw": "raw",
    "raw_sql": "raw",
    "RawSQL": "raw",
    "extra": "raw",
    "text": "text",
    "read_sql": "read",
    "read_sql_query": "read",
    "query": "read",
    "fetch": "read",
    "fetchrow": "read",
    "fetchval": "read",
    "fetch_all": "read",
    "fetch_one": "read",
    "copy_expert": "copy",
    "mogrify": "execute",
}
_SQL: Final = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*(SELECT|INSERT|UPDATE|DELETE|REPLACE|MERGE|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|WITH"
    r"|EXEC(?:UTE)?|CALL|PRAGMA|BEGIN|COMMIT|ROLLBACK|SET|SHOW|COPY|VACUUM|ANALYZE|EXPLAIN|ATTACH|LOCK|USE|DECLARE|VALUES)\b",
    re.IGNORECASE | re.DOTALL,
)
_DRIVERS: Final = frozenset(
    "sqlite3 psycopg psycopg2 pymysql MySQLdb mysql asyncpg aiosqlite aiomysql aiopg sqlalchemy django pyodbc cx_Oracle "
    "oracledb pymssql duckdb databases peewee pandas records tortoise snowflake clickhouse_driver sqlmodel flask_sqlalchemy "
    "google apsw sqlite_utils cassandra trino pyhive".split()
)
_ALWAYS: Final = frozenset(
    {"executescript", "executemany", "read_sql", "read_sql_query", "exec_driver_sql", "copy_expert", "RawSQL"}
)
_NAMED: Final = ("sql", "query", "statement", "operation", "sql_script", "stmt")
_HOPS: Final = 8
_STEPS: Final = 30


@dataclass(slots=True)
class Text:
    """A text as it is put together: constant pieces, and None for each value between them."""

    construction: str
    pieces: list[str | None] = field(default_factory=list)
    inputs: list[ast.expr] = field(default_factory=list)

    @property
    def shown(self) -> str | None:
        """The text with {} for values; None when nothing of it is known."""
        if not any(self.pieces):
            return None
        return "".join("{}" if piece is None else piece for piece in self.pieces)[: 2 * CUT]


@extracts(ast.Call, callee=_KINDS)
def sql_query(node: ast.Call, context: Context) -> Iterator[SqlQuery | SqlQueryInput]:
    """
    Each query handed to a database, with what is put into its text and what is bound to it.

    >>> rows(sql_query, "import sqlite3\\nc = sqlite3.connect(p).cursor()\\ndef f(uid, t):\\n    c.execute(f\\"SELECT a FROM u WHERE id = '{uid}'\\")\\n    q = 'DELETE FROM '\\n    q += t\\n    c.execute(q)\\n    c.execute('SELECT ? FROM x', (uid,))\\n    pool.execute(task)")
    SqlQuery(method='execute', kind='execute', statement='SELECT', text="SELECT a FROM u WHERE id = '{}'", construction='fstring', parameterised='false', driver='sqlite3', is_multiple=False)
    SqlQueryInput(position=0, source='uid', name='uid', place='value', quote="'")
    SqlQuery(method='execute', kind='execute', statement='DELETE', text='DELETE FROM {}', construction='variable', parameterised='false', driver='sqlite3', is_multiple=False)
    SqlQueryInput(position=0, source='t', name='t', place='identifier', quote=None)
    SqlQuery(method='execute', kind='execute', statement='SELECT', text='SELECT ? FROM x', construction='constant', parameterised='true', driver='sqlite3', is_multiple=False)
    SqlQueryInput(position=0, source='uid', name='uid', place='parameter', quote=None)
    """
    word = node.func.attr if isinstance(node.func, ast.Attribute) else context.name(node.func).rpartition(".")[2]
    given = _query(node, word, context)
    if given is None:
        return
    text = put_together(given, context)
    shown = text.shown
    found = _SQL.match(shown) if shown else None
    driver = _driver(node, context)
    # an expression of an ORM (`execute(select(…))`, `session.query(Model)`) is no text
    is_text = word in _ALWAYS or (word == "execute" and shown is None and not isinstance(given, ast.Call))
    if found is None and not (driver and is_text):
        return
    bound = _bound(node, word, context)
    parameterised = (
        "true" if bound else "false" if text.inputs else "none" if shown and text.construction != "unknown" else "false"
    )
    yield SqlQuery(
        method=word,
        kind=_KINDS[word],
        statement=found[1].upper() if found else None,
        text=shown,
        construction=text.construction,
        parameterised=parameterised,
        driver=driver or None,
        is_multiple=bool(shown) and len([part for part in (shown or "").split(";") if part.strip()]) > 1,
    )
    yield from _inputs(text, context)
    for number, value in enumerate(bound, len(text.inputs)):
        yield SqlQueryInput(number, context.source(value), context.text(value) or None, "parameter", None)


def _query(node: ast.Call, word: str, context: Context) -> ast.expr | None:
    """The argument that is the text: the first, for a few functions the second, or one named for it."""
    at = 1 if word in {"execute_batch", "execute_values"} else 0
    for name in _NAMED:
        given = context.keyword(node, name)
        if given is not None:
            return given
    given = context.keyword(node, "", at)
    if isinstance(given, ast.Call):  # session.execute(text("…")): the inner call is the query
        inner = given.func.attr if isinstance(given.func, ast.Attribute) else getattr(given.func, "id", "")
        return None if inner in _KINDS else given
    return given


def _driver(node: ast.Call, context: Context) -> str:
    """The library, when the receiver's or function's exact name tells it."""
    root = context.name(node.func).partition(".")[0]
    return root if root in _DRIVERS else ""


def put_together(node: ast.expr, context: Context, hops: int = 0) -> Text:
    """How a text is put together; variables of the function are followed, and what is added to them."""
    value = context.constant(node)
    if isinstance(value, (str, bytes)):
        return Text("constant", [value if isinstance(value, str) else value.decode("latin-1")])
    kind = shape(node)
    if kind == "name" and hops < _HOPS:
        return _variable(node, context, hops)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        kind = "concat"
    pieces, inputs = _parts(node, kind, context)
    known = {"fstring", "percent", "format", "concat", "join", "template"}
    return Text(kind if kind in known else "unknown", pieces, inputs)


def _variable(node: Any, context: Context, hops: int) -> Text:
    """A text built in a variable: every assignment to it in this scope, in order."""
    text = Text("variable")
    bindings = [
        (item, item.op if isinstance(item, ast.AugAssign) else None)
        for item, _ in context.scope.items
        if _assigns(item, node.id) and item.lineno <= node.lineno  # type: ignore[attr-defined]  # statements have lines
    ]
    if not bindings:
        bound = context.binding(node.id)
        if isinstance(bound, ast.expr):
            return put_together(bound, context, hops + 1)
        return Text("unknown", [None], [node])
    for item, operator in bindings[-_STEPS:]:
        part = put_together(item.value, context, hops + 3)  # type: ignore[attr-defined]  # assignments have values
        if _puts_in_itself(item, node.id):
            part = _with(part, node.id, text)
            text.pieces, text.inputs = [], []
        elif operator is None and not _adds_to_itself(item, node.id):
            text.pieces, text.inputs = [], []
        inputs = [value for value in part.inputs if not (isinstance(value, ast.Name) and value.id == node.id)]
        pieces = list(part.pieces)
        if len(inputs) < len(part.inputs) and None in pieces:
            pieces.remove(None)
        text.pieces += pieces
        text.inputs += inputs
    return text


def _assigns(item: ast.AST, name: str) -> bool:
    if isinstance(item, ast.Assign):
        return len(item.targets) == 1 and isinstance(item.targets[0], ast.Name) and item.targets[0].id == name
    is_sum = isinstance(item, ast.AugAssign) and isinstance(item.op, ast.Add)
    if is_sum or (isinstance(item, ast.AnnAssign) and item.value is not None):
        return isinstance(item.target, ast.Name) and item.target.id == name  # type: ignore[attr-defined]  # as above
    return False


def _puts_in_itself(item: Any, name: str) -> bool:
    """`q = f"{q} WHERE …"`, `q = "%s LIMIT 1" % q`: what was there stands somewhere in the new text."""
    inner = isinstance(item.value, (ast.JoinedStr, ast.Call)) or (
        isinstance(item.value, ast.BinOp) and isinstance(item.value.op, ast.Mod)
    )
    return inner and not isinstance(item, ast.AugAssign)


def _with(part: Text, name: str, before: Text) -> Text:
    """A text with what a variable held until now in the place of the variable."""
    pieces: list[str | None] = []
    inputs: list[ast.expr] = []
    values = iter(part.inputs)
    for piece in part.pieces:
        value = next(values, None) if piece is None else None
        if isinstance(value, ast.Name) and value.id == name:
            pieces += before.pieces
            inputs += before.inputs
        else:
            pieces.append(piece)
            inputs += [value] if value is not None else []
    return Text(part.construction, pieces, inputs)


def _adds_to_itself(item: Any, name: str) -> bool:
    """`q = q + x`: what was there stays."""
    parts = operands(item.value) if isinstance(item.value, ast.BinOp) else []
    return any(isinstance(part, ast.Name) and part.id == name for part in parts)


def _parts(node: Any, kind: str, context: Context) -> tuple[list[str | None], list[ast.expr]]:
    """The constant pieces and the values of one expression."""
    if kind in {"fstring", "template"}:
        return _pieces([part if isinstance(part, ast.Constant) else part.value for part in node.values], context)
    if kind == "concat":
        return _pieces(operands(node), context)
    if kind == "percent":
        text = context.string(node.left)
        values = list(node.right.elts) if isinstance(node.right, ast.Tuple) else [node.right]
        values = list(node.right.values) if isinstance(node.right, ast.Dict) else values
        return _filled(re.split(r"%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z]", text or ""), values)
    if kind == "format":
        text = context.string(node.func.value)
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        return _filled(re.split(r"\{[^{}]*\}", text or ""), values)
    items = _joined(node, context) if kind == "join" else []
    if items:
        between = ast.Constant(context.string(node.func.value))
        return _pieces([part for item in items for part in (between, item)][1:], context)
    return [None], [node]


def _joined(node: ast.Call, context: Context) -> list[ast.expr]:
    """What a constant text is put between: a list that is written out, and what this scope appends to it."""
    given = node.args[0] if len(node.args) == 1 else None
    name = given.id if isinstance(given, ast.Name) else ""
    made = context.binding(name) if name else given
    if not isinstance(made, (ast.List, ast.Tuple)) or context.string(node.func.value) is None:  # type: ignore[attr-defined]  # a join is a method
        return []
    added = [
        item.args[0]
        for item, _ in context.scope.items
        if isinstance(item, ast.Call) and context.text(item.func) == f"{name}.append" and len(item.args) == 1
    ]
    items = [*made.elts, *(added if name else [])][:_STEPS]
    return [] if any(isinstance(item, ast.Starred) for item in items) else items


def _pieces(parts: list[Any], context: Context) -> tuple[list[str | None], list[ast.expr]]:
    pieces: list[str | None] = []
    inputs: list[ast.expr] = []
    for part in parts:
        value = context.constant(part)
        if value is NOT_CONSTANT:
            if isinstance(part, ast.JoinedStr):
                inner, values = _parts(part, "fstring", context)
                pieces += inner
                inputs += values
                continue
            pieces.append(None)
            inputs.append(part)
        else:
            pieces.append(constant_text(value) or "")
    return pieces, inputs


def _filled(texts: list[str], values: list[ast.expr]) -> tuple[list[str | None], list[ast.expr]]:
    pieces: list[str | None] = []
    for text in texts:
        pieces += [text, None]
    return pieces[:-1], values


_PLACES: Final = (
    ("limit", re.compile(r"\b(?:LIMIT|OFFSET|TOP)\s*\(?\s*$", re.IGNORECASE)),
    ("like", re.compile(r"\bI?LIKE\s+['\"]?%?[^'\"]*$", re.IGNORECASE)),
    (
        "identifier",
        re.compile(
            r"(?:\b(?:FROM|JOIN|INTO|UPDATE|TABLE|INDEX|VIEW|BY|COLUMN|DATABASE|SELECT|DISTINCT|SET|ASC|DESC|EXISTS)\s+|[.`\[])$",
            re.IGNORECASE,
        ),
    ),
    (
        "value",
        re.compile(
            r"(?:[=<>,(]|\b(?:VALUES|IN|AND|OR|BETWEEN|NOT|THEN|ELSE|RETURNING)\b)\s*['\"]?%?$|['\"]\S*$", re.IGNORECASE
        ),
    ),
)


def _inputs(text: Text, context: Context) -> Iterator[SqlQueryInput]:
    """Each value put into the text, and where in it."""
    before = ""
    values = iter(text.inputs)
    number = 0
    for piece in text.pieces:
        if piece is not None:
            before = (before + piece)[-2 * CUT :]
            continue
        value = next(values, None)
        if value is None:
            return
        place = next((word for word, pattern in _PLACES if pattern.search(before)), "unknown")
        opened = next((mark for mark in "'\"`" if before.count(mark) % 2), None)
        yield SqlQueryInput(number, context.source(value), context.text(value) or None, place, opened)
        before += "x"
        number += 1


def _bound(node: ast.Call, word: str, context: Context) -> list[ast.expr]:
    """The values bound to the query instead of put into it."""
    if word in {"text", "extra"}:
        return []
    given = next(
        (
            keyword.value
            for keyword in node.keywords
            if keyword.arg in {"params", "parameters", "vars", "args", "argslist"}
        ),
        None,
    )
    rest = node.args[2 if word in {"execute_batch", "execute_values"} else 1 :]
    if given is None and len(rest) > 1:
        return list(rest)
    given = given if given is not None else (rest[0] if rest else None)
    if given is None:
        return []
    if isinstance(given, (ast.Tuple, ast.List)):
        return list(given.elts)
    return list(given.values) if isinstance(given, ast.Dict) else [given]
