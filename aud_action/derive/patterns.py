"""What this code base always does, and where it doesn't."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from sys import intern

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import Callee
from schema.program import LearnedPattern

SUPPORT = 8
CONFIDENCE = 0.9
_DECORATORS = """
SELECT target_site, CASE WHEN name = '' THEN text ELSE name END FROM python_decorators WHERE target_kind <> 'class'
"""
#: names that are called less often than a habit is followed make none
_CALLS = f"""
SELECT s.scope, n.name FROM python_callees n CROSS JOIN python_calls c ON c.callee = n.name JOIN sites s ON s.id = c.site
WHERE n.calls >= {SUPPORT} AND n.name LIKE '%.%' AND n.name NOT LIKE 'str.%'
"""
_FUNCTIONS = "SELECT site FROM python_functions"
_MOST = 40
"""Features of one function that are looked at: pairs grow with the square."""


@derives(LearnedPattern, after=(Callee,), alone=True)
def learned_patterns(store: Store, _settings: Settings) -> Iterator[tuple[int, LearnedPattern]]:
    """Each habit with at least SUPPORT followers, at the functions that break it; at a follower when nobody does."""
    functions = {site for (site,) in store.rows(_FUNCTIONS)}
    for kind, query in (("decorator", _DECORATORS), ("call", _CALLS)):
        features: dict[int, set[str]] = defaultdict(set)
        for site, name in store.rows(query):
            if kind == "decorator" or site in functions:  # what a module or a class calls is nobody's habit
                features[site].add(intern(name))
        yield from _habits(kind, features)


def _habits(kind: str, features: dict[int, set[str]]) -> Iterator[tuple[int, LearnedPattern]]:
    single: Counter[str] = Counter()
    for names in features.values():
        single.update(names)
    frequent = {name for name, count in single.items() if count >= SUPPORT}
    followers: dict[str, list[int]] = defaultdict(list)
    together: dict[str, list[list[str]]] = defaultdict(list)
    for site in sorted(features):
        kept = sorted(features[site] & frequent)
        for name in kept:
            followers[name].append(site)
        kept = kept[:_MOST]
        for name in kept:
            together[name].append(kept)
    for premise in sorted(together):
        support: Counter[str] = Counter(chain.from_iterable(together[premise]))
        least = max(SUPPORT, CONFIDENCE * single[premise])
        for conclusion in sorted(name for name, count in support.items() if count >= least and name != premise):
            confidence = support[conclusion] / single[premise]
            having = followers[premise]
            breaking = [site for site in having if conclusion not in features[site]]
            for site in breaking or having[:1]:
                yield (
                    site,
                    LearnedPattern(
                        premise, conclusion, support[conclusion], round(confidence, 4), kind, bool(breaking)
                    ),
                )
