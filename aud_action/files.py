"""Which files there are, and what each of them is."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import translate
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from aud_action.settings import Settings, WrongInput

FILE_BITS: Final = 24
"""A file's number is a hash of so many bits."""
SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
_TEMPLATE = re.compile(r"(^|/)(templates?|jinja2?)/(.+/)?[^/]+\.(html?|djhtml)$|\.(jinja2?|html?\.j2|html?\.jinja2?)$")
_TEMPLATE_ENDS = ("html", "htm", "j2", "jinja", "jinja2")
_SKIPPED = frozenset(
    ".git .hg .svn .tox .nox .venv venv .eggs __pycache__ node_modules site-packages .mypy_cache .ruff_cache "
    ".pytest_cache .aud-cache .hypothesis .ipynb_checkpoints".split()
)
_TEST = re.compile(
    r"(^t|(^|/)(_?tests?|testing|[Uu]nit_?[Tt]ests?|test_?utils|test_?(?:app|project|site)s?|\.github(?!/workflows/)))/|(^|/)(test_[^/]*|[^/]*_tests?|tests?|conftest)\.pyi?$"
)


class SourceFile(NamedTuple):
    """One file to analyse."""

    number: int  #: a 24-bit hash of the path
    path: str  #: relative to the root, `/` between parts, printable as text
    real: bytes  #: what to open
    size: int
    module: str  #: dotted name; of a notebook one that nothing is imported by
    is_package: bool

    @property
    def is_template(self) -> bool:
        """Whether it is a template of HTML pages, not Python."""
        return bool(_TEMPLATE.search(self.path))

    @property
    def package(self) -> str | None:
        """The name it is imported by, if it can be."""
        return None if self.is_notebook else self.module or None

    @property
    def is_notebook(self) -> bool:
        """Whether it holds Python among other things."""
        return self.path.endswith(".ipynb")

    @property
    def is_test(self) -> bool:
        """Whether the path is a test's, by convention."""
        return bool(_TEST.search(self.path))


def find(
    settings: Settings, manifests: Sequence[str] | None = None, closed: Callable[[str], object] = str
) -> list[SourceFile]:
    """
    Every Python file and manifest of the run, sorted by path. Raises WrongInput for a path that can't be scanned or holds none.

    manifests: patterns of names of files to read besides Python's; those of the extractors when None.
    closed: is told of each folder that can't be read.
    """
    wanted = _names(known_manifests() if manifests is None else manifests)
    root = os.fsencode(settings.root)
    if not os.path.lexists(root):
        raise WrongInput(f"{settings.root}: no such file or folder")
    if not os.path.isdir(root):
        raise WrongInput(f"{settings.root}: not a folder; give the folder it is in")
    found = sorted((_text(path), real, size) for path, real, size in _walk(root, settings, wanted, closed))
    if not any(path.endswith(SUFFIXES) for path, _, _ in found):
        where = ", ".join(settings.paths) or settings.root
        raise WrongInput(f"{where}: no Python file in it" + (" but what is excluded" if settings.exclude else ""))
    folders = {path.rpartition("/")[0] for path, _, _ in found if path.endswith(("/__init__.py", "/__init__.pyi"))}
    numbers = numbered([path for path, _, _ in found])
    return [
        SourceFile(
            numbers[path], path, real, size, *(module_name(path, folders) if path.endswith(SUFFIXES) else ("", False))
        )
        for path, real, size in found
    ]


def known_manifests() -> list[str]:
    """Patterns of names of files, some with their folder's, that extractors read besides Python's."""
    from extractors.texts import patterns

    return patterns()


def _names(patterns: Sequence[str]) -> Callable[[str, str], bool]:
    """
    Whether a file's name, or folder and name, is one of some patterns; most files are told by their suffix alone.

    >>> wanted = _names(["*requirements.txt", "specs/*.yml", "LICEN[CS]E"])
    >>> wanted("a", "dev-requirements.txt"), wanted("b/specs", "x.yml"), wanted("specs/c", "x.yml"), wanted("", "LICENSE")
    (True, True, False, True)
    """
    kept: dict[str, list[str]] = {}
    for pattern in patterns:
        kept.setdefault(_suffix(pattern.rpartition("/")[2]), []).append(pattern)
    asked = {suffix: re.compile("|".join(map(translate, some))).match for suffix, some in kept.items()}

    def wanted(folder: str, name: str) -> bool:
        match = asked.get(_suffix(name))
        return match is not None and bool(match(name) or match(f"{folder.rpartition('/')[2]}/{name}"))

    return wanted


