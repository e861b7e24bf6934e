"""The database of a repository, of facts that were found now or by earlier runs. Both are equal, row by row."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from aud_action.cache.kept import Kept
from aud_action.cache.past import Past
from aud_action.cache.restored import derived, restore, together
from aud_action.cache.state import State
from aud_action.derive import carry, derive
from aud_action.derive.moving import SITES, moved
from aud_action.derive.reading import ANY, Memory, Noted, Record, changed
from aud_action.files import SourceFile
from aud_action.packed import packed
from aud_action.settings import Settings
from aud_action.store import Row, Store
from aud_action.workers import Extraction, Forms, Limits, run
from extractors.registry import FLOW

Phase = Callable[[str, int], None]
T = TypeVar("T")
WORTH_A_PROCESS: Final = 500_000
"""Bytes of source for which one more worker is started."""


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


def indexed(
    task: Task,
    database: Path | None,
    scratch: Path,
    conclude: Callable[[Store], T],
    unmoved: Callable[[Past, Record, Mapping[str, int]], T | None] = lambda *_: None,
) -> Outcome[T]:
    """
    What `conclude` makes of the whole database.

    database: where it shall stand in the end. scratch: where it may stand meanwhile, when it isn't wanted.
    unmoved: what is concluded without looking into the database, where no derivation reads what has changed, from what has and by
    how much the tables grew; None when it can't be said.
    """
    while True:
        with task.kept.past() as past:
            return _indexed(task, past, database, scratch, conclude, unmoved)


def _indexed(
    task: Task,
    past: Past | None,
    database: Path | None,
    scratch: Path,
    conclude: Callable[[Store], T],
    unmoved: Callable[[Past, Record, Mapping[str, int]], T | None],
) -> Outcome[T]:
    target, at = database or scratch, [time.perf_counter()]
    with tempfile.TemporaryDirectory(prefix="aud-", dir=target.parent) as folder:
        extraction = found(task, past, task.files, folder)
        at.append(time.perf_counter())
        record, grown = _record(past)
        if past and not extraction.incomplete and record.is_idle:
            value = unmoved(past, record, grown)
            if past.last and value is not None:
                last = _carried(past.last, record)
                if database:
                    restore(past, last, database, folder)
                task.kept.keep(past, last.reads, last.tables, last.kept, is_whole=True)
                return Outcome(value, [], {"files_from_cache": float(task.kept.reused)})
        store = together(past, extraction.shards, target, folder)
    try:
        if past and past.last and record.noted:
            store.insert(_moved(past.last, record))
        store.index()
        at.append(time.perf_counter())
        outcome = concluded(task, store, extraction.incomplete, at, conclude, record if past else None)
        if past and outcome.has_all_facts:
            task.kept.keep(past, record.plain(), packed(store.derived()), record.kept, is_whole=not outcome.incomplete)
    finally:
        store.close()
    return outcome


def _moved(last: State, record: Record) -> dict[str, list[Row]]:
    """The rows of derivations that don't run, where they stand now."""
    tables = derived(last)
    return tables | {SITES: moved(tables.get(SITES, ()), record.moves)}


def _carried(last: State, record: Record) -> State:
    """The end of a run in which nothing was derived."""
    if not record.moves:
        return last
    carry(record)
    return last._replace(tables=packed(_moved(last, record).items()), kept=record.kept)


def found(task: Task, past: Past | None, files: Sequence[SourceFile], folder: str) -> Extraction:
    """The facts of those of some files that are not known; they are, the next time. A few make no shards: often none is needed."""
    lacking = [file for file in files if past is None or file.number not in past.known]
    task.kept.reused = len(files) - len(lacking)
    forms = Forms(shards=not past.is_most, parcels=True) if past else Forms()
    extraction = extracted(task, lacking, folder, forms)
    if past:
        past.read(extraction.parcels)
    return extraction


def _record(past: Past | None) -> tuple[Record, Mapping[str, int]]:
    """What derivations had read, what of it is another now, and by how much tables grew; nothing when all may be another."""
    changes = past.changes() if past else None
    if changes is None or past is None or past.last is None:
        return Record(), {}
    noted = {name: Noted.of_plain(one) for name, one in past.last.reads.items()}
    grown: Counter[str] = Counter()
    for sign, files in zip((-1, 1), changes, strict=True):
        for tables in files.values():
            grown.update({name: sign * len(rows) for name, rows in tables.items()})
    memories = {name: Memory(kept, *changes) for name, kept in past.last.kept.items()}
    touched, moves = changed(*changes)
    return Record(noted, touched | {name: {ANY} for name in past.beside}, moves, memories), grown


def limits(settings: Settings) -> Limits:
    """What one file may cost, and what is asked of it."""
    return Limits(settings.max_file_size, settings.file_timeout, frozenset({FLOW} if settings.taint else ()))


def extracted(task: Task, files: Sequence[SourceFile], folder: str, forms: Forms) -> Extraction:
    """The facts of some files."""
    settings, watch = task.settings, task.watch
    watch("extract", len(files))
    if not files:
        return Extraction()
    deadline = time.monotonic() + settings.timeout if settings.timeout else None
    bounds = limits(settings)
    if task.scheduler:
        from aud_action import cluster

        return cluster.extract(
            task.scheduler, files, folder, bounds, lambda count: watch("file", count), deadline, forms
        )
    processes = min(settings.processes, 1 + sum(file.size for file in files) // WORTH_A_PROCESS)
    return run(files, folder, processes, bounds, lambda count: watch("file", count), deadline, forms)


def concluded(
    task: Task,
    store: Store,
    incomplete: list[str],
    at: list[float],
    conclude: Callable[[Store], T],
    record: Record | None = None,
) -> Outcome[T]:
    """Derive and conclude."""
    task.watch("derive", 0)
    lacking = incomplete + derive(store, task.settings, record)
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
