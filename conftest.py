"""What every doctest may use, and what every test with made-up examples is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from extractors.example import rows

# A busy machine is no fault of a test: what takes long is found by the suite's own list of durations.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _example(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace["rows"] = rows
