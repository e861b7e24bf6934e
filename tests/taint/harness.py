"""Flows of a handful of sources, for tests."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from aud_action.taint.code.program import FileFacts
from aud_action.taint.flow import Flow
from aud_action.taint.linking import link
from extractors.flow import lower


def facts(files: Mapping[str, str]) -> list[FileFacts]:
    """The flow facts of each file."""
    return [
        FileFacts(number, path, False, lower(ast.parse(text), text.encode()))
        for number, (path, text) in enumerate(sorted(files.items()))
    ]


def flows(files: Mapping[str, str] | str, *, threats: tuple[str, ...] = (), own: str = "") -> tuple[Flow, ...]:
    """Every flow of a project, or of one file's text."""
    sources = {"app.py": files} if isinstance(files, str) else files
    mine = [("own.toml", own)] if own else []
    linked = link(facts(sources), threats=threats, own=mine)
    assert not linked.gaps
    assert not linked.incomplete
    return linked.flows


def classes(files: Mapping[str, str] | str, **options: object) -> list[str]:
    """The class of each flow that is sure enough to be shown."""
    return [flow.flaw for flow in flows(files, **options) if flow.confidence >= 50]  # type: ignore[arg-type] # passed on
