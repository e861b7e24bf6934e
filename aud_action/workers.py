"""The process pool: forked, GC off, one shard each; one file's failure is one row, never the end of the run."""

from __future__ import annotations

import gc
import hashlib
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from mmap import mmap
from types import FrameType
from typing import Any, Final, NamedTuple, NoReturn

from aud_action.files import SourceFile, content_id
from aud_action.parcel import Parcels
from aud_action.shard import Shard
from extractors.grammar import is_generated
from extractors.notebooks import extract_notebook
from extractors.reading import extract_text
from extractors.registry import FLOW
from extractors.templates import extract_template
from extractors.texts import readers
from extractors.walk import Facts, Unreadable, extract, unanalysed
from schema.ground import File, FileMetric

Progress = Callable[[int], None]
Tables = dict[str, list[tuple[Any, ...]]]
_LOOK: Final = 0.1
"""Seconds between two looks at how far workers are: to be told of each file would cost as much as reading it."""
_PLACE: Final = 8
"""Bytes of a number that two processes see."""
GRACE: Final = 2.0
"""How many times a file's time limit passes before its worker is killed from outside: C code hears no signal."""
_STOPS: Final = (signal.SIGINT, signal.SIGTERM)


class TimedOut(BaseException):
    """A file took longer than its limit. Raised by a signal into whatever runs, so no `except Exception` may keep it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    size: int  #: bytes
    seconds: int
    features: frozenset[str] = frozenset()  #: extractors to wake besides those of the file's imports


class Forms(NamedTuple):
    """How workers write what they find."""

    shards: bool = True  #: as parts of the database
    parcels: bool = False  #: as it is kept between runs


@dataclass(slots=True)
class _Worker:
    """One forked process: its share, what it writes, and how far it says it is."""

    share: list[SourceFile]
    forms: Forms
    shard: str
    parcels: str
    skip: dict[int, str]  #: file number -> why it isn't tried again
    place: memoryview  #: of both processes: how many files were begun; one more when the shard is closed
    pid: int = 0  #: 0 when it doesn't run
    pipe: int = -1  #: closed by the end of the process
    current: int = 0
    told: int = 0
    since: float = 0.0
    finished: bool = False


@dataclass(slots=True)
class Extraction:
    """What the workers left behind."""

    shards: list[str] = field(default_factory=list)
    parcels: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)


def shares(files: Sequence[SourceFile], count: int) -> list[list[SourceFile]]:
    """The files in the order of their numbers, cut into shares of about as many bytes: shards are then merged by appending."""
    ordered = sorted(files, key=lambda file: file.number)
    dealt: list[list[SourceFile]] = [[] for _ in range(max(1, min(count, len(files))))]
    total, before = sum(file.size + 500 for file in ordered), 0
    for file in ordered:
        weight = file.size + 500
        dealt[(2 * before + weight) * len(dealt) // (2 * total)].append(file)
        before += weight
    return [share for share in dealt if share] or dealt[:1]


def run(
    files: Sequence[SourceFile],
    folder: str,
    processes: int,
    limits: Limits,
    progress: Progress,
    deadline: float | None = None,
    forms: Forms = Forms(),  # noqa: B008  # of plain values
) -> Extraction:
    """Extract every file into shards or parcels below `folder`. A worker that hangs or dies is started again without that file."""
    result = Extraction()
    dealt = shares(files, processes)
    places = memoryview(mmap(-1, _PLACE * len(dealt))).cast("q")
    workers = [
        _Worker(share, forms, f"{folder}/{n}.shard", f"{folder}/{n}.parcels", {}, places[n : n + 1])
        for n, share in enumerate(dealt)
    ]
    if len(workers) > 1:  # for one it costs more than it saves
        gc.collect()
    gc.freeze()
    try:
        for worker in workers:
            _start(worker, limits)
        while open_pipes := {worker.pipe: worker for worker in workers if not worker.finished}:
            ready, _, _ = select.select(list(open_pipes), [], [], _LOOK)
            now = time.monotonic()
            for pipe, worker in open_pipes.items():
                _look(worker, now, progress)
                if pipe in ready:
                    _end(worker, limits)
                elif worker.current and now - worker.since > limits.seconds * GRACE:
                    _restart(worker, limits, f"took longer than {limits.seconds} s")
            if deadline is not None and now > deadline:
                result.incomplete.append("time limit reached while extracting")
                break
    finally:
        for worker in workers:
            _kill(worker)
        gc.unfreeze()
    result.shards = [worker.shard for worker in workers if worker.finished and forms.shards]
    result.parcels = [worker.parcels for worker in workers if worker.finished and forms.parcels]
    return result


def _start(worker: _Worker, limits: Limits) -> None:
    with suppress(FileNotFoundError):
        os.unlink(worker.shard)
    worker.place[0] = 0
    worker.pipe, write = os.pipe()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # or one might come before we know whom to kill
    worker.pid = os.fork()
    if worker.pid == 0:
        os.close(worker.pipe)
        _child(worker, limits)
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    os.close(write)
    worker.current, worker.since = 0, time.monotonic()


def _look(worker: _Worker, now: float, progress: Progress) -> None:
    """See how far a worker is, and tell of files that nobody was told of."""
    if worker.current != worker.place[0]:
        worker.current, worker.since = worker.place[0], now
        begun = min(worker.current, len(worker.share))
        progress(max(0, begun - worker.told))
        worker.told = max(begun, worker.told)


def _end(worker: _Worker, limits: Limits) -> None:
    """Where a process has ended before its shard was closed, that is a death, and its current file the suspect."""
    _, status = os.waitpid(worker.pid, 0)
    if status == 0 and worker.current > len(worker.share):
        _forget(worker)
        worker.finished = True
    else:
        _restart(worker, limits, f"ended its worker ({_why(status)})", dead=True)


def _why(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _restart(worker: _Worker, limits: Limits, reason: str, *, dead: bool = False) -> None:
    if dead:
        _forget(worker)
    else:
        _kill(worker)
    suspect = worker.share[worker.current - 1] if 0 < worker.current <= len(worker.share) else None
    if suspect is None or suspect.number in worker.skip:
        raise RuntimeError(f"a worker process {reason}")
    worker.skip[suspect.number] = reason
    _start(worker, limits)


def _kill(worker: _Worker) -> None:
    if not worker.pid:
        return
    with suppress(ProcessLookupError):
        os.kill(worker.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(worker.pid, 0)
    _forget(worker)


def _forget(worker: _Worker) -> None:
    os.close(worker.pipe)
    worker.pid = 0


def _child(worker: _Worker, limits: Limits) -> NoReturn:
    """The forked process: never returns, never runs the parent's clean-up."""
    code = 1
    try:
        gc.disable()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        signal.signal(signal.SIGALRM, _alarm)
        shard = Shard(worker.shard) if worker.forms.shards else None
        parcels = Parcels(worker.parcels) if worker.forms.parcels else None
        for begun, file in enumerate(worker.share, 1):
            worker.place[0] = begun
            tables = complete(file, _extracted(file, limits, worker.skip))
            if parcels:
                parcels.add(tables)
            if shard:
                shard.add(tables)
        lost = shard.close() if shard else ()
        if parcels:
            parcels.close(lost)
        worker.place[0] = len(worker.share) + 1
        code = 0
    except BaseException as error:  # noqa: BLE001  # the parent hears of it by the exit code
        os.write(2, f"aud: worker: {type(error).__name__}: {error}\n".encode("utf-8", "backslashreplace"))
    finally:
        os._exit(code)


