"""Functions that a language model may call, whatever file makes the server or agent that they are given to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import program
from aud_action.derive.origins import origins
from aud_action.settings import Settings
from aud_action.store import Store
from schema.tasks import DecoratedTool

_KINDS: Final = {
    "tool": "tool",
    "prompt": "prompt",
    "resource": "resource",
    "function_tool": "tool",
    "tool_plain": "tool",
    "kernel_function": "tool",
}
_AGENTS: Final = frozenset(
    "mcp fastmcp langchain langchain_core langgraph agents openai_agents pydantic_ai crewai crewai_tools semantic_kernel "
    "llama_index smolagents autogen autogen_core strands google".split()
)
_WORDS: Final = " OR ".join(f"d.name GLOB '*{word}' OR d.text GLOB '*{word}'" for word in _KINDS)
_DECORATED: Final = f"""
SELECT d.site, d.name, d.text, d.target, f.package FROM python_decorators d JOIN files f ON f.id = d.site >> 24
WHERE d.target_kind <> 'class' AND ({_WORDS}) ORDER BY d.site
"""


@derives(DecoratedTool)
def decorated_tools(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each function that a decorator gives to a language model."""
    known, from_library = program(store), origins(store)
    for site, name, text, function, module in list(store.rows(_DECORATED)):
        made = from_library.under(name or f"{module}.{text}", _AGENTS)
        kind = _KINDS.get(made.rpartition(".")[2])
        if kind is not None:
            given = [one for one in known.arguments(site) if one.keyword == "name" or one.position == 0]
            named = next((one.constant for one in given if one.constant_type == "str"), None)
            yield site, DecoratedTool(made.partition(".")[0], function, named, kind)