def _suffix(name: str) -> str:
    """What stands behind the last dot of a name; "" when it has none."""
    return name.rpartition(".")[2] if "." in name else ""


def _text(path: bytes) -> str:
    """A path as text: bytes that are no UTF-8 become escapes, so that it can be stored and printed."""
    return path.decode("utf-8", "backslashreplace")


def _walk(
    root: bytes, settings: Settings, wanted: Callable[[str, str], bool], closed: Callable[[str], object]
) -> Iterator[tuple[bytes, bytes, int]]:
    """Relative path, real path and size of each file; links are not followed, so nothing outside is read."""
    excluded = _patterns(settings.exclude)
    starts = [_start(settings.root, path) for path in settings.paths] or [b""]
    stack = [start for start in starts if os.path.isdir(os.path.join(root, start))]
    for start in set(starts) - set(stack):
        yield start, os.path.join(root, start), os.lstat(os.path.join(root, start)).st_size
    seen: set[bytes] = set()
    while stack:
        folder = stack.pop()
        if folder in seen:
            continue
        seen.add(folder)
        inner = _text(folder)
        entries = _entries(os.path.join(root, folder))
        if entries is None:
            closed(inner)
        for entry in entries or ():
            path = folder + b"/" + entry.name if folder else entry.name
            name = _text(entry.name)
            if entry.is_dir(follow_symlinks=False):
                if name not in _SKIPPED and not excluded(_text(path) + "/"):
                    stack.append(path)
            elif (
                name.endswith(SUFFIXES)
                or wanted(inner, name)
                or (name.endswith(_TEMPLATE_ENDS) and _TEMPLATE.search(_text(path)))
            ) and entry.is_file(follow_symlinks=False):
                if not excluded(_text(path)):
                    yield path, entry.path, entry.stat(follow_symlinks=False).st_size


def _patterns(lines: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a path is excluded. The library is imported by who needs it: it costs as much as a thousand files."""
    if not lines:
        return lambda _path: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines).match_file


def _entries(folder: bytes) -> list[os.DirEntry[bytes]] | None:
    """What is in a folder; None when it may not be read, or went since it was seen."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (PermissionError, FileNotFoundError):
        return None


def _start(root: Path, path: str) -> bytes:
    """One of the `paths` of the settings, as a path below the root."""
    relative = PurePosixPath(os.path.relpath(root / path, root).replace(os.sep, "/"))
    if relative.parts[:1] == ("..",):
        raise WrongInput(f"{path}: outside {root}")
    if not (root / relative).exists():
        raise WrongInput(f"{path}: no such file or folder in {root}")
    return b"" if str(relative) == "." else os.fsencode(str(relative))


def module_name(path: str, packages: set[str]) -> tuple[str, bool]:
    """
    The dotted name a file is imported by, and whether it is a package's `__init__`.

    The name starts at the outermost folder with an `__init__.py`; without any, at the root or below `src/`.

    >>> module_name("lib/shop/views.py", {"lib/shop"}), module_name("src/a/b.py", set()), module_name("x/__init__.py", {"x"})
    (('shop.views', False), ('a.b', False), ('x', True))
    >>> module_name("src/a/b.ipynb", set())
    ('a.b.ipynb', False)
    """
    if not path.endswith(SUFFIXES):
        return "", False
    folder, _, name = path.rpartition("/")
    stem = name if name.endswith(".ipynb") else name.rpartition(".")[0]
    top = folder
    while top in packages:
        top = top.rpartition("/")[0] if "/" in top else ""
        if not top:
            break
    inner = folder[len(top) :].strip("/") if folder in packages else folder.removeprefix("src/").removeprefix("src")
    parts = [part for part in inner.split("/") if part]
    is_package = stem == "__init__"
    return ".".join(parts if is_package else [*parts, stem]), is_package


def numbered(paths: Iterable[str]) -> dict[str, int]:
    """
    A number for each path that depends on the set of paths alone, so that any run gives the same.

    A 24-bit hash; where two collide, the later one in sorted order takes the next free number.
    """
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for path in sorted(paths):
        number = int.from_bytes(hashlib.sha256(path.encode()).digest()[:3], "big")
        while number in taken or not number:
            number = (number + 1) % (1 << FILE_BITS)
        taken.add(number)
        numbers[path] = number
    return numbers


def content_id(content: bytes) -> str:
    """What a file holds: git's blob id, so that a checkout's index already knows it."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
