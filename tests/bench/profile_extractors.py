"""What each extractor costs, as a multiple of the parse: a list to look at, not a test. Arguments: folder, one file in N."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import extractors  # noqa: F401  # fills the registry
from aud_action.files import SourceFile, find
from aud_action.settings import Settings
from extractors.context import Context
from extractors.registry import REGISTRATIONS, Registration, dispatch
from extractors.survey import Surveyor
from extractors.walk import Unreadable, Walk, decode, parse

COST: Counter[str] = Counter()
CALLS: Counter[str] = Counter()
REPEATS = 3


def timed(entry: Registration) -> Registration:
    """The same extractor with a clock around it; the clock itself costs about half a microsecond."""
    name = f"{entry.extractor.__module__.removeprefix('extractors.')}.{entry.extractor.__name__}"

    def run(node: Any, context: Any) -> list[Any]:
        start = time.process_time_ns()
        rows = list(entry.extractor(node, context))
        COST[name] += time.process_time_ns() - start
        CALLS[name] += 1
        return rows

    return replace(entry, extractor=run)


def measure(file: SourceFile) -> None:
    """One file: the least of some repeats for each stage, because a neighbour's noise only ever adds."""
    source, is_ascii = decode(Path(file.real.decode()).read_bytes())
    stages: dict[str, list[int]] = {"parse": [], "survey": [], "walk": []}
    for _ in range(REPEATS):
        start = time.process_time_ns()
        tree = parse(source)
        parsed = time.process_time_ns()
        survey = Surveyor(file.module, file.is_package).survey(tree)
        surveyed = time.process_time_ns()
        walk = Walk(file.number, Context(source, tree, survey, file.path, file.module, file.is_package), is_ascii)
        walk.run()
        walk.leave()
        for stage, spent in zip(
            stages, (parsed - start, surveyed - parsed, time.process_time_ns() - surveyed), strict=True
        ):
            stages[stage].append(spent)
    for stage, spent_all in stages.items():
        COST[stage] += min(spent_all)


def main() -> None:
    """Stages first without clocks in them, then the extractors."""
    gc.disable()
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    files = find(Settings(root=Path(sys.argv[1])))[::every]
    plain = list(REGISTRATIONS)
    for clocks in (False, True):
        REGISTRATIONS[:] = [timed(entry) for entry in plain] if clocks else plain
        dispatch.cache_clear()
        stages = {stage: COST[stage] for stage in ("parse", "survey", "walk")}
        for file in files:
            try:
                measure(file)
            except Unreadable:
                continue
        if clocks:
            COST.update({stage: spent - COST[stage] for stage, spent in stages.items()})
    parse_ns = COST["parse"]
    for name, spent in COST.most_common():
        cost = spent / parse_ns / (1 if name in {"parse", "survey", "walk"} else REPEATS)
        print(f"{name:45} {cost:7.3f} x parse {CALLS[name] // REPEATS:9,} calls")


if __name__ == "__main__":
    main()
