"""The base score of a CVSS 3 vector (first.org, CVSS v3.1 specification, section 7)."""

from __future__ import annotations

from typing import Final

_METRICS: Final = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 1.0},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_CHANGED: Final = {"L": 0.68, "H": 0.5}
"""What privileges count for when the scope changes."""


def base_score(vector: str) -> float | None:
    """
    The base score; None for what is no CVSS 3 vector.

    >>> base_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), base_score("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N")
    (9.8, 6.1)
    >>> base_score("CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:C/C:H/I:N/A:N/E:P"), base_score("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N")
    (6.3, 0.0)
    >>> base_score("AV:N/AC:L/Au:N/C:P/I:P/A:P"), base_score("CVSS:3.1/AV:N")
    (None, None)
    """
    head, *parts = vector.split("/")
    given = dict(part.split(":", 1) for part in parts if ":" in part)
    if not head.startswith("CVSS:3.") or any(given.get(name) not in values for name, values in _METRICS.items()):
        return None
    worth = {name: values[given[name]] for name, values in _METRICS.items()}
    is_changed = given["S"] == "C"
    if is_changed:
        worth["PR"] = _CHANGED.get(given["PR"], worth["PR"])
    lost = 1 - (1 - worth["C"]) * (1 - worth["I"]) * (1 - worth["A"])
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if is_changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    ease = 8.22 * worth["AV"] * worth["AC"] * worth["PR"] * worth["UI"]
    return _rounded_up(min((1.08 if is_changed else 1.0) * (impact + ease), 10.0))


def _rounded_up(score: float) -> float:
    """To one digit, upwards, without what binary fractions add."""
    hundred_thousandths = round(score * 100_000)
    up = 0 if hundred_thousandths % 10_000 == 0 else 1
    return (hundred_thousandths // 10_000 + up) / 10
