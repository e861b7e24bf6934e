"""Options of Click that commands take from other files: `verbose = click.option(…)` there, `@verbose` here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.classes import Program, program
from aud_action.derive.expressions import parsed
from aud_action.settings import Settings
from aud_action.store import Store
from extractors.commands import CLICK_OPTIONS, CLICKS, click_name
from schema import SITE_BITS
from schema.calls import CallArgument
from schema.commands import SharedCommandOption
from schema.objects import SharedObject

_DECORATED: Final = """
SELECT d.site, d.name, d.text, m.name, f.package FROM python_commands m JOIN python_decorators d ON d.target_site = m.site
JOIN files f ON f.id = d.site >> 24 WHERE m.library = 'click' AND f.package IS NOT NULL ORDER BY m.site, d.position
"""
_WITHIN: Final = """
SELECT c.site, c.callee FROM python_calls c JOIN sites s ON s.id = c.site WHERE c.site BETWEEN ? AND ? AND s.scope = ? ORDER BY c.site
"""
_NAMED: Final = """
SELECT c.site, c.callee FROM python_calls c JOIN sites s ON s.id = c.site JOIN scopes o ON o.id = s.scope
WHERE c.assigned_to = ? AND o.name = ? AND o.kind = 'module' ORDER BY c.site
"""


@derives(SharedCommandOption, after=(SharedObject,))
def shared_options(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each option of a command that another file declares."""
    known = program(store)
    for site, name, text, command, module in list(store.rows(_DECORATED)):
        exact = known.names.resolve(name or f"{module}.{text}", instances=False)
        if not exact.startswith(CLICKS) and known.names.module_of(exact) not in ("", module):
            for made, callee in _calls(exact, known):
                word = callee.rpartition(".")[2]
                if callee.startswith(CLICKS) and word in CLICK_OPTIONS:
                    yield site, _option(command, word, known.arguments(made))


def _calls(name: str, known: Program) -> list[tuple[int, str]]:
    """The calls that a function makes, or the one that made a variable of a module."""
    site = known.names.defined.get(name)
    if site is None:
        owner, _, variable = name.rpartition(".")
        return list(known.store.rows(_NAMED, (variable, owner)))
    first = site >> SITE_BITS << SITE_BITS
    return list(known.store.rows(_WITHIN, (first, first + (1 << SITE_BITS) - 1, site), of=[site >> SITE_BITS]))


def _option(command: str, word: str, arguments: list[CallArgument]) -> SharedCommandOption:
    given = {one.keyword: one for one in arguments if one.keyword}
    forms = [one.constant for one in arguments if one.position is not None and one.constant_type == "str"]
    names = [form for form in forms if form and (word != "version_option" or form.startswith("-"))]
    is_flag = any("/" in form for form in names) or any(
        word in given and given[word].constant == "True" for word in ("is_flag", "count")
    )
    kind = "argument" if word == "argument" else "flag" if is_flag or word == "version_option" else "option"
    of_type, default = (given[word].source if word in given else None for word in ("type", "default"))
    name = click_name(names, word)
    is_choice = _is_choice(parsed(of_type)) if of_type else False
    return SharedCommandOption("click", command, name, kind, of_type, default, is_choice, None)


def _is_choice(node: ast.AST | None) -> bool:
    """Whether a type is a choice among texts that are written out."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("Choice") or not node.args:
        return False
    items = node.args[0].elts if isinstance(node.args[0], (ast.List, ast.Tuple)) else [node.args[0]]
    return all(isinstance(item, ast.Constant) for item in items)
