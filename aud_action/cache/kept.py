"""The cache as a run sees it: an answer when nothing changed, facts of files that did not, or nothing at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from aud_action import advisories
from aud_action.cache import answer, identity
from aud_action.cache.answer import Answer
from aud_action.cache.changes import content_ids
from aud_action.cache.folder import ANSWER, DATABASE, FACT_FILES, NAMES, OLD, STATE, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed
from aud_action.cache.standing import mark
from aud_action.files import SourceFile, find, known_manifests
from aud_action.rules import Rule
from aud_action.settings import Settings

if TYPE_CHECKING:
    from aud_action.cache.past import Past
    from aud_action.cache.state import Told

PATIENCE: Final = 300.0
"""Seconds that what was kept may occupy us: rows that nobody wrote could lead a derivation in a circle."""


_MOST_NAMES: Final = 1 << 16


class TakesTooLong(Exception):  # raised by a signal into whatever runs
    """What was kept leads nowhere."""


class Kept:
    """What the cache directory holds for one run. Trouble with it is a note and a cold run, never an error."""

    def __init__(self, settings: Settings) -> None:
        self.notes: list[str] = []
        self.files: list[SourceFile] = []
        self.reused = 0  #: files that were not read again
        self.contents: Mapping[int, str] = {}
        self._settings = settings
        self._folder: Folder | None = None
        self._is_current = True
        self._is_spoilt = False

    def find(self) -> list[SourceFile]:
        """The files of the run, and what each holds when there is a cache. Raises WrongInput as `files.find` does."""
        settings, names = self._settings, None
        advisories.place(settings)
        if settings.cache_dir is not None and settings.root.is_dir():
            with self._forgiving():
                self._folder = Folder(settings.root / settings.cache_dir, settings.root)
            with self._forgiving(drop=True):
                names = self._names()
        self.files = find(
            settings, names, lambda folder: self.notes.append(f"{folder}/ can't be read: nothing in it was analysed")
        )
        if self._folder is not None:
            self.contents = content_ids(os.fsencode(settings.root), self.files)
            self._extraction = identity.extraction(settings)
            self._options = identity.options(settings)
            self._beside = {"advisories": advisories.identity(settings)}
            self._derived = identity.derivation(settings, self.files, self.contents, self._beside)
        return self.files

    def _names(self) -> list[str] | None:
        """Names of files to read besides Python's, as the last run of this program kept them: asking extractors is dear."""
        if self._folder is None:
            return None
        content = self._folder.read(NAMES, _MOST_NAMES)
        body = None if content is None else unsealed(content)
        program, *names = [""] if body is None else body.decode("utf-8", "replace").split("\0")
        if program == identity.program() and names and all(names):
            return names
        names = known_manifests()
        self._folder.write(NAMES, sealed("\0".join([identity.program(), *names]).encode()))
        return names

    @contextmanager
    def _forgiving(self, *, drop: bool = False) -> Iterator[None]:
        """Trouble inside becomes a note; what the cache holds is thrown away when it is the trouble."""
        try:
            yield
        except (Unusable, OSError, sqlite3.Error) as error:
            self.notes.append(f"cache: {error}")
            if drop and self._folder:
                self._folder.drop()

    def answer(self, pages: Sequence[Rule]) -> Answer | None:
        """The last run's answer when nothing has changed since."""
        return None if self._folder is None else self._told(self._derived, pages)

    def before(self, past: Past, pages: Sequence[Rule]) -> Answer | None:
        """The last run's answer, though files have changed, when these rules gave it."""
        return self._told(past.last.derived, pages) if past.last and past.last.derived else None

    def _told(self, derived: str, pages: Sequence[Rule]) -> Answer | None:
        paths = frozenset(file.path for file in self.files)
        with self._forgiving(drop=True):
            key = identity.matching(derived, self._settings, pages)
            return answer.read(self._owned, key, paths, frozenset(page.id for page in pages))
        return None

    @property
    def _owned(self) -> Folder:
        if self._folder is None:
            raise Unusable("there is none")
        return self._folder

    @property
    def _limit(self) -> int:
        return self._settings.cache_max_size << 20

    @contextmanager
    def past(self, files: Sequence[SourceFile] | None = None) -> Iterator[Past | None]:
        """
        What earlier runs know of the files of this run, or of these alone; None without a cache.

        Whatever goes wrong in the body is put down to what was kept, if anything was: it is thrown away, and the body may
        run again.
        """
        with ExitStack() as stack:
            found: Past | None = None
            for _ in range(2):  # what is thrown away the first time is not in the way the second time
                with self._forgiving(drop=True):
                    found = self._opened(stack, self.files if files is None else files)
                    break
            try:
                with _patience(found is not None and found.is_used):
                    yield found
            except Exception as error:  # rows from outside can break any reader in any way
                if found is None or not found.is_used:
                    raise
                self.notes.append(f"cache: what was kept is not usable ({type(error).__name__}: {error})")
            else:
                return
        self._owned.drop()
        if self._is_spoilt:
            self.close()
        self._is_spoilt = True

    def stands(self, database: Path) -> bool:
        """Whether a database is the one that the last run wrote, and nothing has changed since: neither it nor a file."""
        with suppress(Unusable, OSError):
            kept = self._owned.read(DATABASE, _MOST_NAMES)
            return kept is not None and unsealed(kept) == mark(database, self._derived)
        return False

    def left(self, database: Path) -> None:
        """Keep what tells the database that this run leaves from any other."""
        if self._folder is not None and self._is_current:
            with suppress(OSError):
                self._folder.write(DATABASE, sealed(mark(database, self._derived)))

    def restored(self, database: Path) -> bool:
        """Write the last run's database, as nothing has changed since; whether it could be done."""
        from aud_action.cache.restored import restore

        with self.past() as past, tempfile.TemporaryDirectory(prefix="aud-", dir=database.parent) as folder:
            if past and past.last and past.last.derived == self._derived and len(past.known) == len(self.files):
                restore(past, past.last, database, folder)
                return True
        return False

    def _opened(self, stack: ExitStack, files: Sequence[SourceFile]) -> Past | None:
        if self._folder is None:
            return None
        from aud_action.cache import state
        from aud_action.cache.facts import Facts
        from aud_action.cache.past import Past

        last = state.read(self._folder, self._limit)
        if last is None or last.extraction != self._extraction:
            self._folder.drop(
                *OLD, *([] if last is None else [STATE, ANSWER, *FACT_FILES])
            )  # another version, other limits
            last = None
        elif last.options != self._options:
            last = last._replace(derived="", reads={}, tables=b"", kept={})
        facts = Facts(self._folder, self._extraction, self._limit)
        stack.callback(facts.close)
        return Past(facts, last, self._told_by(files), self._beside)

    def _told_by(self, files: Iterable[SourceFile]) -> list[Told]:
        from aud_action.cache.state import Told

        return [Told(file.number, file.path, file.package or "", self.contents[file.number]) for file in files]

    def keep_part(self, past: Past) -> None:
        """End a run over some of the files, whose facts are kept by now."""
        with self._forgiving(drop=True):
            self._tidy(past, self._told_by(self.files))

    def _tidy(self, past: Past, files: Collection[Told]) -> None:
        if not past.forget(files):
            raise Unusable(f"the facts are over cache-max-size ({self._limit >> 20} MiB), so they aren't kept")

    def keep(
        self, past: Past, reads: Mapping[str, Any], tables: bytes, kept: Mapping[str, bytes], *, is_whole: bool
    ) -> None:
        """Keep how a run ended that has the facts of all files. reads: what each derivation has read. kept: what it keeps."""
        self._is_current = past.is_current
        if len(past.held) < len(self.files) or not past.is_current:
            reads = {}  # who can't say what a file held can't say what changed in it
        derived = self._derived if is_whole and past.is_current else ""
        from aud_action.cache.state import State, write

        with self._forgiving(drop=True):
            self._tidy(past, past.held)
            end = State(
                self._extraction, self._options, self._beside, derived, tuple(sorted(past.held)), reads, tables, kept
            )
            write(self._owned, end)

    def remember(self, pages: Sequence[Rule], told: Answer) -> None:
        """Keep what was found, for a run in which nothing has changed."""
        if self._folder is not None and self._is_current:
            with self._forgiving(drop=True):
                key = identity.matching(self._derived, self._settings, pages)
                answer.write(self._folder, told._replace(key=key))

    def close(self) -> None:
        """Let the next run have the cache."""
        if self._folder is not None:
            self._folder.close()
            self._folder = None


@contextmanager
def _patience(needed: bool) -> Iterator[None]:
    """Raise TakesTooLong into the body in the end. Only the main thread can be told so by a signal."""
    if not needed or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TakesTooLong
