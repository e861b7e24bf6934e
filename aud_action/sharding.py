"""
One repository read by several machines: each writes the rows of its part, `aud merge` copies them together.

Parts are ranges of file numbers, so that merging appends to every table; what follows from the whole program is derived
once, after the merge. The result equals that of one run.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from aud_action.cache import identity
from aud_action.cache.changes import content_ids
from aud_action.cache.examined import examine
from aud_action.cache.folder import Unusable
from aud_action.cache.restored import together
from aud_action.files import SourceFile
from aud_action.indexing import Outcome, Task, concluded, found
from aud_action.settings import Settings, WrongInput
from aud_action.store import Store
from aud_action.workers import Extraction

T = TypeVar("T")


class Part(NamedTuple):
    """The i-th of n parts of a repository, from 1."""

    number: int
    of: int


def parsed(text: str) -> Part | None:
    """`2/5`, or nothing. Raises WrongInput."""
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise WrongInput(f"--shard is {text!r}; use i/n, such as 1/4, with i from 1 to n")
    return Part(int(found[1]), int(found[2]))


def of_part(files: Sequence[SourceFile], part: Part) -> list[SourceFile]:
    """
    The files of one part: neighbours by number, about as many bytes as in any other part.

    Numbers are hashes of paths, so each part is a sample of the whole repository.
    """
    ordered = sorted(files, key=lambda file: file.number)
    total, before, chosen = sum(file.size + 500 for file in ordered), 0, []
    for file in ordered:
        if before * part.of // total == part.number - 1:
            chosen.append(file)
        before += file.size + 500
    return chosen


def write(task: Task, part: Part, database: Path) -> Outcome[dict[str, int]]:
    """Write the rows of one part: what single files say, nothing derived, no indexes. Rows per table."""
    started = time.perf_counter()
    files = of_part(task.files, part)
    extraction, store = _written(task, files, database)
    try:
        store.sign(mark(task.settings))
        counts = store.counts()
    finally:
        store.close()
    lacking = [f"{len(files) - counts['files']} files were not reached"] if counts["files"] < len(files) else []
    metrics = {"extract_seconds": time.perf_counter() - started, "files_from_cache": float(task.kept.reused)}
    return Outcome(counts, extraction.incomplete + lacking, metrics)


def _written(task: Task, files: Sequence[SourceFile], database: Path) -> tuple[Extraction, Store]:
    while True:
        with (
            task.kept.past(files) as past,
            tempfile.TemporaryDirectory(prefix="aud-", dir=database.parent) as folder,
        ):
            extraction = found(task, past, files, folder)
            if past:
                task.kept.keep_part(past)
            return extraction, together(past, extraction.shards, database, folder)


def mark(settings: Settings) -> int:
    """A number that parts of one whole share: the program, its limits."""
    return int(identity.extraction(settings)[:7], 16)


def merged(task: Task, parts: Sequence[Path], database: Path, conclude: Callable[[Store], T]) -> Outcome[T]:
    """The database of the whole repository, made of its parts. Raises WrongInput for parts that don't fit."""
    started = time.perf_counter()
    ordered = sorted(parts, key=lambda path: _first(path, task.settings))
    shutil.copyfile(ordered[0], database)
    store = Store(database)
    try:
        for path in ordered[1:]:
            store.merge(os.fspath(path))
        _check(store, task)
        merged_at = time.perf_counter()
        store.sign(0)
        store.index()
        return concluded(task, store, [], [started, merged_at, time.perf_counter()], conclude)
    except sqlite3.IntegrityError as error:
        raise WrongInput(f"two of the shards hold the same file: {error}") from error
    finally:
        store.close()


def _first(path: Path, settings: Settings) -> int:
    """The smallest file number of a part that was looked at with nothing of it trusted. Raises WrongInput."""
    if not path.is_file():
        raise WrongInput(f"{path}: no such shard")
    try:
        examine(os.fspath(path))
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            (made_by,) = database.execute("PRAGMA application_id").fetchone()
            (first,) = database.execute("SELECT coalesce(min(id), 0) FROM files").fetchone()
        finally:
            database.close()
    except (Unusable, sqlite3.Error) as error:
        raise WrongInput(f"{path}: no shard of this version: {error}") from error
    if made_by != mark(settings):
        raise WrongInput(f"{path}: made by another version of aud, another Python, or with other limits")
    return int(first)


def _check(store: Store, task: Task) -> None:
    """The merged files are those that are here now; a missing part is an incomplete run, not wrong input."""
    contents = content_ids(os.fsencode(task.settings.root), task.files)
    here = {file.number: (file.path, contents[file.number]) for file in task.files}
    for number, path, content in store.rows("SELECT id, path, content_id FROM files ORDER BY path"):
        if number not in here or here[number][0] != path:
            raise WrongInput(f"the shards have {path!r}, which is not in {task.settings.root}: another commit?")
        if content and here[number][1] != content:
            raise WrongInput(f"the shards have another content of {path!r} than {task.settings.root}: another commit?")
