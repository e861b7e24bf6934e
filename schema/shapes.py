"""The shape of functions: how they branch, and how much there is of them."""

from typing import NamedTuple

from schema.table import table


@table("python_function_metrics", unique=True)
class FunctionMetric(NamedTuple):
    """How much one function holds of what; nested functions don't count."""

    branches: int  #: if, conditional expressions, cases and handlers
    loops: int
    returns: int
    calls: int
    nesting: int  #: deepest block inside blocks
    cyclomatic: int
    lines: int
    parameters: int


@table("python_cfg_blocks", unique=True)
class CfgBlock(NamedTuple):
    """One basic block of a function that branches; its site is its first statement, its scope the function."""

    block: int  #: number within the function, 0 is the entry
    kind: str  #: entry, body, test, loop, handler, finally, case or with
    first_line: int
    last_line: int
    statements: int
    is_reachable: bool
    kinds: str  #: of its statements, in order: assign expr return


@table("python_cfg_edges")
class CfgEdge(NamedTuple):
    """One way from block to block; its site is the function."""

    source: int
    target: int  #: -1 is the exit
    kind: str  #: next, true, false, loop, break, continue, return, raise or except
