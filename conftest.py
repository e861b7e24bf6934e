"""What every doctest may use."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.example import rows


@pytest.fixture(autouse=True)
def _example(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace["rows"] = rows
