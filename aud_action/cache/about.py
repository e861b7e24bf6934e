"""What stands in a cache directory, for people."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aud_action.cache import identity, state
from aud_action.cache.bytesdisk import vet
from aud_action.cache.folder import ANSWER, FACTS, OURS, STATE, Folder, Unusable
from aud_action.settings import Settings, WrongInput


def info(settings: Settings) -> Iterator[str]:
    """A line for each thing that is kept. Raises WrongInput for what is no cache."""
    with _opened(settings) as folder:
        yield f"{folder.path}: {_megabytes(sum(_size(folder, name) for name in OURS))}"
        for name, what in ((f"{FACTS}/cache.db", "facts"), (STATE, "what follows from them"), (ANSWER, "findings")):
            if size := _size(folder, name):
                yield f"{what}: {_megabytes(size)}{_verdict(settings, folder) if name == STATE else ''}"


def _verdict(settings: Settings, folder: Folder) -> str:
    try:
        vet(folder.at(FACTS))
        found = state.read(folder, settings.cache_max_size << 20)
    except Unusable as error:
        return f", not used: {error}"
    if found is None or found.extraction != identity.extraction(settings):
        return ", of another version or other limits: not used"
    return ", usable"


def clear(settings: Settings) -> str:
    """Forget everything; what was freed. Raises WrongInput for what is no cache."""
    with _opened(settings) as folder:
        freed = sum(_size(folder, name) for name in OURS)
        folder.drop()
        return f"{folder.path}: {_megabytes(freed)} freed"


@contextmanager
def _opened(settings: Settings) -> Iterator[Folder]:
    path = settings.root / Path(settings.cache_dir or "")
    if not path.is_dir():
        raise WrongInput(f"{path}: no such cache")
    try:
        folder = Folder(path, settings.root)
    except Unusable as error:
        raise WrongInput(str(error)) from error
    try:
        yield folder
    finally:
        folder.close()


def _size(folder: Folder, name: str) -> int:
    with suppress(OSError):
        return os.lstat(folder.at(name)).st_size
    return 0


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
