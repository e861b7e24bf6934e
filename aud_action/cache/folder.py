"""The cache directory: one owner at a time, and no file is opened, made or deleted in it but our own."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

TAG: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n# Cache of aud: safe to delete. https://bford.info/cachedir/\n"
)
STATE, ANSWER, NAMES, DATABASE = "state", "answer", "names", "database"
FACTS, LOCK = "facts", "lock"
FACT_FILES: Final = tuple(f"{FACTS}/cache.db{suffix}" for suffix in ("", "-journal", "-wal", "-shm"))
OLD: Final = ("state.db", "state.json", "work.db", "work.db-journal")
"""What versions before this one left there."""
OURS: Final = (STATE, ANSWER, NAMES, DATABASE, *FACT_FILES, *OLD)
PARTIAL: Final = ".new"
"""A file is written under its name with this in the end, then renamed: readers see the old one or the new one."""


class Unusable(Exception):  # not an error of the run: it goes on without what was kept
    """Why the cache, or a part of it, isn't used."""


class Folder:
    """The directory while this process owns it. Raises Unusable."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = os.path.abspath(path)
        _stay_inside(self.path, os.path.abspath(root))
        try:
            _prepare(self.path)
            self._lock = _lock(os.path.join(self.path, LOCK))
        except OSError as error:
            raise Unusable(f"{path}: {error.strerror or error}") from error

    def at(self, name: str) -> str:
        """The path of one of our files."""
        return os.path.join(self.path, name)

    def size(self, name: str) -> int:
        """The size of one of our files. Raises Unusable when it is no plain file, FileNotFoundError when absent."""
        found = os.lstat(self.at(name))
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise Unusable(f"{name} is no plain file")
        return found.st_size

    def read(self, name: str, limit: int) -> bytes | None:
        """The bytes of one of our files; None when absent. Raises Unusable when it is over the limit or odd."""
        try:
            if self.size(name) > limit:
                raise Unusable(f"{name} is over {limit} bytes")
            with open(os.open(self.at(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
                return file.read(limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unusable(f"{name}: {error.strerror}") from error

    def write(self, name: str, content: bytes) -> None:
        """Replace one of our files as a whole. Raises OSError."""
        partial = self.at(name + PARTIAL)
        with suppress(FileNotFoundError):
            os.unlink(partial)
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
                file.write(content)
            os.replace(partial, self.at(name))
        finally:
            with suppress(OSError):
                os.unlink(partial)

    def drop(self, *names: str) -> None:
        """Delete files of ours; all of them without a name. A link is deleted, never what it leads to."""
        facts_is_ours = not os.path.islink(self.at(FACTS))
        for name in names or OURS:
            if facts_is_ours or not name.startswith(FACTS + "/"):
                with suppress(OSError):
                    os.unlink(self.at(name))
                with suppress(OSError):
                    os.unlink(self.at(name + PARTIAL))
        if not facts_is_ours:
            with suppress(OSError):
                os.unlink(self.at(FACTS))

    def close(self) -> None:
        """Let the next run have it."""
        os.close(self._lock)


def _stay_inside(path: str, root: str) -> None:
    """A cache below the scanned repository may not lead out of it by a link that the repository holds."""
    if os.path.islink(path):
        raise Unusable(f"{path} is a link")
    if path.startswith(root + os.sep) and not os.path.realpath(path).startswith(os.path.realpath(root) + os.sep):
        raise Unusable(f"{path} leads out of {root} by a link")


def _prepare(path: str) -> None:
    """Make the directory, or make sure that it is ours."""
    os.makedirs(path, exist_ok=True)
    tag = os.path.join(path, "CACHEDIR.TAG")
    if not os.listdir(path):
        with open(os.open(tag, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
            file.write(TAG)
        return
    try:
        with open(os.open(tag, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            ours = stat.S_ISREG(os.fstat(file.fileno()).st_mode) and file.read(len(TAG) + 1) == TAG
    except OSError:
        ours = False
    if not ours:
        raise Unusable(f"{path} is no cache of aud: give an empty or a new folder")


def _lock(path: str) -> int:
    """An open file whose lock says that the cache is ours; the system releases it however we end."""
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "the lock is no plain file")  # noqa: TRY301  # closed with every other trouble
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Unusable("another run is using the cache") from error
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
