"""The few questions an extractor may ask about the file it is in; each has an answer for every node."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from extractors.fold import FOLDABLE, METHODS, NOT_CONSTANT, fold
from extractors.survey import MANY, Declared, Entered, Imported, Scope, Survey

CUT: Final = 200
_BUILTINS: Final = frozenset(dir(builtins))
_DEPTH: Final = 12
_DEFINED: Final = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
_MADE: Final = frozenset({ast.Call, ast.Await, Entered, Declared})
_NAME, _ATTRIBUTE, _CONSTANT, _CALL = ast.Name, ast.Attribute, ast.Constant, ast.Call
_WRAPPERS: Final = frozenset({"Optional", "Annotated", "Final", "ClassVar"})


class At(NamedTuple):
    """A row that belongs to another node than the one the extractor was called with."""

    node: ast.AST
    row: Any


_MUTABLE: Final = frozenset({ast.List, ast.Set})
_FILLING: Final = frozenset({"append", "extend", "insert", "add", "update"})


class Context:
    """One file, and where in it the walk is."""

    __slots__ = (
        "_guards",
        "_inner",
        "absorbed",
        "around",
        "base",
        "depths",
        "into",
        "is_ascii",
        "is_package",
        "lines",
        "module",
        "path",
        "put",
        "scope",
        "secrets",
        "site",
        "source_bytes",
        "statement",
        "survey",
        "tree",
    )

    def __init__(
        self, source: bytes, tree: ast.Module, survey: Survey, path: str, module: str, is_package: bool
    ) -> None:
        self.source_bytes = source
        self.tree = tree
        self.survey = survey
        self.path = path
        self.module = module
        self.is_package = is_package
        self.scope: Scope = survey.scopes[0]
        self.statement: ast.AST = tree
        self.is_ascii = source.isascii()
        self.lines = _lines(source, self.is_ascii)
        self.site: Callable[[ast.AST], int] = lambda _node: 0  #: the site of a node, for columns that name another
        #: the rows of a table so far, for the few extractors that are called so often that they store rows themselves
        self.into: Callable[[type], list[tuple[Any, ...]]] = lambda _row: []
        self.secrets: set[str] = set()  #: texts that no row may hold as they are
        #: store a row (type of row, node, columns) right away: for extractors that have much to say
        self.put: Callable[..., None] = lambda _row, _node, _columns: None
        self.base = 0  #: `file << 24`: the id of a file's first row
        self._inner: dict[ast.AST, Scope] = {}
        self._guards: dict[ast.AST, str] | None = None
        #: the last statement whose calls were asked for those around them, and the answers
        self.around: tuple[ast.AST, dict[ast.AST, ast.Call | None]] | None = None
        self.depths: dict[ast.AST, int] = {}  #: how deep a dict literal lies in others, where it does
        self.absorbed: set[ast.AST] = set()  #: nodes that a row about a node around them already tells

    @property
    def imports(self) -> frozenset[str]:
        """The top-level modules this file imports, anywhere."""
        return self.survey.roots

    def name(self, node: Any, scope: Scope | None = None) -> str:
        """
        The exact dotted name of an expression, "" when it has none.

        Import aliases are resolved, names defined here get the module in front, and a variable bound once to a call
        (or a parameter with an annotation) stands for an instance: `db = sqlite3.connect(p); db.execute` is
        `sqlite3.connect.execute`. `self` stands for an instance of its class. A local that shadows an import is not
        that import.
        """
        where = scope or self.scope
        kind = node.__class__
        if kind is _NAME:
            known = where.names.get(node.id)
            return self._root(node.id, where, 0) if known is None else known
        if kind is _ATTRIBUTE and node.value.__class__ is _NAME:
            name = node.value.id
            root = where.names.get(name)
            if root is None:
                root = self._root(name, where, 0)
            return f"{root}.{node.attr}" if root else ""
        return "" if kind is _CONSTANT else self._resolved(node, where, 0)

    def is_instance(self, func: ast.AST) -> bool:
        """Whether the name a call calls, already asked for, is an instance: `app = Flask(…); app(…)` makes no other."""
        return func.__class__ is ast.Name and func.id in self.scope.made

    def identity(self, node: ast.AST | None) -> str:
        """The dotted name of a variable itself, not of what made it (`shop.views.bp`); "" when it is none."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        found = self._bound(node.id, self.scope) if isinstance(node, ast.Name) else None
        if found is None or not isinstance(node, ast.Name):
            return ""
        bound, where = found
        root = bound.target if isinstance(bound, Imported) else f"{where.name}.{node.id}" if where.name else node.id
        return ".".join([root, *reversed(parts)])

    def text(self, node: ast.AST | None) -> str:
        """The dotted name as it is written (`app.route`), "" for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""

    def constant(self, node: Any) -> Any:
        """The value an expression always has, else NOT_CONSTANT; names bound once are looked up."""
        kind = node.__class__
        if kind is _CONSTANT:
            return node.value
        if kind is _CALL and (node.func.__class__ is not _ATTRIBUTE or node.func.attr not in METHODS):
            return NOT_CONSTANT
        if kind is _NAME:
            value = self._value(node.id)
            return NOT_CONSTANT if value is None else fold(value, self._value, 1)
        return fold(node, self._value) if kind in FOLDABLE else NOT_CONSTANT

    def string(self, node: ast.AST | None) -> str | None:
        """The constant string an expression is, else None."""
        value = self.constant(node)
        return value if isinstance(value, str) else None

    def source(self, node: Any, cut: int = CUT) -> str:
        """The expression as it is written, cut at `cut` characters with an ellipsis; "" when it has no place."""
        try:
            at = node.__dict__  # a third of the price of asking the node four times
            line, start, last, stop = at["lineno"], at["col_offset"], at["end_lineno"], at["end_col_offset"]
        except (AttributeError, KeyError):
            return ""
        text = self.lines[line][start:stop] if line == last else self._spread(line, start, last, stop, cut)
        if text.__class__ is bytes:
            text = text.decode("utf-8", "replace")
        return text if len(text) <= cut else text[: cut - 1] + "…"

    def _spread(self, line: int, start: int, last: int, stop: int, cut: int) -> str:
        """The beginning of what is written on several lines: as much as is asked for, and a little more."""
        parts: list[Any] = [self.lines[line][start:]]
        size = len(parts[0])
        while line < last and size <= 4 * cut:
            line += 1
            part = self.lines[line] if line < last else self.lines[line][:stop]
            parts.append(part)
            size += len(part) + 1
        return "\n".join([part if part.__class__ is str else part.decode("utf-8", "replace") for part in parts])

    def written(self, node: Any) -> str:
        """The same as `source`, for less when the expression is a name."""
        # an identifier that is not ASCII may be written otherwise than it is read
        return node.id if node.__class__ is _NAME and self.is_ascii else self.source(node)

    def variable(self, node: ast.AST) -> str | None:
        """The name, as written, that the current statement assigns this expression to."""
        statement = self.statement
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
            if value is node:
                target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                return self.text(target) or None
            if isinstance(value, ast.Tuple) and isinstance(statement, ast.Assign):
                target = statement.targets[0]
                pairs = zip(getattr(target, "elts", ()), value.elts, strict=False)
                return next((self.text(one) or None for one, made in pairs if made is node), None)
        return None

    def keyword(self, call: ast.Call, name: str, position: int | None = None) -> ast.expr | None:
        """The argument given by keyword, or at a position when no star comes before it; None when not given."""
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        if position is None or len(call.args) <= position:
            return None
        if any(isinstance(argument, ast.Starred) for argument in call.args[: position + 1]):
            return None
        return call.args[position]

    def inner(self, node: ast.AST) -> Scope:
        """The scope that a class, function or lambda opens."""
        if not self._inner:
            self._inner = {scope.node: scope for scope in self.survey.scopes}
        return self._inner[node]

    def guard(self, statement: ast.AST) -> str:
        """What a statement outside functions stands under: type_checking, conditional or always."""
        if self._guards is None:
            self._guards = dict(_guarded(self.tree.body, "always"))
        return self._guards.get(statement, "always")

    def binding(self, name: str, scope: Scope | None = None) -> Any:
        """What a name is bound to where we are: an expression, a definition, Imported, …; None when unbound."""
        found = self._bound(name, scope or self.scope)
        return found[0] if found else None

    @staticmethod
    def _bound(name: str, scope: Scope | None) -> tuple[Any, Scope] | None:
        while scope is not None:
            if name in scope.bindings and name not in scope.outer:
                return scope.bindings[name], scope
            scope = scope.around
        return None

    def _value(self, name: str) -> ast.AST | None:
        found = self._bound(name, self.scope)
        if found is None or not isinstance(found[0], ast.expr):
            return None
        value, where = found
        return None if value.__class__ in _MUTABLE and _is_filled(name, value, where) else value

    def _resolved(self, node: Any, scope: Scope, depth: int) -> str:
        parts: list[str] = []
        while node.__class__ is ast.Attribute:
            parts.append(node.attr)
            node = node.value
        kind = node.__class__
        if kind is ast.Name:
            root = self._root(node.id, scope, depth)
        elif not parts:
            return ""
        elif kind is ast.Call or kind is ast.Await:
            inner = node.func if kind is ast.Call else node.value
            root = self._resolved(inner, scope, depth + 1) if depth < _DEPTH else ""
        elif kind is ast.Constant and isinstance(node.value, (str, bytes)):
            root = type(node.value).__name__
        else:
            return ""
        if root and parts:
            parts.append(root)
            return ".".join(parts[::-1])
        return root

    def _root(self, name: str, scope: Scope, depth: int) -> str:
        known = scope.names.get(name)
        if known is None:
            around = scope.around
            if around is None or (name in scope.bindings and name not in scope.outer):
                known = scope.names[name] = self._looked_up(name, scope, depth)
            else:
                known = around.names.get(name)
                if known is None:
                    known = self._root(name, around, depth)
                scope.names[name] = known
                if name in around.made:
                    scope.made.add(name)
        return known

    def _looked_up(self, name: str, scope: Scope, depth: int) -> str:
        """What a name means that is bound in this scope, or nowhere."""
        bound = scope.bindings.get(name)
        if bound is None or name in scope.outer:
            return name if name in _BUILTINS else ""
        kind = bound.__class__
        if kind is Imported:
            return str(bound.target)
        if kind in _DEFINED:
            return f"{scope.name}.{name}" if scope.name else name
        if bound is MANY and _is_receiver(name, scope):
            return scope.parent.name  # type: ignore[union-attr]  # a method stands in a class
        if depth >= _DEPTH:
            return ""
        scope.names[name] = ""  # what is defined by itself has no name
        if kind in _MADE:
            scope.made.add(name)
        return self._instance(bound, scope, depth + 1)

    def _instance(self, bound: Any, where: Scope, depth: int) -> str:
        """The name a variable stands for: what made it, or its declared type."""
        if isinstance(bound, Entered):
            bound = bound.value
        elif isinstance(bound, Declared):
            return self._type(bound.annotation, where, depth)
        if isinstance(bound, ast.Await):
            bound = bound.value
        if isinstance(bound, ast.Call):
            return self._resolved(bound.func, where, depth)
        if isinstance(bound, (ast.Attribute, ast.Name)):
            return self._resolved(bound, where, depth)
        return ""

    def _type(self, annotation: ast.AST, where: Scope, depth: int) -> str:
        """The class an annotation names, without Optional, Annotated and the like."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value[:CUT], mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return ""
        if isinstance(annotation, ast.BinOp):
            sides = [side for side in (annotation.left, annotation.right) if not isinstance(side, ast.Constant)]
            return self._type(sides[0], where, depth + 1) if len(sides) == 1 and depth < _DEPTH else ""
        if isinstance(annotation, ast.Subscript):
            outer = self._resolved(annotation.value, where, depth)
            if outer.rpartition(".")[2] in _WRAPPERS and depth < _DEPTH:
                inner = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
                return self._type(inner, where, depth + 1)
            return outer
        # an annotation is read in the scope around the function that declares it
        return self._resolved(annotation, where.parent or where, depth)


