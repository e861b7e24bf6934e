"""The functions of a file, lowered for the flow analysis."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context
from extractors.flow import lower
from extractors.registry import FLOW, extracts
from schema.flow import FlowFacts


@extracts(ast.Module, when=FLOW)
def flow_facts(node: ast.Module, context: Context) -> Iterator[FlowFacts]:
    """
    Everything the linker needs of one file, packed.

    >>> rows(flow_facts, "def f(x): return x")
    FlowFacts(facts=b'...')
    """
    yield FlowFacts(lower(node, context.source_bytes))
