"""Classes and their bases."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context
from extractors.functions import is_docstring
from extractors.registry import FUNCTIONS, extracts
from schema.classes import Class, ClassBase

_FUNCTIONS = frozenset(FUNCTIONS)
_ABSTRACT = ("abc.ABC", "abc.ABCMeta")
_DATACLASSES = frozenset(
    "dataclasses.dataclass attr.s attr.attrs attr.define attr.frozen attr.mutable attrs.define attrs.frozen "
    "attrs.mutable pydantic.dataclasses.dataclass".split()
)


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _is_abstract(node: ast.ClassDef, context: Context, metaclass: ast.expr | None) -> bool:
    if _ABSTRACT[0] in [context.name(base) for base in node.bases]:
        return True
    if metaclass is not None and context.name(metaclass) == _ABSTRACT[1]:
        return True
    for statement in node.body:
        if statement.__class__ in _FUNCTIONS and statement.decorator_list:  # type: ignore[attr-defined]  # a function
            for decorator in statement.decorator_list:  # type: ignore[attr-defined]  # as above
                if context.text(_called(decorator)).rpartition(".")[2].startswith("abstract"):
                    return True
    return False


def _bases(node: ast.ClassDef, context: Context) -> Iterator[ast.expr]:
    """The bases; those that `with_metaclass` is given stand for themselves."""
    for base in node.bases:
        if isinstance(base, ast.Call) and context.name(base.func).rpartition(".")[2] == "with_metaclass":
            yield from base.args[1:]
        else:
            yield base


@extracts(ast.ClassDef)
def klass(node: ast.ClassDef, context: Context) -> tuple[()]:
    """
    Each class with its bases and keywords.

    >>> rows(klass, "import abc\\nclass A(abc.ABC, Generic[T], table=True):\\n    x = 1\\n    def f(self): ...\\nclass B(abc.make(A)): ...")
    Class(name='A', qualified_name='m.A', metaclass=None, is_abstract=True, is_dataclass=False, has_docstring=False, methods=1, attributes=1)
    ClassBase(position=0, base='abc.ABC', text='abc.ABC', arguments=None, keyword=None, value=None)
    ClassBase(position=1, base='', text='Generic', arguments='T', keyword=None, value=None)
    ClassBase(position=-1, base='', text='', arguments=None, keyword='table', value='True')
    Class(name='B', qualified_name='m.B', metaclass=None, is_abstract=False, is_dataclass=False, has_docstring=False, methods=0, attributes=0)
    ClassBase(position=0, base='abc.make', text='abc.make', arguments=None, keyword=None, value=None)
    """
    metaclass = None
    for keyword in node.keywords:
        if keyword.arg == "metaclass":
            metaclass = keyword.value
            break
    kinds = [statement.__class__ for statement in node.body]
    columns = (
        node.name,
        f"{context.scope.name}.{node.name}" if context.scope.name else node.name,
        None if metaclass is None else context.source(metaclass) or None,
        _is_abstract(node, context, metaclass),
        not _DATACLASSES.isdisjoint([context.name(_called(decorator)) for decorator in node.decorator_list]),
        is_docstring(node.body[0]),
        kinds.count(ast.FunctionDef) + kinds.count(ast.AsyncFunctionDef),
        kinds.count(ast.Assign) + kinds.count(ast.AnnAssign),
    )
    context.put(Class, node, columns)
    for position, base in enumerate(_bases(node, context)):
        plain, arguments = _called(base), None
        if isinstance(base, ast.Subscript):
            plain, arguments = base.value, context.source(base.slice)
        text = context.text(plain) or context.source(base)
        context.put(ClassBase, node, (position, context.name(plain), text, arguments, None, None))
    for keyword in node.keywords:
        value = keyword.value
        name, text = context.name(value), context.text(value)
        context.put(ClassBase, node, (-1, name, text, None, keyword.arg, context.source(value)))
    return ()