def _lines(source: bytes, is_ascii: bool) -> list[Any]:
    """The lines of a file by their numbers: as text those that are ASCII, the others as bytes, which offsets count."""
    if is_ascii:
        return ["", *source.decode("ascii").split("\n")]
    return ["", *[line.decode("ascii") if line.isascii() else line for line in source.split(b"\n")]]


def _is_filled(name: str, value: Any, where: Scope) -> bool:
    """Whether a list grows after it was written out: it begins empty, or its function puts something into it."""
    if not value.elts:
        return True
    return where.kind == "function" and any(
        item.__class__ is ast.Call
        and item.func.__class__ is ast.Attribute
        and item.func.value.__class__ is ast.Name
        and item.func.value.id == name
        and item.func.attr in _FILLING
        for item, _ in where.items
    )


def _is_receiver(name: str, scope: Scope) -> bool:
    """Whether a name is the `self` or `cls` of the method that this scope is."""
    node = scope.node
    if (
        scope.parent is None
        or scope.parent.kind != "class"
        or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ):
        return False
    first = node.args.posonlyargs or node.args.args
    if not first or first[0].arg != name:
        return False
    decorators = node.decorator_list
    return not (decorators and any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in decorators))


def _guarded(body: list[ast.stmt], guard: str) -> Iterator[tuple[ast.AST, str]]:
    for statement in body:
        yield statement, guard
        if isinstance(statement, ast.If):
            test = (
                statement.test.attr if isinstance(statement.test, ast.Attribute) else getattr(statement.test, "id", "")
            )
            inner = "type_checking" if test == "TYPE_CHECKING" else "conditional"
            yield from _guarded(statement.body, inner)
            yield from _guarded(statement.orelse, "conditional")
        elif isinstance(statement, ast.Try):
            for block in (statement.body, *(handler.body for handler in statement.handlers), statement.orelse):
                yield from _guarded(block, "conditional")


def constant_text(value: object) -> str | None:
    """A folded value as a column holds it: strings as they are, everything else as Python writes it."""
    if value is NOT_CONSTANT:
        return None
    try:
        text = value if isinstance(value, str) else repr(value)
    except ValueError:  # an int of more digits than str() converts
        return None
    return text if len(text) <= 2 * CUT else text[: 2 * CUT - 1] + "…"
