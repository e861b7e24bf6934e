"""Where the action writes: inside the workspace, through no link, and owned by the workspace's owner afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TextIO

from aud_action.settings import WrongInput


def inside(workspace: Path, name: str, given: str) -> Path | None:
    """The path of an input, absolute; None when it is empty. Raises WrongInput for one that leads elsewhere."""
    if not given:
        return None
    home = workspace.resolve()
    path = Path(os.path.normpath(home / given))
    if path == home or not path.is_relative_to(home) or ".git" in path.relative_to(home).parts:
        raise WrongInput(f"input {name} is {given!r}; it must be a path below the workspace")
    if path.resolve() != path:
        raise WrongInput(f"input {name} is {given!r}; a symbolic link of the repository leads it elsewhere")
    if path.is_dir() and not name.endswith("-dir"):
        raise WrongInput(f"input {name} is {given!r}, which is a folder; give a file")
    return path


def relative(workspace: Path, path: Path | None) -> str:
    """The path as later steps on the host know it."""
    return "" if path is None else PurePosixPath(path.relative_to(workspace.resolve())).as_posix()


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A text file that stands there whole or not at all, and that never goes through a link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".aud-")
    draft = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        draft.chmod(0o644)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def give_back(workspace: Path, paths: list[Path | None]) -> None:
    """
    Make the workspace's owner the owner of what was written, parents included.

    The container runs as root; a self-hosted runner couldn't clean root's files away.
    """
    try:
        owner = workspace.stat()
    except OSError:
        return
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    home = workspace.resolve()
    for path in filter(None, paths):
        for one in (path, *path.parents):
            if one == home or not one.is_relative_to(home):
                break
            _chown(one, owner)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                _chown(Path(folder, name), owner)


def _chown(path: Path, owner: os.stat_result) -> None:
    try:
        if path.lstat().st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    except OSError:
        return
