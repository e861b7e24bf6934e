"""One file: bytes in, rows out. The walk knows scopes and places; what is worth a row, only the extractors know."""

from __future__ import annotations

import ast
import codecs
import io
import re
import time
import tokenize
import warnings
from dataclasses import dataclass, field
from typing import Any, Final

from extractors.codes import SHAPES
from extractors.context import At, Context
from extractors.grammar import is_old, syntax
from extractors.redaction import redact
from extractors.registry import FUNCTIONS, NAMED, Extractor, Extractors, Table, dispatch, gates, predicates
from extractors.survey import Scope, Surveyor
from schema import SITE_BITS, TABLES
from schema.ground import ExtractionError

ROWS_PER_FILE: Final = 1 << (SITE_BITS - 1)
"""A file may fill half of its number space; the other half is for derived sites."""
_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)
_COMPOUND: Final = frozenset(kind for kind in SHAPES if "body" in kind._fields) - {ast.Lambda, ast.IfExp, ast.Module}
_OWN_END: Final = _COMPOUND | {ast.Module}
_WORDS: Final = {ast.FunctionDef: "def ", ast.AsyncFunctionDef: "async def ", ast.ClassDef: "class "}
_DECORATED: Final = frozenset(FUNCTIONS)
_DEFINITIONS: Final = frozenset({*FUNCTIONS, ast.ClassDef})
_CALL, _ATTRIBUTE = ast.Call, ast.Attribute
_HEADERS: Final = {
    ast.If: "test",
    ast.While: "test",
    ast.For: "iter",
    ast.AsyncFor: "iter",
    ast.ExceptHandler: "type",
}
_ENTERING: Final = frozenset({ast.With, ast.AsyncWith})


_KINDS: Final = {kind: kind.__name__ for kind in SHAPES}
_NAMES: Final = {kind: table.name for kind, table in TABLES.items()}
_UNIQUE: Final = frozenset(kind for kind, table in TABLES.items() if table.unique)


class _Opened(dict[type, list[tuple[Any, ...]]]):
    """The rows of each table so far, complete with id and site, by the type of its rows."""

    def __init__(self, tables: dict[str, list[tuple[Any, ...]]]) -> None:
        super().__init__()
        self._tables = tables

    def __missing__(self, kind: type) -> list[tuple[Any, ...]]:
        rows = self[kind] = self._tables.setdefault(_NAMES[kind], [])
        return rows


@dataclass(slots=True)
class Facts:
    """The rows of one file by table name, and what it cost."""

    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    status: str = "parsed"
    syntax: str | None = None
    is_generated: bool = False
    lines: int = 0
    parse_ns: int = 0
    extract_ns: int = 0


