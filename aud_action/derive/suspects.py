"""Calls that patterns report: whether what they are given can do harm is for the flow analysis to say."""

from __future__ import annotations

from collections.abc import Iterator

from aud_action.derive import derives
from aud_action.rules import book
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import Callee
from schema.flows import SuspectCall

_CALLS = """
    SELECT DISTINCT p.site FROM ({pattern}) p JOIN python_calls c ON c.site = p.site JOIN files f ON f.id = p.site >> 24
    WHERE NOT f.is_test ORDER BY p.site
"""

_TEMPLATES = "python_template_expressions"
"""What pages report that speak of these stands in templates, where nothing is followed."""


@derives(SuspectCall, after=(Callee,), ordered=True)
def suspects(store: Store, settings: Settings) -> Iterator[tuple[int, SuspectCall]]:
    """Each call that a pattern of the house reports and that the flow analysis may take back."""
    if not settings.taint:
        return
    from aud_action.taint.entries.roots import CONFIRMED

    for page in book().values():
        flaws = sorted(CONFIRMED.intersection(page.superseded_by))
        if flaws and not page.harmless_too and _TEMPLATES not in page.sql:
            for (site,) in store.rows(_CALLS.format(pattern=page.sql)):
                yield from ((site, SuspectCall(flaw)) for flaw in flaws)
