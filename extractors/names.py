"""What names mean beyond their scope: constants, exports, captures, declarations."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.context import CUT, At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.survey import Scope
from schema.names import ClosureCapture, Constant, DynamicImport, Export, ScopeDeclaration

_MUTABLE: Final = frozenset({ast.List, ast.Set})
_FINAL: Final = frozenset({"typing.Final", "typing_extensions.Final"})
_IMPORTERS: Final = frozenset(
    "importlib.import_module importlib.__import__ importlib.reload importlib.util.spec_from_file_location __import__ "
    "builtins.__import__ pkgutil.resolve_name runpy.run_module runpy.run_path imp.load_source imp.load_module "
    "django.utils.module_loading.import_string werkzeug.utils.import_string".split()
)


@extracts(ast.Assign, ast.AnnAssign, within="module")
def constant(node: Any, context: Context) -> Iterator[At]:
    """
    Each name of a module that is bound once, to a constant.

    >>> rows(constant, "A = 'x' + 'y'\\nB: Final = 2\\nB = 3\\nC = D = (1, 2)\\nE = [1]\\nG = frozenset({'a', 'b'})\\ndef f():\\n    global D\\n    D = F = 1")
    Constant(name='A', value='xy', type='str', is_final=False)
    Constant(name='C', value='(1, 2)', type='tuple', is_final=False)
    Constant(name='G', value="frozenset({'a', 'b'})", type='frozenset', is_final=False)
    """
    scope = context.scope
    value = node.value
    if value.__class__ is ast.Call and context.name(value.func) == "frozenset":
        yield from _frozen(node, context)
        return
    if value is None or value.__class__ in _MUTABLE:
        return
    for target in node.targets if node.__class__ is ast.Assign else (node.target,):
        if target.__class__ is ast.Name and scope.bindings.get(target.id) is value:
            folded = context.constant(value)
            text = constant_text(folded)
            if text is not None and folded is not ...:
                annotation = getattr(node, "annotation", None)
                plain = annotation.value if annotation.__class__ is ast.Subscript else annotation
                is_final = annotation is not None and context.name(plain) in _FINAL
                yield At(target, Constant(target.id, text, type(folded).__name__, is_final))


def _frozen(node: Any, context: Context) -> Iterator[At]:
    """A frozenset of constants, as it is written: the order of a set's own repr changes from run to run."""
    call = node.value
    target: Any = node.targets[0] if node.__class__ is ast.Assign else node.target
    items = context.constant(call.args[0]) if len(call.args) == 1 and not call.keywords else ()
    bound = target.__class__ is ast.Name and context.scope.bindings.get(target.id) is call
    if bound and isinstance(items, (tuple, str)):
        is_final = context.name(getattr(node, "annotation", None)) in _FINAL
        text = f"frozenset({{{', '.join(map(repr, items))}}})" if items else "frozenset()"
        if len(text) <= 2 * CUT:
            yield At(target, Constant(target.id, text, "frozenset", is_final))


@extracts(ast.Global, ast.Nonlocal)
def scope_declaration(node: ast.Global | ast.Nonlocal, context: Context) -> Iterator[ScopeDeclaration]:
    """
    Each name declared global or nonlocal.

    >>> rows(scope_declaration, "def f():\\n    global a, b\\n    a = b")
    ScopeDeclaration(name='a', kind='global', is_written=True)
    ScopeDeclaration(name='b', kind='global', is_written=False)
    """
    kind = "global" if isinstance(node, ast.Global) else "nonlocal"
    for name in node.names:
        yield ScopeDeclaration(name, kind, name in context.scope.bindings)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, nested=True)
def closure_capture(node: Any, context: Context) -> Iterator[ClosureCapture]:
    """
    Each variable a nested function takes from the functions around it.

    >>> rows(closure_capture, "g = 1\\ndef f(a, b):\\n    n = 0\\n    def h(b):\\n        nonlocal n\\n        n = a + b + g\\n    return lambda: a")
    ClosureCapture(name='a', is_written=False, origin=1)
    ClosureCapture(name='n', is_written=True, origin=1)
    ClosureCapture(name='a', is_written=False, origin=1)
    """
    inner = context.inner(node)
    own = inner.bindings
    for name in sorted(inner.reads | inner.outer):
        if name in own and name not in inner.outer:
            continue
        origin = _origin(name, inner)
        if origin is not None:
            yield ClosureCapture(name, name in inner.outer and name in own, context.site(origin.node))


def _origin(name: str, inner: Scope) -> Scope | None:
    """The enclosing function that binds a name; None when a module, or nobody, does."""
    scope = inner.parent
    while scope is not None:
        if scope.kind != "class" and name in scope.bindings and name not in scope.outer:
            return scope if scope.kind != "module" else None
        scope = scope.parent
    return None


