"""Functions that are unlike the others of this code base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from aud_action.derive import derives
from aud_action.settings import Settings
from aud_action.store import Store
from schema.program import Anomaly

FEATURES = ("branches", "loops", "returns", "calls", "nesting", "cyclomatic", "lines", "parameters")
LEAST = 20
"""Functions below which "usual" means nothing."""
ODD = 8.0
"""Scaled median deviations above which a function is odd."""
_FLOOR = {"lines": 30.0, "calls": 15.0, "cyclomatic": 10.0, "branches": 8.0, "parameters": 7.0}
_SCALE = 1.4826  # makes the median deviation of a normal distribution its standard deviation


@derives(Anomaly)
def anomalies(store: Store, _settings: Settings) -> Iterator[tuple[int, Anomaly]]:
    """Each feature of a function that lies far above the code base's median."""
    rows = list(store.rows(f"SELECT site, {', '.join(FEATURES)} FROM python_function_metrics ORDER BY site"))
    if len(rows) < LEAST:
        return
    for column, feature in enumerate(FEATURES, 1):
        counts = Counter([row[column] for row in rows])
        middle = _median(counts)
        deviations: Counter[float] = Counter()
        for value, count in counts.items():
            deviations[abs(value - middle)] += count
        spread = max(_median(deviations) * _SCALE, 1.0)
        scores = {value: (value - middle) / spread for value in counts if value > _FLOOR.get(feature, 5.0)}
        odd = {value for value, score in scores.items() if score > ODD}
        for row in rows:
            if row[column] in odd:
                yield row[0], Anomaly(feature, float(row[column]), float(middle), round(scores[row[column]], 2))


def _median(counts: Counter[float]) -> float:
    """
    The median of so many of each value: there are few different ones.

    >>> _median(Counter([3, 1, 2])), _median(Counter([1, 1, 2, 4])), _median(Counter([1, 2, 2, 2]))
    (2, 1.5, 2)
    """
    half, seen, below = counts.total() / 2, 0, None
    for value in sorted(counts):
        seen += counts[value]
        if seen > half:
            return value if below is None else (below + value) / 2
        if seen == half:
            below = value
    return 0
