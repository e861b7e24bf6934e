"""One pass over a file's tree: its scopes, what each name is bound to, its imports, and the nodes extractors want."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from extractors.codes import CODES, SHAPES
from extractors.registry import interesting

_BLOCKS: Final = (ast.stmt, ast.excepthandler, ast.match_case)


class _Many:
    """What a name is bound to when it is bound more than once, or by something without a value."""

    def __repr__(self) -> str:
        return "MANY"


MANY: Final = _Many()


@dataclass(frozen=True, slots=True)
class Imported:
    """What a name is bound to by an import: the dotted name of the thing."""

    target: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What a name is bound to by `with value as name`."""

    value: ast.expr


@dataclass(frozen=True, slots=True)
class Declared:
    """What a parameter or an annotated name is bound to: something of the annotated type."""

    annotation: ast.expr


#: what a name means although it is None until then, or where an import fails
_LASTING: Final = frozenset(
    {Imported, Entered, ast.Call, ast.Await, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}
)


_FAILED: Final = frozenset({"ImportError", "ModuleNotFoundError"})


def _bound(statement: ast.stmt) -> list[str]:
    """What a definition or a plain assignment binds."""
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return [statement.name] if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) else []


def _is_none(value: object) -> bool:
    return value.__class__ is ast.Constant and value.value is None


class Scope:
    """One module, class, function or lambda: what it binds, and the nodes in it that extractors want."""

    __slots__ = (
        "around",
        "bindings",
        "case",
        "columns",
        "is_test",
        "items",
        "kind",
        "made",
        "name",
        "names",
        "nested",
        "node",
        "outer",
        "parent",
        "reads",
        "receivers",
        "shape",
        "spare",
    )

    def __init__(self, kind: str, name: str, node: ast.AST, parent: Scope | None, nested: bool = False) -> None:
        self.kind = kind  #: module, class, function or lambda
        self.name = name  #: qualified, with the module's dotted name in front
        self.node = node
        self.parent = parent
        #: where names are looked for that aren't bound here: what a class binds, only its own statements and lambdas see
        is_hidden = parent is not None and parent.kind == "class" and kind != "lambda"
        self.around: Scope | None = parent.around if parent is not None and is_hidden else parent
        self.nested = nested  #: a function, or somewhere inside one
        self.bindings: dict[str, Any] = {}
        self.items: list[tuple[ast.AST, ast.AST]] = []  #: (node, its statement)
        self.names: dict[str, str] = {}  #: what names mean here, filled as they are asked for
        self.made: set[str] = set()  #: of `names`, those that stand for what made an instance
        self.receivers: dict[str, str] = {}  #: what texts before a call's last dot mean here
        self.columns: dict[str, Any] = {}  #: what arguments that are names have in their row
        self.is_test: bool | None = None  #: whether a test framework collects it, once somebody has asked
        self.case: str | None = ""  #: the library's test case that a class comes from; "" while nobody has asked
        self.shape = bytearray()  #: one code per node of its own
        self.outer: set[str] = set()  #: names declared global or nonlocal
        self.reads: set[str] = set()  #: names it reads itself, wherever they are bound
        self.spare: list[
            str
        ] = []  #: names that the handler being walked binds once more, in place of an import that fails

    def bind(self, name: str, value: object = MANY) -> None:
        """Record that `name` is bound here; a second binding makes it MANY, but None before or after keeps its place free."""
        if name in self.bindings or name in self.outer:
            known = self.bindings.get(name)
            if name in self.spare:
                self.spare.remove(name)
            elif value.__class__ in _LASTING and _is_none(known):
                self.bindings[name] = value
            elif not (known.__class__ in _LASTING and _is_none(value)):
                self.bindings[name] = MANY
        else:
            self.bindings[name] = value


@dataclass(slots=True, eq=False)
class Survey:
    """What one pass over a file found out."""

    scopes: list[Scope]
    roots: frozenset[str]  #: top-level modules the file imports
    statements: list[ast.AST]  #: every statement, handler and case
    strings: list[ast.Constant]  #: every string and bytes literal
    texts: list[str | bytes]  #: their values: to look at a node again costs more than to look at its text


def absolute(module: str, is_package: bool, level: int, target: str | None) -> str:
    """
    The dotted name a relative import means, seen from `module`.

    >>> absolute("shop.views", False, 1, "models"), absolute("shop", True, 1, None), absolute("shop.a.b", False, 2, "c")
    ('shop.models', 'shop', 'shop.c')
    """
    if not level:
        return target or ""
    parts = module.split(".") if module else []
    kept = parts[: len(parts) - level + (1 if is_package else 0)]
    return ".".join([*kept, *([target] if target else [])])


