"""What this code base always does, and where it doesn't."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.program import LearnedPattern

SUPPORT = 8
CONFIDENCE = 0.9
_DECORATORS = """
SELECT DISTINCT target_site, CASE WHEN name = '' THEN text ELSE name END FROM python_decorators WHERE target_kind <> 'class'
"""
_CALLS = """
SELECT DISTINCT s.scope, c.callee FROM python_calls c JOIN sites s ON s.id = c.site JOIN python_functions f ON f.site = s.scope
WHERE c.callee LIKE '%.%' AND c.callee NOT LIKE 'str.%'
"""
_MOST = 40
"""Features of one function that are looked at: pairs grow with the square."""


@derives(LearnedPattern)
def learned_patterns(store: Store, _settings: Settings) -> Iterator[tuple[int, LearnedPattern]]:
    """Each habit with at least SUPPORT followers, at the functions that break it; at a follower when nobody does."""
    for kind, query in (("decorator", _DECORATORS), ("call", _CALLS)):
        features: dict[int, set[str]] = defaultdict(set)
        for site, name in store.rows(query):
            features[site].add(name)
        yield from _habits(kind, features)


def _habits(kind: str, features: dict[int, set[str]]) -> Iterator[tuple[int, LearnedPattern]]:
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for names in features.values():
        single.update(names)
    frequent = {name for name, count in single.items() if count >= SUPPORT}
    for names in features.values():
        kept = sorted(names & frequent)[:_MOST]
        pairs.update((one, other) for one in kept for other in kept if one != other)
    followers: dict[str, list[int]] = defaultdict(list)
    for site in sorted(features):
        for name in features[site] & frequent:
            followers[name].append(site)
    habits = ((pair, support) for pair, support in pairs.items() if support >= SUPPORT)
    for (premise, conclusion), support in sorted(habits):
        confidence = support / single[premise]
        if confidence < CONFIDENCE:
            continue
        having = followers[premise]
        breaking = [site for site in having if conclusion not in features[site]]
        for site in breaking or having[:1]:
            yield site, LearnedPattern(premise, conclusion, support, round(confidence, 4), kind, bool(breaking))
