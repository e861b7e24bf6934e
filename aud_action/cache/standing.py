"""The database that the last run wrote, known again as nobody has touched it since: it need not be put together once more."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from aud_action.cache.changes import seen


def mark(database: Path, derived: str) -> bytes:
    """
    What tells a database from any other: what it follows from, its times, its place on the disk, and its bytes.

    Times and place nobody can choose who brings a cache and a database with him; the bytes tell of a change within one tick of the
    clock. Raises OSError, and for what is no file of one name.
    """
    descriptor = os.open(database, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
            raise OSError(f"{database} is no plain file")
        told = (
            derived,
            os.path.abspath(database),
            about.st_dev,
            *seen(about),
            hashlib.file_digest(file, "sha256").hexdigest(),
        )
    return "\0".join(map(str, told)).encode("utf-8", "surrogateescape")