class Surveyor:
    """The pass itself: a work list of scopes, and in each an explicit stack, so that no nesting is too deep."""

    def __init__(self, module: str, is_package: bool) -> None:
        self.module = module
        self.is_package = is_package
        self.roots: set[str] = set()
        self.scopes: list[Scope] = []
        self.statements: list[ast.AST] = []
        self.strings: list[ast.Constant] = []
        self.texts: list[str | bytes] = []

    def survey(self, tree: ast.Module) -> Survey:
        """Walk the whole file."""
        top = Scope("module", self.module, tree, None)
        top.items.append((tree, tree))
        self.scopes.append(top)
        self._fill(top, list(reversed(tree.body)), tree)
        done = 1
        while done < len(self.scopes):
            scope = self.scopes[done]
            done += 1
            body = scope.node.body  # type: ignore[attr-defined]  # only nodes with a body open a scope
            self._fill(scope, [body] if scope.kind == "lambda" else list(reversed(body)), scope.node)
        return Survey(self.scopes, frozenset(self.roots), self.statements, self.strings, self.texts)

    def _fill(self, scope: Scope, stack: list[Any], statement: ast.AST) -> None:  # noqa: C901, PLR0912  # the hottest loop: a call for each kind would cost as much as the rest
        """
        Walk one scope's own statements; nested definitions are put on the work list.

        It goes on to the first child while the others wait on the stack. It sees every node of a repository, so the
        commonest kinds are told apart without looking anything up.
        """
        plans, strings, texts, statements = _plans(), self.strings, self.texts, self.statements
        note, shape, bind, read = scope.items.append, scope.shape.append, scope.bind, scope.reads.add
        pop, push, extend = stack.pop, stack.append, stack.extend
        name_, attribute, constant, load = ast.Name, ast.Attribute, ast.Constant, ast.Load
        while stack:
            node = pop()
            while node is not None:
                kind = node.__class__
                if kind is name_:
                    shape(_NAME)
                    if node.ctx.__class__ is load:
                        read(node.id)
                    else:
                        bind(node.id)
                    break
                if kind is attribute:
                    shape(_ATTRIBUTE)
                    node = node.value
                    continue
                if kind is constant:
                    shape(_CONSTANT)
                    value = node.value
                    if value.__class__ is str or value.__class__ is bytes:
                        strings.append(node)
                        texts.append(value)
                    break
                first, others, code, is_statement, is_wanted, special = plans[kind]
                shape(code)
                if is_statement:
                    statement = node
                    statements.append(node)
                if is_wanted:
                    note((node, statement))
                if special is not None:
                    special(self, scope, node, stack)
                    break
                child = node.__dict__.get  # a third of the price of asking the node for each
                for name in others:
                    if value := child(name):
                        if value.__class__ is list:
                            extend(value[::-1])
                        else:
                            push(value)
                node = child(first)
                if node.__class__ is list:
                    extend(node[::-1])
                    break

    def _open(self, kind: str, name: str, node: ast.AST, parent: Scope) -> Scope:
        nested = kind != "class" or parent.nested
        scope = Scope(kind, f"{parent.name}.{name}" if parent.name else name, node, parent, nested)
        self.scopes.append(scope)
        return scope

    def function(self, scope: Scope, node: Any, stack: list[Any]) -> None:
        """A definition: its decorators, defaults and annotations belong to the scope around it."""
        if node.__class__ is ast.Lambda:
            inner = self._open("lambda", "<lambda>", node, scope)
            outside: list[Any] = []
        else:
            scope.bind(node.name, node)
            inner = self._open("function", node.name, node, scope)
            outside = [*node.decorator_list, *getattr(node, "type_params", ())]
        arguments = node.args
        for parameter in (
            *arguments.posonlyargs,
            *arguments.args,
            *filter(None, (arguments.vararg,)),
            *arguments.kwonlyargs,
            *filter(None, (arguments.kwarg,)),
        ):
            declared = parameter.annotation
            inner.bind(parameter.arg, Declared(declared) if declared is not None else MANY)
            if declared is not None:
                outside.append(declared)
        outside += [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]
        if getattr(node, "returns", None) is not None:
            outside.append(node.returns)
        stack.extend(reversed(outside))

    def klass(self, scope: Scope, node: ast.ClassDef, stack: list[Any]) -> None:
        """A class: its bases and decorators belong to the scope around it."""
        scope.bind(node.name, node)
        self._open("class", node.name, node, scope)
        outside = [*node.decorator_list, *getattr(node, "type_params", ()), *node.bases, *node.keywords]
        stack.extend(reversed(outside))

    def assign(self, scope: Scope, node: ast.Assign, stack: list[Any]) -> None:
        """`name = value` binds the name to the value; other targets only bind."""
        stack.append(node.value)
        for target in node.targets:
            if target.__class__ is ast.Name:
                scope.bind(target.id, node.value)
            else:
                stack.append(target)

    def annotated(self, scope: Scope, node: ast.AnnAssign, stack: list[Any]) -> None:
        """`name: T = value` binds the name to the value, `name: T` to something of that type."""
        stack.append(node.annotation)
        if node.value is not None:
            stack.append(node.value)
        if isinstance(node.target, ast.Name):
            scope.bind(node.target.id, node.value if node.value is not None else Declared(node.annotation))
        else:
            stack.append(node.target)

    def entered(self, scope: Scope, node: ast.withitem, stack: list[Any]) -> None:
        """`with value as name` binds the name to what the value enters."""
        if isinstance(node.optional_vars, ast.Name):
            scope.bind(node.optional_vars.id, Entered(node.context_expr))
        elif node.optional_vars is not None:
            stack.append(node.optional_vars)
        stack.append(node.context_expr)

    def imported(self, scope: Scope, node: ast.Import, _stack: list[Any]) -> None:
        """`import a.b` binds `a`; `import a.b as c` binds `c` to `a.b`."""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            self.roots.add(root)
            self._alias(scope, alias.asname or root, alias.name if alias.asname else root)

    def imported_from(self, scope: Scope, node: ast.ImportFrom, _stack: list[Any]) -> None:
        """`from a import b as c` binds `c` to `a.b`."""
        source = absolute(self.module, self.is_package, node.level, node.module)
        if not node.level:
            self.roots.add(source.partition(".")[0])
        for alias in node.names:
            if alias.name != "*":
                self._alias(scope, alias.asname or alias.name, f"{source}.{alias.name}" if source else alias.name)

    @staticmethod
    def _alias(scope: Scope, name: str, target: str) -> None:
        # the same name imported twice (try/except ImportError) stays resolvable: the first one wins
        known = scope.bindings.get(name)
        if (known is None or _is_none(known)) and name not in scope.outer:
            scope.bindings[name] = Imported(target)
        elif not isinstance(known, Imported):
            scope.bindings[name] = MANY

    def outer(self, scope: Scope, node: ast.Global | ast.Nonlocal, _stack: list[Any]) -> None:
        """`global x`: x is bound elsewhere, and no longer a constant there."""
        scope.outer.update(node.names)
        for name in node.names:
            self.scopes[0].bindings[name] = MANY

    def handler(self, scope: Scope, node: ast.ExceptHandler, stack: list[Any]) -> None:
        """`except E as name` binds the name."""
        if node.name:
            scope.bind(node.name)
        if getattr(node.type, "id", "") in _FAILED:
            every = [name for one in node.body for name in _bound(one)]
            scope.spare = [name for name in every if scope.bindings.get(name).__class__ in _LASTING]
        stack.extend(reversed(node.body))
        if node.type is not None:
            stack.append(node.type)

    def captured(self, scope: Scope, node: Any, stack: list[Any]) -> None:
        """A pattern's capture binds its name."""
        name = node.rest if node.__class__ is ast.MatchMapping else node.name
        if name:
            scope.bind(name)
        children = [*getattr(node, "keys", ()), *getattr(node, "patterns", ()), getattr(node, "pattern", None)]
        stack.extend(child for child in reversed(children) if child is not None)


