"""Functions lowered to compact flow facts, which depend on the file's bytes alone: models change without a new walk."""

from __future__ import annotations

import ast
from collections.abc import Callable

from extractors.flow import code
from extractors.flow.expressions import expression
from extractors.flow.facts import VERSION, Class, File, Function, Parameter, encode
from extractors.flow.scope import Scope
from extractors.flow.statements import annotation, block

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def lower(tree: ast.Module, source: bytes = b"") -> bytes:
    """
    The flow facts of one file, packed.

    source: the file's bytes, needed only to count columns in UTF-16 units where the text isn't ASCII.
    """
    return _Lowering(source).file(tree)


class _Lowering:
    """One file: its functions and classes in the order in which they are met."""

    def __init__(self, source: bytes) -> None:
        self.lines = [] if source.isascii() else source.split(b"\n")
        self.functions: list[Function | None] = []
        self.classes: list[Class | None] = []
        self.names: dict[str, int] = {}
        self.changed: set[str] = set()
        self.dropped: list[str] = []

    def file(self, tree: ast.Module) -> bytes:
        """The packed facts of the whole file."""
        self.body(Scope(self, "", -1), "<module>", "<module>", tree.body, (1, 0, 1, 0))
        functions = tuple(one for one in self.functions if one is not None)
        classes = tuple(one for one in self.classes if one is not None)
        changed, dropped = tuple(sorted(self.changed)), tuple(self.dropped)
        return encode(File(VERSION, functions, classes, tuple(self.names), changed, dropped))

    def body(
        self, scope: Scope, name: str, qualified: str, nodes: list[ast.stmt], place: tuple[int, int, int, int]
    ) -> int:
        """Lower the body of a module or class; its index among the functions."""
        index = self._reserve()
        statements = self._guarded(qualified, lambda: block(scope, nodes))
        self.functions[index] = self._packed(_blank(name, qualified, place), scope, statements)
        return index

    def function(self, scope: Scope, node: Definition) -> int:
        """Lower a nested function; its index."""
        index = self._reserve()
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        parameters = _parameters(scope, node.args)
        first = parameters[0].name if parameters and parameters[0].kind in ("", "/") else ""
        inner = Scope(self, f"{scope.prefix}{name}.<locals>.", -1, first)
        if isinstance(node, ast.Lambda):
            statements = [(code.RETURN, expression(inner, node.body), inner.at(node.body))]
            returns = None
        else:
            statements = self._guarded(f"{scope.prefix}{name}", lambda: block(inner, node.body))
            returns = annotation(scope, node.returns)
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        blank = _blank(name, f"{scope.prefix}{name}", place)
        blank.owner, blank.parameters, blank.returns = scope.owner, parameters, returns
        blank.asynchronous = isinstance(node, ast.AsyncFunctionDef)
        self.functions[index] = self._packed(blank, inner, statements)
        scope.mentioned |= inner.mentioned
        self.changed |= inner.changed
        return index

    def classdef(self, scope: Scope, node: ast.ClassDef) -> int:
        """Lower a class; its index."""
        index = len(self.classes)
        self.classes.append(None)
        qualified = f"{scope.prefix}{node.name}"
        bases = tuple(expression(scope, base) for base in node.bases)
        keywords = tuple((word.arg, expression(scope, word.value)) for word in node.keywords)
        decorators = tuple(expression(scope, one) for one in node.decorator_list)
        inner = Scope(self, f"{qualified}.", index)
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        body = self.body(inner, node.name, qualified, node.body, place)
        scope.mentioned |= inner.mentioned
        self.classes[index] = Class(node.name, qualified, body, bases, keywords, decorators)
        return index

    def _reserve(self) -> int:
        self.functions.append(None)
        return len(self.functions) - 1

    def _guarded(self, qualified: str, lowered: Callable[[], list[code.Code]]) -> list[code.Code]:
        try:
            return lowered()
        except RecursionError:
            self.dropped.append(qualified)
            return []

    def _packed(self, function: Function, scope: Scope, statements: list[code.Code]) -> Function:
        """The function with what its scope gathered."""
        places = scope.places
        if self.lines:
            places = self._utf16(places)
            line, col, end_line, end_col = self._utf16(list(function.place))
            function.place = (line, col, end_line, end_col)
        names = self.names
        function.mentions = tuple([names.setdefault(one, len(names)) for one in sorted(scope.mentioned)])
        function.generator, function.size, function.stores = scope.generator, scope.size, tuple(scope.stores)
        function.body, function.places = encode(statements), encode(places)
        return function

    def _utf16(self, places: list[int]) -> list[int]:
        """Places whose columns, byte offsets so far, are counted in UTF-16 units."""
        counted = list(places)
        for index in range(0, len(places), 2):
            line = self.lines[places[index] - 1] if places[index] <= len(self.lines) else b""
            if not line.isascii():
                text = line[: places[index + 1]].decode("utf-8", "replace")
                counted[index + 1] = len(text.encode("utf-16-le")) // 2
        return counted


def _blank(name: str, qualified: str, place: tuple[int, int, int, int]) -> Function:
    return Function(name, qualified, -1, place, (), False, None, False, 0, (), (), b"", b"")  # one struct


def _parameters(scope: Scope, arguments: ast.arguments) -> tuple[Parameter, ...]:
    """The parameters of a function in the order in which they are bound."""
    positional = [*[(one, "/") for one in arguments.posonlyargs], *[(one, "") for one in arguments.args]]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    named = [(one, "=") for one in arguments.kwonlyargs]
    rest = [(arguments.vararg, "*")] if arguments.vararg else []
    words = [(arguments.kwarg, "**")] if arguments.kwarg else []
    pairs = [
        *zip(positional, defaults, strict=True),
        *[(one, None) for one in rest],
        *zip(named, arguments.kw_defaults, strict=True),
        *[(one, None) for one in words],
    ]
    return tuple(
        [
            Parameter(
                one.arg,
                kind,
                annotation(scope, one.annotation),
                None if default is None else expression(scope, default),
            )
            for (one, kind), default in pairs
        ]
    )
