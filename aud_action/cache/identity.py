"""When may a kept thing be used again? Digests of everything that it depends on."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aud_action import __version__
from aud_action.files import SourceFile
from aud_action.rules import Rule
from aud_action.settings import Settings

_HOUSE: Final = Path(__file__).resolve().parents[1]
_LATER: Final = frozenset(
    "root jobs timeout cache_dir cache_max_size fail_on fail_on_unanalysed baseline min_severity min_precision select "
    "ignore per_file_ignores severity rules".split()
)
"""Settings that no fact and no derivation depends on; matching or deciding does, or nothing."""
_BESIDE: Final = frozenset({"advisories", "accepted_advisories"})
"""Settings that one derivation alone depends on, and it says so."""
_WHOLE: Final = frozenset("paths exclude threat_models models profile".split()) | _BESIDE
"""Settings that no single file's facts depend on."""


def digest(*parts: object) -> str:
    """One name for several values."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()


@cache
def program() -> str:
    """The program itself, by the bytes of its files, on this Python."""
    specs = map(find_spec, ("schema", "extractors"))  # found, not imported: that costs more than all else in a warm run
    ground = (os.path.dirname(spec.origin or "") for spec in specs if spec)
    return digest(__version__, sys.version_info[:2], *map(folder, (*ground, os.fspath(_HOUSE))))


def folder(top: str, suffixes: tuple[str, ...] = (".py", ".toml", ".md")) -> str:
    """The files below a folder, by name and bytes; "" without such a folder."""
    found = hashlib.sha256()
    for path in sorted(_files(top, suffixes)):
        with open(path, "rb") as file:
            content = file.read()
        found.update(f"{path[len(top) :]}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return found.hexdigest() if os.path.isdir(top) else ""


def _files(top: str, suffixes: tuple[str, ...]) -> Iterable[str]:
    for where, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (os.path.join(where, name) for name in names if name.endswith(suffixes))


def extraction(settings: Settings) -> str:
    """What one file's facts depend on beside the file: the program, the limits, what is asked for."""
    return digest("facts", program(), _wanted(settings, _LATER | _WHOLE))


def _wanted(settings: Settings, without: frozenset[str]) -> list[tuple[str, object]]:
    return sorted((one.name, getattr(settings, one.name)) for one in fields(settings) if one.name not in without)


def options(settings: Settings) -> str:
    """What derivations depend on beside the rows: the models, and settings that they read."""
    models = settings.root / (settings.models or ".aud/models")
    return digest("options", folder(os.fspath(models)), _wanted(settings, _LATER | _BESIDE))


def derivation(
    settings: Settings, files: Iterable[SourceFile], contents: Mapping[int, str], beside: Mapping[str, str]
) -> str:
    """What the whole database depends on: every file, the models, what is `beside` them, and settings that derivations read."""
    held = [(file.number, file.path, file.module, contents[file.number]) for file in files]
    return digest("derived", extraction(settings), options(settings), sorted(beside.items()), held)


def matching(derived: str, settings: Settings, pages: Iterable[Rule]) -> str:
    """What the findings depend on: the database, the rules that run, and what settings make of them."""
    texts = [(page.id, page.page) for page in pages]
    return digest("matched", derived, settings.profile, sorted(settings.severity.items()), texts)