_SPECIAL: Final[dict[type[ast.AST], Any]] = {
    ast.FunctionDef: Surveyor.function,
    ast.AsyncFunctionDef: Surveyor.function,
    ast.Lambda: Surveyor.function,
    ast.ClassDef: Surveyor.klass,
    ast.Assign: Surveyor.assign,
    ast.AnnAssign: Surveyor.annotated,
    ast.withitem: Surveyor.entered,
    ast.Import: Surveyor.imported,
    ast.ImportFrom: Surveyor.imported_from,
    ast.Global: Surveyor.outer,
    ast.Nonlocal: Surveyor.outer,
    ast.ExceptHandler: Surveyor.handler,
    ast.MatchAs: Surveyor.captured,
    ast.MatchStar: Surveyor.captured,
    ast.MatchMapping: Surveyor.captured,
}
_NAME: Final = CODES[ast.Name]
_CONSTANT: Final = CODES[ast.Constant]
_ATTRIBUTE: Final = CODES[ast.Attribute]


@lru_cache(maxsize=1)
def _plans() -> dict[type[ast.AST], tuple[str, tuple[str, ...], int, bool, bool, Any]]:
    """For each node class: first child field, the others (last first), code, is it a statement, is it wanted, who else knows it."""
    wanted = interesting()
    if wanted & {ast.Name, ast.Attribute, ast.Constant}:  # there are so many that nothing may be done for each
        raise ValueError(
            "no extractor can ask for names, attributes or constants: take them from what they are part of"
        )
    return {
        kind: (
            fields[0] if fields else "_none",
            fields[:0:-1],
            CODES[kind],
            issubclass(kind, _BLOCKS),
            kind in wanted,
            _SPECIAL.get(kind),
        )
        for kind, fields in SHAPES.items()
    }
