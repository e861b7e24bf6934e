"""One made result with everything in it: a flow, a backlog, an accepted finding, a gap, a note."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aud_action.findings import Accepted, Finding, Location, Result, Step, Unanalysed
from aud_action.findings.fingerprint import stamp
from aud_action.rules import parse

PAGE = """# SQL is built from `request` data

```toml
severity = 9.8
precision = "high"
cwe = [89]
owasp = ["A03:2021"]
message = "`{callee}` runs SQL"
```

The statement's text contains what a visitor sent.

Pass values as parameters instead: `execute("… = %s", (id,))`.

```sql
SELECT 1
```
"""
TEXT = (
    "import hashlib\n\ndef order(request):\n\tq = request.GET['q']\n"
    "    cursor.execute(f'SELECT {q}')\n    hashlib.md5(b'🐍') ; x = 1\n"
)


def place(line: int, col: int, end_col: int, path: str = "app/we|ird `x`.py") -> Location:
    return Location(path, line, col, line, end_col)


@pytest.fixture
def rules():
    return {
        "sql-injection": parse("sql-injection", PAGE),
        "weak-hash": parse("weak-hash", PAGE.replace("9.8", "5.3")),
        "todo-left": replace(parse("todo-left", PAGE), severity=0.0),
    }


@pytest.fixture
def sources():
    return {"app/we|ird `x`.py": TEXT}.get


@pytest.fixture
def result(sources):
    flow = (
        Step(place(4, 6, 24), "`request.GET` is what a visitor sends", "source", 0),
        Step(place(5, 5, 34), "`cursor.execute` runs it", "sink", 0),
    )
    findings = (
        Finding("weak-hash", "`md5` hashes a password", 5.3, "medium", place(6, 5, 23), "shop", state="out_of_scope"),
        Finding("sql-injection", "`cursor.execute` runs SQL", 9.8, "high", place(5, 5, 34), "shop.order", flow=flow),
        Finding(
            "weak-hash", "`md5` is fine here", 5.3, "low", place(6, 5, 16), state="suppressed", reason="a checksum"
        ),
    )
    return Result(
        findings=stamp(findings, sources),
        files=812,
        unanalysed=(Unanalysed("bad\n.py", 3, "invalid syntax"),),
        fixed=(Accepted("old.py", "weak-hash", "0" * 24, "old.f"),),
        metrics={"wall_seconds": 1.234},
        tables={"python_calls": 1000},
        notes=("`# nosec` at a.py:3 silences nothing",),
    )
