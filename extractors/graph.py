"""Control flow: the blocks of each function that branches, and the ways between them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Final

from extractors.codes import CODES
from extractors.context import Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from schema.shapes import CfgBlock, CfgEdge

_EXIT: Final = -1
_DEPTH: Final = 60
_BRANCHING: Final = {
    CODES[kind] for kind in (ast.If, ast.For, ast.AsyncFor, ast.While, ast.match_case, ast.ExceptHandler)
}
_STRAIGHT: Final = bytes(set(range(256)) - _BRANCHING)
_JUMPS: Final[dict[type[ast.AST], str]] = {
    ast.Return: "return",
    ast.Raise: "raise",
    ast.Break: "break",
    ast.Continue: "continue",
}
_OF_LOOPS: Final = frozenset({"break", "continue"})
_TRIES: Final = {"Try", "TryStar"}
_CHANGING: Final = frozenset(
    {*_JUMPS, ast.If, ast.While, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Match, ast.Try, ast.TryStar}
)
"""Statements after which the flow may go elsewhere: few, so that the others are not even asked."""


@dataclass(slots=True, eq=False)
class _Block:
    number: int
    kind: str
    statements: list[Any]


@dataclass(slots=True)
class _Graph:
    """Builds blocks in the order of the text: what is open is a list of (block, kind of edge) that lead to the next."""

    context: Context
    blocks: list[_Block]
    edges: list[tuple[int, int, str]]
    loops: list[tuple[_Block, list[tuple[int, str]]]]
    #: of each `finally` around: how many loops it stands in, and the jumps that go through it
    finals: list[tuple[int, list[tuple[int, str]]]]

    def block(self, kind: str, entries: list[tuple[int, str]]) -> _Block:
        """A new block, reached by the open ways."""
        made = _Block(len(self.blocks), kind, [])
        self.blocks.append(made)
        number = made.number
        self.edges += [(source, number, word) for source, word in entries]
        return made

    def body(
        self, statements: list[Any], kind: str, entries: list[tuple[int, str]], depth: int
    ) -> list[tuple[int, str]]:
        """The blocks of a list of statements; the ways that leave its end."""
        current: _Block | None = None
        for statement in statements:
            if current is None:
                current = self.block(kind, entries)
                kind = "body"
            current.statements.append(statement)
            if statement.__class__ in _CHANGING:
                branch = self._branch(statement, current, depth)
                if branch is not None:
                    entries, current = branch, None
        return [(current.number, "next")] if current is not None else entries

    def _branch(self, statement: Any, at: _Block, depth: int) -> list[tuple[int, str]] | None:
        """The ways after a statement that changes the flow; None after one that doesn't."""
        kind = statement.__class__
        if kind in _JUMPS:
            self._jump(at.number, _JUMPS[kind])
            return []
        if depth > _DEPTH:
            return None
        if kind is ast.If:
            return self._if(statement, at, depth + 1)
        if kind is ast.While or kind is ast.For or kind is ast.AsyncFor:
            return self._loop(statement, at, depth + 1)
        if kind is ast.With or kind is ast.AsyncWith:
            return self.body(statement.body, "with", [(at.number, "next")], depth + 1)
        if kind.__name__ in _TRIES:
            return self._try(statement, at, depth + 1)
        return self._match(statement, at, depth + 1) if kind is ast.Match else None

    def _jump(self, source: int, word: str) -> None:
        """A way out: through the `finally` it stands in, else to the loop or the exit."""
        is_local = word in _OF_LOOPS
        if self.finals and not (is_local and len(self.loops) > self.finals[-1][0]):
            self.finals[-1][1].append((source, word))
        elif not is_local:
            self.edges.append((source, _EXIT, word))
        elif self.loops:
            head, breaks = self.loops[-1]
            if word == "break":
                breaks.append((source, word))
            else:
                self.edges.append((source, head.number, word))

    def _test(self, node: ast.expr | None) -> tuple[bool, bool]:
        """Whether a test can be true, and whether it can be false."""
        value = NOT_CONSTANT if node is None or isinstance(node, ast.Name) else self.context.constant(node)
        return (True, True) if value is NOT_CONSTANT else (bool(value), not value)

    def _if(self, statement: ast.If, at: _Block, depth: int) -> list[tuple[int, str]]:
        can, cannot = self._test(statement.test)
        after = self.body(statement.body, "body", [(at.number, "true")] if can else [], depth)
        skipped = [(at.number, "false")] if cannot else []
        return after + (self.body(statement.orelse, "body", skipped, depth) if statement.orelse else skipped)

    def _loop(self, statement: Any, at: _Block, depth: int) -> list[tuple[int, str]]:
        head = at
        if len(at.statements) > 1:  # the test is run again: it begins a block
            at.statements.pop()
            head = self.block("loop", [(at.number, "next")])
            head.statements.append(statement)
        else:
            head.kind = "loop" if head.number else head.kind
        can, cannot = self._test(getattr(statement, "test", None))
        breaks: list[tuple[int, str]] = []
        self.loops.append((head, breaks))
        ends = self.body(statement.body, "body", [(head.number, "true")] if can else [], depth)
        self.loops.pop()
        self.edges += [(source, head.number, "loop") for source, _ in ends]
        done = [(head.number, "false")] if cannot else []
        return breaks + (self.body(statement.orelse, "body", done, depth) if statement.orelse else done)

    def _try(self, statement: Any, at: _Block, depth: int) -> list[tuple[int, str]]:
        first = len(self.blocks)
        jumps: list[tuple[int, str]] = []
        if statement.finalbody:
            self.finals.append((len(self.loops), jumps))
        ends = self.body(statement.body, "body", [(at.number, "next")], depth)
        raising = [(number, "except") for number in range(first, len(self.blocks))]
        if statement.orelse:
            ends = self.body(statement.orelse, "body", ends, depth)
        for handler in statement.handlers:
            ends = ends + self.body(handler.body, "handler", raising, depth)
        if not statement.finalbody:
            return ends
        self.finals.pop()
        unhandled = [] if statement.handlers else raising
        after = self.body(statement.finalbody, "finally", ends + jumps + unhandled, depth)
        for word in sorted({word for _, word in jumps}):
            for source, _ in after:
                self._jump(source, word)
        return after if ends or unhandled else []

    def _match(self, statement: ast.Match, at: _Block, depth: int) -> list[tuple[int, str]]:
        ends: list[tuple[int, str]] = []
        open_ways = [(at.number, "false")]
        for case in statement.cases:
            ends += self.body(case.body, "case", [(at.number, "true")], depth)
            is_any = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
            open_ways = [] if is_any else open_ways
        return ends + open_ways

    def reachable(self) -> set[int]:
        """The blocks that some way from the entry leads to."""
        targets: dict[int, list[int]] = {}
        for source, target, _ in self.edges:
            targets.setdefault(source, []).append(target)
        seen, stack = {0}, [0]
        while stack:
            for target in targets.get(stack.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return seen


_KINDS: Final = {kind: kind.__name__.lower() for kind in vars(ast).values() if isinstance(kind, type)}
_SHOWN: Final = 40
"""Statements of a block that are told one by one."""


@extracts(ast.FunctionDef, ast.AsyncFunctionDef)
def cfg(node: Any, context: Context) -> tuple[()]:
    """
    The blocks and edges of each function that branches.

    >>> rows(cfg, "def f(x):\\n    if x:\\n        return 1\\n    while True:\\n        x()\\n    y()\\ndef g(): return 1")
    CfgBlock(block=0, kind='entry', first_line=2, last_line=2, statements=1, is_reachable=True, kinds='if')
    CfgBlock(block=1, kind='body', first_line=3, last_line=3, statements=1, is_reachable=True, kinds='return')
    CfgBlock(block=2, kind='loop', first_line=4, last_line=4, statements=1, is_reachable=True, kinds='while')
    CfgBlock(block=3, kind='body', first_line=5, last_line=5, statements=1, is_reachable=True, kinds='expr')
    CfgBlock(block=4, kind='body', first_line=6, last_line=6, statements=1, is_reachable=False, kinds='expr')
    CfgEdge(source=0, target=1, kind='true')
    CfgEdge(source=1, target=-1, kind='return')
    CfgEdge(source=0, target=2, kind='false')
    CfgEdge(source=2, target=3, kind='true')
    CfgEdge(source=3, target=2, kind='loop')
    CfgEdge(source=4, target=-1, kind='next')
    """
    if not context.inner(node).shape.translate(None, _STRAIGHT):
        return ()
    graph = _Graph(context, [], [], [], [])
    ends = graph.body(node.body, "entry", [], 0)
    graph.edges += [(source, _EXIT, kind) for source, kind in ends]
    reachable, put = graph.reachable(), context.put
    inside = context.site(node)
    for block in graph.blocks:
        statements = block.statements
        if statements:
            number, first, last = block.number, statements[0].lineno, _last_line(statements[-1])
            kinds = " ".join([_KINDS[one.__class__] for one in statements[:_SHOWN]])
            columns = (number, block.kind, first, last, len(statements), number in reachable, kinds)
            put(CfgBlock, statements[0], columns, inside)
    into, base = context.into(CfgEdge), context.base
    into.extend([(base + number, inside, *edge) for number, edge in enumerate(graph.edges, len(into))])
    return ()


def _last_line(statement: Any) -> int:
    """The last line of a statement, of a compound one the first: its blocks have lines of their own."""
    compound = hasattr(statement, "body") or statement.__class__ is ast.Match
    return int(statement.lineno if compound else statement.end_lineno)
