"""The cache as a run sees it: an answer when nothing changed, a database to bring up to date, or nothing at all."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from aud_action.cache import answer, identity, state
from aud_action.cache.answer import Answer
from aud_action.cache.changes import content_ids
from aud_action.cache.folder import FACT_FILES, NAMES, STATE, WORK, Folder, Unusable
from aud_action.cache.seal import sealed, unsealed
from aud_action.files import SourceFile, find, known_manifests
from aud_action.rules import Rule
from aud_action.settings import Settings

if TYPE_CHECKING:
    from aud_action.cache.facts import Facts
    from aud_action.store import Store

PATIENCE: Final = 300.0
"""Seconds that a kept database may occupy us: rows that nobody wrote could lead a derivation in a circle."""


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

    def find(self) -> list[SourceFile]:
        """The files of the run, and what each holds when there is a cache. Raises WrongInput as `files.find` does."""
        settings, names = self._settings, None
        if settings.cache_dir is not None and settings.root.is_dir():
            with self._forgiving():
                self._folder = Folder(settings.root / settings.cache_dir, settings.root)
            with self._forgiving(drop=True):
                names = self._names()
        self.files = find(settings, names)
        if self._folder is not None:
            self.contents = content_ids(os.fsencode(settings.root), self.files)
            self._extraction = identity.extraction(settings)
            self._derived = identity.derivation(settings, self.files, self.contents)
            self._options = identity.options(settings)
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

    @property
    def is_usable(self) -> bool:
        """Whether there is a cache that may be written."""
        return self._folder is not None

    def answer(self, pages: Sequence[Rule], database: Path | None) -> Answer | None:
        """The last run's answer when nothing has changed since; its database is copied where one is wanted."""
        if self._folder is None:
            return None
        paths = frozenset(file.path for file in self.files)
        with self._forgiving(drop=True):
            key = identity.matching(self._derived, self._settings, pages)
            found = answer.read(self._folder, key, paths, frozenset(page.id for page in pages))
            if found is not None and (database is None or self._copied(database)):
                self.reused = len(self.files)
                return found
        return None

    def _copied(self, database: Path) -> bool:
        """Whether the kept database is the one that is wanted, and stands there now."""
        folder = self._owned
        about = state.read_seal(folder)
        if about is None or about.derived != self._derived:
            return False
        state.vet(folder, about, self._limit)
        shutil.copyfile(folder.at(STATE), database)
        return True

    @property
    def _owned(self) -> Folder:
        if self._folder is None:
            raise Unusable("there is none")
        return self._folder

    @property
    def _limit(self) -> int:
        return self._settings.cache_max_size << 20

    @contextmanager
    def warm(self) -> Iterator[Warm | None]:
        """
        The kept database for the body to bring up to date; None when there is none that helps.

        Whatever goes wrong in the body is put down to what was kept: it is thrown away, and the run starts cold.
        """
        found: Warm | None = None
        with self._forgiving(drop=True):
            found = self._opened()
        try:
            with _patience(found is not None):
                yield found
        except Exception as error:  # rows from outside can break any reader in any way
            if found is None:
                raise
            self.notes.append(f"cache: the kept database is not usable ({type(error).__name__}: {error})")
            found.store.close()
            self._owned.drop()

    def _opened(self) -> Warm | None:
        if self._folder is None or (about := state.read_seal(self._folder)) is None:
            return None
        if about.extraction != self._extraction:
            self._folder.drop()  # another version, other limits: every row would be another
            return None
        state.vet(self._folder, about, self._limit)
        store = state.take(self._folder)
        try:
            changed = state.difference(store, self.files, self.contents)
        except BaseException:
            store.close()
            raise
        self.reused = len(self.files) - len(changed.missing)
        reads = about.reads if about.options == self._options else {}
        return Warm(self, store, changed, about.derived == self._derived, reads)

    def facts(self) -> Facts | None:
        """What is known of content that the kept database hasn't; None when that can't be had."""
        from aud_action.cache.facts import Facts

        try:
            return Facts(self._owned, self._extraction, self._limit // 4)
        except (Unusable, OSError, sqlite3.Error) as error:
            self.notes.append(f"cache: {error}")
            self._owned.drop(*FACT_FILES)
        return None

    def _about(self, reads: Mapping[str, Any], is_whole: bool) -> state.Seal:
        """What the database is; one whose derivations were cut short is none that a run may take as it stands."""
        return state.Seal(self._extraction, self._derived if is_whole else "", "", [], self._options, reads)

    def give_back(self, warm: Warm, database: Path | None, reads: Mapping[str, Any] | None, *, is_whole: bool) -> None:
        """End a warm run: the database is copied where it is wanted, and kept unless facts are missing (no reads)."""
        warm.store.close()
        folder = self._owned
        if database is not None:
            shutil.copyfile(folder.at(WORK), database)
        if reads is not None:
            with self._forgiving(drop=True):
                state.give_back(folder, self._about(reads, is_whole))
        else:
            folder.drop()

    def keep(self, database: str, reads: Mapping[str, Any], *, is_whole: bool) -> None:
        """Keep a cold run's closed database. reads: what each derivation has read of it."""
        if self._folder is not None:
            with self._forgiving(drop=True):
                state.keep(self._folder, database, self._limit, self._about(reads, is_whole))

    def remember(self, pages: Sequence[Rule], told: Answer) -> None:
        """Keep what was found, for a run in which nothing has changed."""
        if self._folder is not None:
            with self._forgiving(drop=True):
                key = identity.matching(self._derived, self._settings, pages)
                answer.write(self._folder, told._replace(key=key))

    def close(self) -> None:
        """Let the next run have the cache."""
        if self._folder is not None:
            self._folder.close()
            self._folder = None


class Warm:
    """A kept database in our hands, and what has to be done to it."""

    def __init__(
        self, kept: Kept, store: Store, changed: state.Difference, is_current: bool, reads: Mapping[str, Any]
    ) -> None:
        self.kept = kept
        self.store = store
        self.changed = changed
        self.is_current = is_current  #: its derived tables are already what they should be
        self.reads = reads  #: what each derivation had read, where it may be believed still


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