class Unreadable(ValueError):
    """A file that can't be turned into a tree: which step failed, how, and where."""

    def __init__(self, step: str, kind: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.step, self.kind, self.line = step, kind, line


def decode(raw: bytes) -> tuple[bytes, bool]:
    """The source as UTF-8 with `\\n` line ends and no BOM, and whether it is ASCII. Raises Unreadable."""
    raw = raw.removeprefix(codecs.BOM_UTF8)
    head = b"\n".join(raw.split(b"\n", 2)[:2])
    if not raw.isascii() or _COOKIE.search(head):
        raw = _transcoded(raw)
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in raw:
        raise Unreadable(
            "parse", "SyntaxError", "source code contains null bytes", raw.count(b"\n", 0, raw.index(b"\0")) + 1
        )
    return raw, raw.isascii()


def _transcoded(raw: bytes) -> bytes:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable("decode", "UnicodeDecodeError", f"not valid {error.encoding}", line) from error
    except (SyntaxError, LookupError, UnicodeError) as error:
        raise Unreadable("decode", type(error).__name__, str(error), 1) from error


def parse(source: bytes) -> ast.Module:
    """The tree of a decoded file. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # as text, because a coding cookie no longer tells the truth
            return ast.parse(source.decode("utf-8"), "<file>")
    except SyntaxError as error:
        raise Unreadable("parse", type(error).__name__, str(error.msg), error.lineno) from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Unreadable("parse", type(error).__name__, str(error) or "nested too deeply", None) from error


def _end(node: Any) -> tuple[int, int]:
    """Where a compound statement's header ends: with its name, its test or what it loops over, else its first word."""
    kind = node.__class__
    if kind in _WORDS:
        return node.lineno, node.col_offset + len(_WORDS[kind]) + len(node.name.encode())
    header = getattr(node, _HEADERS[kind]) if kind in _HEADERS else None
    if header is not None:
        return header.end_lineno, header.end_col_offset
    return node.lineno, node.col_offset + (1 if kind in _ENTERING else 3)


def _names(node: Any, kind: type) -> list[str]:
    """The last segments or constant keys of an assignment's targets."""
    names = []
    for target in node.targets if kind is ast.Assign else [node.target]:
        of = target.__class__
        if of is ast.Name:
            names.append(target.id)
        elif of is ast.Attribute:
            names.append(target.attr)
        elif of is ast.Subscript and target.slice.__class__ is ast.Constant:
            names.append(target.slice.value)
    return names


def _is_inside(part: Any, node: Any) -> bool:
    """Whether a part's scope is the function or class that speaks of it: a parameter, a statement, what stands in a class."""
    if part.__class__ is ast.arg:
        return True
    if node.__class__ is ast.ClassDef and part is not node:
        first = node.body[0]
        first = next(iter(getattr(first, "decorator_list", ())), first)
        return (getattr(part, "lineno", 0), getattr(part, "col_offset", 0)) >= (first.lineno, first.col_offset)
    return node.__class__ in _DECORATED and isinstance(part, ast.stmt) and part is not node


class Walk:
    """The walk of one file: hands nodes to extractors, stamps their rows with sites and ids."""

    def __init__(self, file: int, context: Context, is_ascii: bool) -> None:
        self.base = file << SITE_BITS
        self.file = file
        self.context = context
        self.tables: dict[str, list[tuple[Any, ...]]] = {}
        self.scopes: list[tuple[Any, ...]] = []
        self._stored = _Opened(self.tables)
        self._known: dict[Any, int] = {}
        self._rows: list[tuple[Any, ...]] = []  #: of the sites
        self._scope_sites: dict[Scope, int] = {}
        self._inside = self.base
        context.put = self.put
        context.site, context.into, context.base = self.site, self._stored.__getitem__, self.base
        #: the lines in which bytes and columns differ, by number; None when there can be none
        self._odd: dict[int, bytes] | None = None if is_ascii else _odd_lines(context.source_bytes)

    def run(self, features: frozenset[str] = frozenset()) -> None:
        """Call every awake extractor on every node it wants."""
        context = self.context
        awake = gates() & (context.imports | features) | {holds for holds in predicates() if holds(context)}
        wanted = dispatch(awake)
        for scope in context.survey.scopes:
            self.enter(scope)
            self._items(scope, wanted.table(scope.kind, scope.nested))

    def enter(self, scope: Scope) -> None:
        """Begin one scope: give it a site and its row."""
        self.context.scope = scope
        site = self.site(scope.node, self._scope_sites[scope.parent] if scope.parent else None)
        self._scope_sites[scope] = self._inside = site
        parent = self._scope_sites[scope.parent] if scope.parent else None
        self.scopes.append((site, scope.name, scope.kind, parent))  # the columns of schema.ground.Scope

    def leave(self) -> None:
        """A cycle less: with the collector off it would keep the whole file."""
        self.context.site, self.context.into, self.context.put = _nowhere, _nothing, _unheard

    def _items(self, scope: Scope, table: Table) -> None:
        context, store = self.context, self._store
        by_type, by_callee, calls = table.by_type, table.by_callee, table.by_type[_CALL]
        for node, statement in scope.items:
            context.statement = statement
            kind = node.__class__
            if kind is _CALL:
                func = node.func  # type: ignore[attr-defined]  # a call
                called = by_callee.get(func.attr if func.__class__ is _ATTRIBUTE else self.segment(node)) or calls
            else:
                called = self._named(node, kind, table) if kind in NAMED else by_type.get(kind, ())
            for extractor in called:
                try:
                    for row in extractor(node, context):  # most extractors have nothing to say about most nodes
                        store(node, row)
                except Unreadable:
                    raise
                except Exception as error:  # noqa: BLE001  # whatever an extractor does, the file's other facts survive
                    self._failed(node, extractor, error)

    def wanted(self, node: Any, table: Table) -> Extractors:
        """Who is called for a node."""
        kind = node.__class__
        if kind in NAMED:
            return self._named(node, kind, table)
        calls = table.by_callee.get(self.segment(node)) if kind is _CALL else None
        return calls or table.by_type.get(kind, ())

    @staticmethod
    def _named(node: Any, kind: type, table: Table) -> Extractors:
        """Who is called for a definition or an assignment."""
        called = table.by_type.get(kind, ())
        if kind in _DECORATED and node.decorator_list:
            called = table.decorated[kind]
        names = table.by_name.get(kind)
        if names is not None:
            for name in [node.name] if kind in _DEFINITIONS else _names(node, kind):
                if name in names:
                    called += names[name]
        return called

    def segment(self, node: Any) -> str:
        """The last segment of a call's resolved name: what extractors register for."""
        func = node.func
        if func.__class__ is ast.Attribute:
            return str(func.attr)
        name = self.context.name(func)
        return "__call__" if self.context.is_instance(func) else name.rpartition(".")[2]

    def _store(self, node: ast.AST, row: Any) -> None:
        """Stamp a row with the node's site and the next id of its table."""
        kind = row.__class__
        if kind is At:
            part, row = row
            kind = row.__class__
            where = self._known.get(part) or self.site(part, self.site(node) if _is_inside(part, node) else -1)
        else:
            where = self._known.get(node) or self.site(node)
        rows = self._stored[kind]
        rows.append((where, *row) if kind in _UNIQUE else (self.base | len(rows), where, *row))

    def put(self, kind: type, node: ast.AST, columns: tuple[Any, ...], scope: int | None = -1) -> None:
        """Store a row of a node by its columns; scope: the site of the scope, when it isn't that of the walk."""
        where = self._known.get(node)
        if where is None:
            where = self.site(node, scope)
        rows = self._stored[kind]
        if kind in _UNIQUE:
            rows.append((where,) + columns)  # noqa: RUF005  # half the price
        else:
            rows.append((self.base + len(rows), where) + columns)  # noqa: RUF005  # as above

    def _failed(self, node: ast.AST, extractor: Extractor, error: Exception) -> None:
        row = ExtractionError(extractor.__name__, type(error).__name__, str(error)[:200], getattr(node, "lineno", None))
        self._store(self.context.tree, row)

    def site(self, node: Any, scope: int | None = -1) -> int:
        """The site of a node, given a number and a row when first mentioned: later the node would be out of the cache."""
        known = self._known
        number = known.get(node)
        if number is None:
            number = known[node] = self.base + len(known)
            kind, where = node.__class__, self._inside if scope == -1 else scope
            if kind in _OWN_END:
                row: tuple[Any, ...] = (number, self.file, _KINDS[kind], *self.place(node), where)
            else:
                at = node.__dict__  # a third of the price of asking the node four times
                line, col, end_line, end_col = at["lineno"], at["col_offset"], at["end_lineno"], at["end_col_offset"]
                odd = self._odd
                if odd and (line in odd or end_line in odd):
                    col, end_col = self._units(line, col), self._units(end_line, end_col)
                row = (number, self.file, _KINDS[kind], line, col + 1, end_line, end_col + 1, where)
            self._rows.append(row)
        return number

    def sites(self) -> list[tuple[Any, ...]]:
        """The row of each site, in the order of their numbers."""
        if len(self._rows) > ROWS_PER_FILE:
            raise Unreadable("extract", "limit", f"more than {ROWS_PER_FILE} places")
        return self._rows

    def place(self, node: Any) -> tuple[int, int, int, int]:
        """Line, column, end line and end column of a node: 1-based, in UTF-16 units, the end exclusive."""
        try:
            line, col, end_line, end_col = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
        except AttributeError:
            return 1, 1, 1, 1
        if node.__class__ in _COMPOUND:
            end_line, end_col = _end(node)
        if self._odd:
            col, end_col = self._units(line, col), self._units(end_line, end_col)
        return line, col + 1, end_line, end_col + 1

    def _units(self, line: int, offset: int) -> int:
        """UTF-8 bytes to UTF-16 units, as SARIF counts columns."""
        odd = self._odd.get(line) if self._odd else None
        return offset if odd is None else len(odd[:offset].decode("utf-8", "replace").encode("utf-16-le")) // 2


def _odd_lines(source: bytes) -> dict[int, bytes]:
    """The lines that aren't ASCII, by number."""
    return {number: line for number, line in enumerate(source.split(b"\n"), 1) if not line.isascii()}


def extract(
    raw: bytes, path: str, file: int, module: str, is_package: bool, features: frozenset[str] = frozenset()
) -> Facts:
    """
    Every row of one file. What can't be analysed becomes a row of python_extraction_errors; nothing is raised.

    features: what wakes extractors besides imports (FLOW).
    """
    started = time.perf_counter_ns()
    facts = Facts(lines=raw.count(b"\n") + (0 if raw.endswith(b"\n") or not raw else 1))
    try:
        source, is_ascii = decode(raw)
        tree = parse(source)
        facts.parse_ns = time.perf_counter_ns() - started
        survey = Surveyor(module, is_package).survey(tree)
        facts.syntax = syntax(survey)
        walk = Walk(file, Context(source, tree, survey, path, module, is_package), is_ascii)
        walk.run(features)
        sites = walk.sites()
        walk.leave()
        if walk.context.secrets:
            redact(walk.tables, walk.context.secrets)
    except Unreadable as error:
        facts.syntax = "2" if error.step == "parse" and is_old(raw) else None
        return unanalysed(facts, file, error)
    except RecursionError:
        return unanalysed(facts, file, Unreadable("extract", "RecursionError", "nested too deeply"))
    facts.tables = {"sites": sites, "scopes": walk.scopes, **walk.tables}
    facts.extract_ns = time.perf_counter_ns() - started - facts.parse_ns
    return facts


def _nowhere(_node: ast.AST) -> int:
    """The site of a node before and after the walk."""
    return 0


def _nothing(_row: type) -> list[tuple[Any, ...]]:
    """The rows of a table after the walk."""
    return []


def _unheard(*_row: object) -> None:
    """Who stores rows after the walk."""


def unanalysed(facts: Facts, file: int, error: Unreadable) -> Facts:
    """The facts of a file that has none: its place, and why."""
    base = file << SITE_BITS
    row = ExtractionError(error.step, error.kind, str(error)[:200], error.line)
    line = error.line or 1
    facts.status = "failed"
    facts.tables = {
        "sites": [(base, file, "Module", line, 1, line, 1, None)],
        "scopes": [(base, "", "module", None)],
        "python_extraction_errors": [(base, base, *row)],
    }
    return facts
