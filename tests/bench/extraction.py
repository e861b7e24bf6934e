"""What extraction costs a file, by stage, and what twenty extractors cost beside all. Arguments: folder, one file in N, rounds."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import mean, quantiles
from typing import Any, NamedTuple

import extractors  # noqa: F401  # fills the registry
from aud_action.files import SourceFile, find
from aud_action.settings import Settings
from aud_action.shard import Shard
from extractors.context import Context
from extractors.registry import FLOW, REGISTRATIONS, Extractor, Registration, dispatch
from extractors.survey import Surveyor
from extractors.walk import Unreadable, Walk, decode, parse

FEW = 20
STAGES = ("parse", "survey", "walk", "store")
clock = time.process_time_ns  # a neighbour's work is not ours


class Source(NamedTuple):
    """One file, read and decoded."""

    file: SourceFile
    text: bytes
    is_ascii: bool


def sources(folder: Path, every: int) -> list[Source]:
    """One file in N, those that can be parsed, in the order in which a worker reads them."""
    found = []
    for file in sorted(find(Settings(root=folder))[::every], key=lambda file: file.number):
        if file.path.endswith(".py"):
            try:
                text, is_ascii = decode(Path(file.real.decode()).read_bytes())
                parse(text)
            except Unreadable:
                continue
            found.append(Source(file, text, is_ascii))
    return found


def once(source: Source, shard: Shard | None, features: frozenset[str]) -> tuple[list[int], dict[str, list[Any]]]:
    """Nanoseconds of each stage, and the rows."""
    file = source.file
    marks = [clock()]
    tree = parse(source.text)
    marks.append(clock())
    survey = Surveyor(file.module, file.is_package).survey(tree)
    marks.append(clock())
    context = Context(source.text, tree, survey, file.path, file.module, file.is_package)
    walk = Walk(file.number, context, source.is_ascii)
    walk.run(features)
    tables = {"sites": walk.sites(), "scopes": walk.scopes, **walk.tables}
    walk.leave()
    marks.append(clock())
    if shard is not None:
        shard.add(tables)
    marks.append(clock())
    return [after - before for before, after in pairwise(marks)], tables


def least(files: list[Source], rounds: int, features: frozenset[str] = frozenset()) -> list[list[int]]:
    """For each file the least that each stage took: noise only ever adds. Storing comes in lumps: of it, the mean."""
    best = [[1 << 60] * 3 + [0] for _ in files]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            shard = Shard(f"{folder}/shard")
            for costs, source in zip(best, files, strict=True):
                spent, _ = once(source, shard, features)
                costs[:] = [*map(min, costs[:3], spent[:3]), costs[3] + spent[3]]
            shard.close()
    return [[*costs[:3], costs[3] // rounds] for costs in best]


@contextmanager
def only(entries: list[Registration]) -> Iterator[None]:
    """With no other extractors than these."""
    everyone = list(REGISTRATIONS)
    REGISTRATIONS[:] = entries
    dispatch.cache_clear()
    try:
        yield
    finally:
        REGISTRATIONS[:] = everyone
        dispatch.cache_clear()


def busiest(files: list[Source]) -> list[Registration]:
    """The extractors that have most to say, as many as FEW."""
    said: Counter[Extractor] = Counter()
    for entry in REGISTRATIONS:
        with only([entry]):
            for source in files[:: max(1, len(files) // 25)]:
                said[entry.extractor] += sum(map(len, once(source, None, frozenset())[1].values()))
    few = {extractor for extractor, _ in said.most_common(FEW)}
    return [entry for entry in REGISTRATIONS if entry.extractor in few]


def shares(costs: list[list[int]]) -> str:
    """Each stage as a multiple of the parse."""
    totals = [sum(column) for column in zip(*costs, strict=True)]
    return ", ".join(f"{stage} {total / totals[0]:.2f}" for stage, total in zip(STAGES[1:], totals[1:], strict=True))


def main() -> None:
    """A page of figures."""
    gc.disable()
    every, rounds = (int(word) for word in (*sys.argv[2:4], *("8", "5")[len(sys.argv) - 2 :]))
    files = sources(Path(sys.argv[1]), every)
    gc.freeze()
    costs = least(files, rounds)
    whole = [sum(cost) / 1e6 for cost in costs]
    cuts = quantiles(whole, n=100)
    size = sum(len(source.text) for source in files) / 1024
    print(
        f"{len(files)} files, {size:.0f} KB; ms a file: mean {mean(whole):.2f}, P95 {cuts[94]:.2f}, P99 {cuts[98]:.2f}"
    )
    print(f"{sum(whole) / size:.3f} ms a KB; times the parse: {shares(costs)}")
    print(f"with functions lowered for the flow analysis: {shares(least(files, rounds, frozenset({FLOW})))}")
    few = busiest(files)
    with only(few):
        print(f"{len(few)} extractors: {shares(least(files, rounds))}")
    print(f"all {len(REGISTRATIONS)}: {shares(least(files, rounds))}")


if __name__ == "__main__":
    main()
