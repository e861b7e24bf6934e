"""The database of a repository: made anew, or the last run's brought up to date. Both are equal, row by row."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from aud_action.cache.kept import Kept, Warm
from aud_action.derive import derive
from aud_action.derive.reading import Noted, Record, Rows, touched
from aud_action.files import SourceFile
from aud_action.settings import Settings
from aud_action.store import Store
from aud_action.workers import Extraction, Limits, run
from extractors.registry import FLOW

Phase = Callable[[str, int], None]
T = TypeVar("T")
WORTH_A_PROCESS: Final = 250_000
"""Bytes of source for which one more worker is started."""

FEW: Final = 400
"""Changed files up to which it is worth to compare their rows with those before."""


class Task(NamedTuple):
    """One run: what is wanted, of which files, with what is kept of the last one."""

    settings: Settings
    files: Sequence[SourceFile]
    kept: Kept
    watch: Phase
    scheduler: str = ""  #: address of a Dask cluster that extracts; here when empty


class Outcome(NamedTuple, Generic[T]):
    """What was concluded from the database, why the run is incomplete, and what was measured."""

    value: T
    incomplete: list[str]
    metrics: dict[str, float]
    has_all_facts: bool = True  #: of every file, though what follows from them may have been cut short


def indexed(task: Task, database: Path | None, scratch: Path, conclude: Callable[[Store], T]) -> Outcome[T]:
    """
    What `conclude` makes of the whole database.

    database: where it shall stand in the end. scratch: where it may stand meanwhile, when it isn't wanted.
    """
    return _warm(task, database, conclude) or _cold(task, database or scratch, conclude)


def _cold(task: Task, database: Path, conclude: Callable[[Store], T]) -> Outcome[T]:
    """Every file is read."""
    task.kept.reused = 0
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="aud-", dir=database.parent) as folder:
        extraction = extracted(task, task.files, folder)
        at = [started, time.perf_counter()]
        store = Store.from_shards(database, extraction.shards)
    try:
        store.index()
        at.append(time.perf_counter())
        record = Record() if task.kept.is_usable else None
        outcome = concluded(task, store, extraction.incomplete, at, conclude, record)
    finally:
        store.close()
    if record and outcome.has_all_facts:
        task.kept.keep(str(database), record.plain(), is_whole=not outcome.incomplete)
    return outcome


def _warm(task: Task, database: Path | None, conclude: Callable[[Store], T]) -> Outcome[T] | None:
    """Only what changed is read; None when nothing is kept, or what is kept turns out to be no good."""
    started, outcome = time.perf_counter(), None
    with task.kept.warm() as warm, tempfile.TemporaryDirectory(prefix="aud-") as folder:
        if warm is None:
            return None
        before = _rows(warm.store, warm.changed.stale)
        known = _exchanged(warm)
        lacking = [file for file in warm.changed.missing if file.number not in known]
        task.kept.reused = len(task.files) - len(lacking)
        extraction = extracted(task, lacking, folder)
        at = [started, time.perf_counter()]
        for shard in extraction.shards:
            warm.store.merge(shard)
        at.append(time.perf_counter())
        record = _record(warm, before)
        outcome = concluded(task, warm.store, extraction.incomplete, at, conclude, record, fresh=warm.is_current)
        task.kept.give_back(
            warm, database, record.plain() if outcome.has_all_facts else None, is_whole=not outcome.incomplete
        )
    return outcome


def _rows(store: Store, numbers: Collection[int]) -> dict[int, Rows] | None:
    """Every row of some files; None when they are so many that comparing is not worth it."""
    return None if len(numbers) > FEW else {number: store.facts(number) for number in numbers}


def _record(warm: Warm, before: dict[int, Rows] | None) -> Record:
    """What derivations had read, and what of it is another now; nothing when everything may be."""
    after = _rows(warm.store, {*warm.changed.stale, *(file.number for file in warm.changed.missing)})
    if before is None or after is None:
        return Record()
    return Record({name: Noted.of_plain(one) for name, one in warm.reads.items()}, touched(before, after))


def limits(settings: Settings) -> Limits:
    """What one file may cost, and what is asked of it."""
    return Limits(settings.max_file_size, settings.file_timeout, frozenset({FLOW} if settings.taint else ()))


def extracted(task: Task, files: Sequence[SourceFile], folder: str) -> Extraction:
    """Shards with the facts of some files."""
    settings, watch = task.settings, task.watch
    watch("extract", len(files))
    if not files:
        return Extraction()
    deadline = time.monotonic() + settings.timeout if settings.timeout else None
    bounds = limits(settings)
    if task.scheduler:
        from aud_action import cluster

        return cluster.extract(task.scheduler, files, folder, bounds, lambda count: watch("file", count), deadline)
    processes = min(settings.processes, 1 + sum(file.size for file in files) // WORTH_A_PROCESS)
    return run(files, folder, processes, bounds, lambda count: watch("file", count), deadline)


def _exchanged(warm: Warm) -> set[int]:
    """Take out the rows of files that changed or went, put in those known from earlier; the files that these are of."""
    changed = warm.changed
    if not changed.stale and not changed.missing:
        return set()
    facts = warm.kept.facts()
    try:
        if facts and changed.stale:
            facts.put_aside(warm.store, changed.stale)
        warm.store.remove(changed.stale)
        return facts.restore(warm.store, changed.missing, warm.kept.contents) if facts else set()
    finally:
        if facts:
            facts.close()


def concluded(
    task: Task,
    store: Store,
    incomplete: list[str],
    at: list[float],
    conclude: Callable[[Store], T],
    record: Record | None = None,
    *,
    fresh: bool = False,
) -> Outcome[T]:
    """Derive, unless that is still fresh, and conclude."""
    task.watch("derive", 0)
    lacking = incomplete + ([] if fresh else derive(store, task.settings, record))
    metrics = {
        "extract_seconds": at[1] - at[0],
        "merge_seconds": at[2] - at[1],
        "derive_seconds": time.perf_counter() - at[2],
        "files_from_cache": float(task.kept.reused),
    }
    gaps = missing(store, len(task.files))
    return Outcome(conclude(store), lacking + gaps, metrics, not incomplete and not gaps)


def missing(store: Store, count: int) -> list[str]:
    """A file that was found must be in the database: a gap is never silent."""
    lacking = count - next(store.rows("SELECT count(*) FROM files"))[0]
    return [f"{lacking} files were not reached"] if lacking > 0 else []
