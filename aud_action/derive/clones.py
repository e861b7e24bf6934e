"""Functions that are copies of one another, but for names and constants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.program import Clone

SMALLEST = 4
"""Statements below which functions are alike by nature: getters, delegations."""
_FUNCTIONS = """
SELECT f.body_hash, f.statements, m.lines, f.is_async, f.site, f.qualified_name
FROM python_functions f JOIN python_function_metrics m ON m.site = f.site
WHERE f.statements >= ? ORDER BY f.body_hash, f.statements, m.calls, f.is_async, f.site
"""


@derives(Clone)
def clones(store: Store, _settings: Settings) -> Iterator[tuple[int, Clone]]:
    """Each function of a group in which all have the same tree, size and number of calls."""
    rows = store.rows(_FUNCTIONS, (SMALLEST,))
    for _, members in groupby(rows, key=lambda row: (row[0], row[1], row[3])):
        group = list(members)
        if len(group) > 1:
            for _hash, statements, _lines, _is_async, site, name in group:
                yield site, Clone(group[0][4], name, 1.0, statements)