@extracts(
    ast.Call,
    callee=(
        "import_module __import__ reload spec_from_file_location resolve_name run_module run_path load_source "
        "load_module import_string"
    ).split(),
)
def dynamic_import(node: ast.Call, context: Context) -> Iterator[DynamicImport]:
    """
    Each import made at run time.

    >>> rows(dynamic_import, "import importlib as i\\ni.import_module('a.' + 'b')\\n__import__(x)\\nloader.load_module()")
    DynamicImport(callee='importlib.import_module', module='a.b', is_constant=True)
    DynamicImport(callee='__import__', module=None, is_constant=False)
    """
    callee = context.name(node.func)
    if callee in _IMPORTERS:
        value = context.constant(node.args[0]) if node.args else NOT_CONSTANT
        module = value if isinstance(value, str) else None
        yield DynamicImport(callee, module, module is not None)


_DECLARING: Final = frozenset({ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Call})
_EXTENDING: Final = frozenset({"extend", "append"})
_BINDING: Final = frozenset(
    {
        ast.Assign,
        ast.AnnAssign,
        ast.AugAssign,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Import,
        ast.ImportFrom,
    }
)


@extracts(ast.Module)
def export(node: ast.Module, context: Context) -> tuple[()]:
    """
    Each name other modules can import: definitions, also conditional ones, and what `__all__` names.

    >>> rows(export, "from a import b, c\\n__all__ = ['f', 'b']\\n__all__ += ['x']\\nif c:\\n    def f(): ...\\n_d = 1\\nG = 2")
    Export(name='b', kind='import', is_in_all=True, is_reexport=True, is_public=True)
    Export(name='f', kind='function', is_in_all=True, is_reexport=False, is_public=True)
    Export(name='_d', kind='variable', is_in_all=False, is_reexport=False, is_public=False)
    Export(name='G', kind='variable', is_in_all=False, is_reexport=False, is_public=False)
    Export(name='x', kind='declared', is_in_all=True, is_reexport=False, is_public=True)
    """
    declared: dict[str, ast.AST] = {}
    found: dict[str, tuple[ast.AST, str]] = {}
    for item, _ in context.survey.scopes[0].items:
        of = item.__class__
        if of in _DECLARING:
            _declare(item, declared, context)
        if of in _BINDING:
            for name, place, kind in _bound(item):
                if name not in found:
                    found[name] = place, kind
    for name, (place, kind) in found.items():
        if name == "__all__" or (kind == "import" and name not in declared and not _is_reexport(place)):
            continue
        is_public = name in declared if declared else not name.startswith("_")
        context.put(Export, place, (name, kind, name in declared, kind == "import", is_public))
    for name, place in declared.items():
        if name not in found:
            context.put(Export, place, (name, "declared", True, False, True))
    return ()


def _is_reexport(place: ast.AST) -> bool:
    """`import x as x` says that it is meant for others."""
    return isinstance(place, ast.alias) and place.asname == place.name


def _bound(item: Any) -> Iterable[tuple[str, ast.AST, str]]:
    kind = item.__class__
    if kind is ast.ClassDef:
        return [(item.name, item, "class")]
    if kind is ast.FunctionDef or kind is ast.AsyncFunctionDef:
        return [(item.name, item, "function")]
    if kind is ast.Assign and len(item.targets) == 1 and item.targets[0].__class__ is ast.Name:
        return [(item.targets[0].id, item.targets[0], "variable")]
    return _others(item, kind)


def _others(item: Any, kind: type) -> Iterator[tuple[str, ast.AST, str]]:
    if kind is ast.Import or kind is ast.ImportFrom:
        for alias in item.names:
            name = alias.asname or (alias.name.partition(".")[0] if kind is ast.Import else alias.name)
            if name != "*":
                yield name, alias, "import"
    elif kind is ast.Assign:
        for target in item.targets:
            parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            yield from ((part.id, part, "variable") for part in parts if isinstance(part, ast.Name))
    elif kind is ast.AnnAssign:
        if isinstance(item.target, ast.Name):
            yield item.target.id, item.target, "variable"


def _declare(item: Any, declared: dict[str, ast.AST], context: Context) -> None:
    """Add the names a statement puts into `__all__`, by any of the ways type checkers know."""
    kind = item.__class__
    values: list[ast.expr] = []
    if kind is ast.Call:
        func = item.func
        is_call = func.__class__ is ast.Attribute and func.attr in _EXTENDING
        values = item.args if is_call and context.text(func.value) == "__all__" else []
    elif kind is ast.Assign:
        if "__all__" in [target.id for target in item.targets if target.__class__ is ast.Name]:
            values = [item.value]
    elif isinstance(item.target, ast.Name) and item.target.id == "__all__":
        values = [item.value] if item.value is not None else []
    for value in values:
        for part in _parts(value):
            name = context.constant(part)
            if isinstance(name, str):
                declared[name] = part


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.BinOp):
            stack += [part.right, part.left]
        elif isinstance(part, (ast.List, ast.Tuple)):
            stack += reversed(part.elts)
        else:
            yield part
