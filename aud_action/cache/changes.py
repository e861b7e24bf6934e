"""
What each file holds now, as git's blob id: from the checkout's index where it vouches for the file, else by reading.

The index is read here, without running git: a repository's configuration can make `git status` run commands. As git
does, an entry is believed when size, inode and both times are the recorded ones to the nanosecond and lie before the
index was written. A fresh checkout has such an index; anything else is read and hashed.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from aud_action.files import SourceFile

_ENTRY: Final = struct.Struct(">10I20sH")
_HEADER: Final = struct.Struct(">4sII")
_MAX_INDEX: Final = 256 << 20
_LONG, _STAGE = 0x4000, 0x3000
_WORD: Final = 0xFFFFFFFF


class Entry(NamedTuple):
    """One file as the index saw it."""

    seen: tuple[int, ...]  #: times, inode and size
    blob: bytes


class Index(NamedTuple):
    """A checkout's index: entries by path relative to its top, and when it was written."""

    top: bytes
    written: tuple[int, int]  #: seconds and nanoseconds
    entries: Mapping[bytes, Entry]


def content_ids(root: bytes, files: Iterable[SourceFile]) -> dict[int, str]:
    """The content id of each file by its number; "" for one that can't be read."""
    root = os.path.abspath(root)
    index = read_index(root)
    if index is None:
        return {file.number: hashed(file.real) for file in files}
    inside = root[len(index.top) :].strip(b"/")
    skip = len(os.path.join(os.fsencode(root), b""))
    prefix = inside + b"/" if inside else b""
    found = {}
    for file in files:
        entry = index.entries.get(prefix + os.path.abspath(file.real)[skip:])
        found[file.number] = entry.blob.hex() if entry and vouched(entry, file.real, index) else hashed(file.real)
    return found


def vouched(entry: Entry, path: bytes, index: Index) -> bool:
    """Whether the file is still the one that the index saw."""
    try:
        now = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(now.st_mode) and seen(now) == entry.seen and entry.seen[2:4] < index.written


def seen(now: os.stat_result) -> tuple[int, ...]:
    """What the index remembers of a file: change time, modification time, inode, size; 32 bits of each number."""
    (changed, changed_ns), (modified, modified_ns) = (divmod(ns, 10**9) for ns in (now.st_ctime_ns, now.st_mtime_ns))
    numbers = (changed, changed_ns, modified, modified_ns, now.st_ino, now.st_size)
    return tuple(number & _WORD for number in numbers)


def hashed(path: bytes) -> str:
    """The blob id in git of a file's bytes; "" when it can't be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size -= len(chunk)
    except OSError:
        return ""
    return "" if size else digest.hexdigest()


def read_index(root: bytes) -> Index | None:
    """The index of the checkout that a folder is in; None without one that we can read whole."""
    top = root
    while not os.path.lexists(os.path.join(top, b".git")):
        above = os.path.dirname(top)
        if above == top:
            return None
        top = above
    try:
        path = os.path.join(_git_folder(top), b"index")
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_size > _MAX_INDEX:
                return None
            entries = parsed(file.read())
    except OSError:
        return None
    written = divmod(about.st_mtime_ns, 10**9)
    return None if entries is None else Index(top, (written[0] & _WORD, written[1]), entries)


def _git_folder(top: bytes) -> bytes:
    """`.git`, or where it says that the folder is: a linked work tree."""
    git = os.path.join(top, b".git")
    if os.path.isdir(git):
        return git
    with open(os.open(git, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return os.path.join(top, file.read(4096).removeprefix(b"gitdir:").strip())


def parsed(data: bytes) -> dict[bytes, Entry] | None:
    """
    The entries of an index (gitformat-index, versions 2 and 3); None for one that is damaged or of another form.

    Not followed: version 4, SHA-256 repositories, split indexes. Their files are read and hashed.
    """
    if len(data) < 32 or hashlib.sha1(data[:-20], usedforsecurity=False).digest() != data[-20:]:
        return None
    magic, version, count = _HEADER.unpack_from(data)
    if magic != b"DIRC" or version not in {2, 3}:
        return None
    entries: dict[bytes, Entry] = {}
    offset = _HEADER.size
    try:
        for _ in range(count):
            fields = _ENTRY.unpack_from(data, offset)
            start = offset + _ENTRY.size + (2 if fields[11] & _LONG else 0)
            end = data.index(b"\0", start)
            if not fields[11] & _STAGE:
                entries[data[start:end]] = Entry((*fields[:4], fields[5], fields[9]), fields[10])
            offset += (end - offset + 8) & ~7
    except (struct.error, ValueError):
        return None
    return None if _is_split(data, offset) else entries


def _is_split(data: bytes, offset: int) -> bool:
    """Whether some entries stand in another file."""
    while offset + 8 <= len(data) - 20:
        name, size = data[offset : offset + 4], int.from_bytes(data[offset + 4 : offset + 8], "big")
        if name == b"link":
            return True
        offset += 8 + size
    return False
