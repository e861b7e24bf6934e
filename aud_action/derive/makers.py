"""What made the objects that attributes hold and the project's own functions answer: `self.session = requests.Session()`."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from aud_action.derive.names import Names
from aud_action.store import Store
from schema import SITE_BITS

_ATTRIBUTES: Final = """
SELECT CASE o.kind WHEN 'class' THEN o.name || '.' || a.target ELSE p.name || substr(a.target, 5) END AS held, min(a.value_callee)
FROM python_assignments a JOIN sites s ON s.id = a.site JOIN scopes o ON o.id = s.scope LEFT JOIN scopes p ON p.id = o.parent
WHERE a.value_callee <> '' AND a.operator IN ('=', ':')
  AND (a.target_kind = 'attribute' AND a.target GLOB 'self.*' AND p.kind = 'class' OR a.target_kind = 'name' AND o.kind = 'class')
GROUP BY held HAVING count(DISTINCT a.value_callee) = 1
"""
_ANSWERS: Final = """
SELECT DISTINCT CASE WHEN r.kind = 'name' THEN (
  SELECT CASE count(DISTINCT coalesce(a.value_callee, '')) WHEN 1 THEN min(a.value_callee) END
  FROM python_assignments a JOIN sites t ON t.id = a.site WHERE t.scope = s.scope AND a.target = r.source AND a.site BETWEEN ?2 AND ?3)
  ELSE r.callee END
FROM python_returns r JOIN sites s ON s.id = r.site WHERE s.scope = ?1 AND r.site BETWEEN ?2 AND ?3
"""
_STEPS: Final = 4


class Held:
    """Resolves names of what objects hold and functions answer to what made it, where that is always the same."""

    def __init__(self, store: Store, names: Names) -> None:
        self.store = store
        self.names = names
        self._answered: dict[str, str | None] = {}

    @cached_property
    def _attributes(self) -> dict[str, str]:
        return dict(self.store.rows(_ATTRIBUTES))

    def resolve(self, name: str) -> str:
        """`shop.Client.session.get` is `requests.Session.get`, `shop.get_logger.info` is `logging.getLogger.info`."""
        for _ in range(_STEPS):
            step = self._step(name)
            if step is None:
                break
            name = self.names.resolve(step)
        return name

    def _step(self, name: str) -> str | None:
        head, _, rest = name.rpartition(".")
        while head:
            made = self._attributes.get(head) or self._answer(head)
            if made:
                return f"{made}.{rest}"
            if head in self.names.defined:
                break
            head, _, last = head.rpartition(".")
            rest = f"{last}.{rest}"
        return None

    def _answer(self, name: str) -> str | None:
        """What makes all that a function returns."""
        site = self.names.defined.get(name)
        if site is None:
            return None
        if name not in self._answered:
            file = site >> SITE_BITS
            span = site, file << SITE_BITS, ((file + 1) << SITE_BITS) - 1
            made = [callee for (callee,) in self.store.rows(_ANSWERS, span, of=[file])]
            self._answered[name] = made[0] if len(made) == 1 else None
        return self._answered[name]