def _alarm(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TimedOut


def _extracted(file: SourceFile, limits: Limits, skip: dict[int, str]) -> tuple[str, int, Facts]:
    """Content id, size and facts of one file; what can't be had is a row."""
    if file.number in skip:
        return "", file.size, unanalysed(Facts(), file.number, Unreadable("extract", "timeout", skip[file.number]))
    try:
        raw = _read(file.real, limits.size)
    except OSError as error:
        return (
            "",
            file.size,
            unanalysed(Facts(), file.number, Unreadable("read", type(error).__name__, error.strerror or "unreadable")),
        )
    if len(raw) > limits.size:
        return _too_large(file, limits)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        if file.is_template:
            facts = extract_template(raw, file.path, file.number)
        elif readers(file.path):
            facts = extract_text(raw, file.path, file.number)
        else:
            # data is not followed through tests, so nothing of them is lowered
            features = limits.features - {FLOW} if file.is_test else limits.features
            if file.is_notebook:
                facts = extract_notebook(raw, file.path, file.number, file.module, features)
            else:
                facts = extract(raw, file.path, file.number, file.module, file.is_package, features)
    except TimedOut:
        facts = unanalysed(
            Facts(), file.number, Unreadable("extract", "timeout", f"took longer than {limits.seconds} s")
        )
    except MemoryError:
        facts = unanalysed(Facts(), file.number, Unreadable("extract", "MemoryError", "needs too much memory"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    facts.is_generated = file.path.endswith(".py") and is_generated(raw, file.path)
    return content_id(raw), len(raw), facts


def _too_large(file: SourceFile, limits: Limits) -> tuple[str, int, Facts]:
    digest = hashlib.sha1(usedforsecurity=False)
    with open(file.real, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        digest.update(b"blob %d\0" % size)
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    reason = f"{size} bytes, more than max-file-size = {limits.size}"
    facts = unanalysed(Facts(), file.number, Unreadable("read", "limit", reason))
    return digest.hexdigest(), size, facts


def _read(path: bytes, limit: int) -> bytes:
    """At most one byte more than the limit; a link put there since the walk is refused."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as stream:
        return stream.read(limit + 1)


def complete(file: SourceFile, extracted: tuple[str, int, Facts]) -> Tables:
    """One file's facts, with the rows that say what the file is and what it cost."""
    content, size, facts = extracted
    said = facts.status, facts.syntax, file.is_test, facts.is_generated
    row = File(file.path, content, size, facts.lines, *said, file.package)
    count = sum(map(len, facts.tables.values()))
    errors = len(facts.tables.get("python_extraction_errors", ()))
    facts.tables["files"] = [(file.number, *row)]
    facts.tables["file_metrics"] = [(file.number, *FileMetric(facts.parse_ns, facts.extract_ns, count, errors))]
    return facts.tables
