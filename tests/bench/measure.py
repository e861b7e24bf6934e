"""
Measure the program on the real projects of `make corpora` and write the table in README.md.

Floor and program run in turn; the ratio is the median of the paired ratios. A first floor only warms the page cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from floor import Cost, floor, measured

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("README.md")
MARK = "<!-- measured -->"
AUD = [sys.executable, "-I", "-m", "aud_action"]


def paired(top: Path, command: list[str], rounds: int) -> tuple[Cost, Cost, float]:
    """Median-CPU floor and program, and the median of their paired ratios."""
    floor(str(top))
    pairs = [(floor(str(top)), measured(command)) for _ in range(rounds)]
    if any(cost.exit not in (0, 1) for _, cost in pairs):
        sys.exit(f"measure: {' '.join(command)} ended with {pairs[-1][1].exit}")
    floors, costs = (sorted(column, key=lambda cost: cost.cpu) for column in zip(*pairs, strict=True))
    middle = len(pairs) // 2
    return floors[middle], costs[middle], median(cost.cpu / base.cpu for base, cost in pairs)


def rows(database: Path) -> tuple[int, int]:
    """Files and rows of all tables."""
    connection = sqlite3.connect(database)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    total = sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables)
    return connection.execute("SELECT count(*) FROM files").fetchone()[0], total


def findings(sarif: Path) -> int:
    """Results in a SARIF file."""
    return sum(len(run["results"]) for run in json.loads(sarif.read_text("utf-8"))["runs"])


def project(top: Path, rounds: int) -> str:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        database, sarif = Path(folder, "aud.db"), Path(folder, "aud.sarif")
        jobs = ["--jobs", "2"]
        plain = Path(folder, "plain.toml")
        plain.write_text("taint = false\n", "utf-8")  # that is what `scan` adds
        facts = [*AUD, "index", str(top), "--db", str(database), "--config", str(plain), *jobs]
        base, index, ratio = paired(top, facts, rounds)
        scan = measured([*AUD, "scan", str(top), "--fail-on", "never", "--sarif", str(sarif), *jobs])
        files, total = rows(database)
        cells = [
            top.name,
            f"{files:,}",
            f"{total:,}",
            f"{findings(sarif):,}",
            f"{base.cpu:.2f}",
            f"{index.cpu:.2f}",
            f"**{ratio:.2f}**",
            f"{index.mb:.0f}",
            f"{scan.cpu:.2f}",
            f"{scan.cpu / base.cpu:.2f}",
            f"{scan.wall:.1f}",
            f"{scan.mb:.0f}",
        ]
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| project | files | rows | findings | floor, CPU s | index, CPU s | index / floor | largest process, MB "
    "| scan, CPU s | scan / floor | scan, wall s | largest process, MB |\n" + "| --- |" + " ---: |" * 11
)


def main() -> None:
    """Measure the projects named, or all of them, and renew README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--print", action="store_true", help="only print the table")
    given = parser.parse_args()
    tops = [Path(name) for name in given.projects] or sorted(
        path for path in (ROOT / "corpora").iterdir() if path.is_dir()
    )
    lines = [HEAD, *(project(top, given.rounds) for top in tops)]
    about = (
        f"CPython {platform.python_version()}, {os.cpu_count()} cores, 2 worker processes, median of {given.rounds} paired rounds; "
        f"load average at the end {os.getloadavg()[0]:.1f}."
    )
    text = "\n".join([*lines, "", about, ""])
    print(text)
    if not given.print:
        before, _, after = PAGE.read_text("utf-8").split(MARK)
        PAGE.write_text(f"{before}{MARK}\n\n{text}\n{MARK}{after}", "utf-8")


if __name__ == "__main__":
    main()
