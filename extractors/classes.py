"""Classes and their bases."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context
from extractors.registry import extracts
from schema.classes import Class, ClassBase

_ABSTRACT = ("abc.ABC", "abc.ABCMeta")
_DATACLASSES = frozenset(
    "dataclasses.dataclass attr.s attr.attrs attr.define attr.frozen attr.mutable attrs.define attrs.frozen "
    "attrs.mutable pydantic.dataclasses.dataclass".split()
)


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _is_abstract(node: ast.ClassDef, context: Context, metaclass: ast.expr | None) -> bool:
    if any(context.name(base) == _ABSTRACT[0] for base in node.bases) or context.name(metaclass) == _ABSTRACT[1]:
        return True
    decorators = (
        context.text(_called(decorator))
        for statement in node.body
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
        for decorator in statement.decorator_list
    )
    return any(name.rpartition(".")[2].startswith("abstract") for name in decorators)


def _bases(node: ast.ClassDef, context: Context) -> Iterator[ast.expr]:
    """The bases; those that `with_metaclass` is given stand for themselves."""
    for base in node.bases:
        if isinstance(base, ast.Call) and context.name(base.func).rpartition(".")[2] == "with_metaclass":
            yield from base.args[1:]
        else:
            yield base


@extracts(ast.ClassDef)
def klass(node: ast.ClassDef, context: Context) -> Iterator[Class | ClassBase]:
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
    metaclass = next((keyword.value for keyword in node.keywords if keyword.arg == "metaclass"), None)
    yield Class(
        name=node.name,
        qualified_name=f"{context.scope.name}.{node.name}" if context.scope.name else node.name,
        metaclass=context.source(metaclass) or None,
        is_abstract=_is_abstract(node, context, metaclass),
        is_dataclass=any(context.name(_called(decorator)) in _DATACLASSES for decorator in node.decorator_list),
        has_docstring=ast.get_docstring(node, clean=False) is not None,
        methods=sum(isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) for statement in node.body),
        attributes=sum(isinstance(statement, (ast.Assign, ast.AnnAssign)) for statement in node.body),
    )
    for position, base in enumerate(_bases(node, context)):
        plain = base.value if isinstance(base, ast.Subscript) else _called(base)
        arguments = context.source(base.slice) if isinstance(base, ast.Subscript) else None
        text = context.text(plain) or context.source(base)
        yield ClassBase(position, context.name(plain), text, arguments, None, None)
    for keyword in node.keywords:
        yield ClassBase(
            -1,
            context.name(keyword.value),
            context.text(keyword.value),
            None,
            keyword.arg,
            context.source(keyword.value),
        )
