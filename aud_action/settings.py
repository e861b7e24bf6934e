"""What the user wants: one frozen value from pyproject.toml or .aud.toml, action inputs and the command line."""

from __future__ import annotations

import os
import re
import tomllib
import types
import typing
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from aud_action.spelling import nearest

LevelOrNever = Literal["never", "low", "medium", "high", "critical"]
ThreatModel = Literal["remote", "cli", "env", "file", "database", "network", "library"]


class WrongInput(ValueError):
    """Something the user gave can't be used: names it, says where it stands and what to do. Exit code 2."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every option of a run. A later layer (file, inputs, command line) wins over an earlier one."""

    root: Path = Path()
    paths: tuple[str, ...] = ()  #: parts of the root to analyse; all of it when empty
    exclude: tuple[str, ...] = ()  #: gitignore patterns
    select: tuple[str, ...] = ()  #: rules to run; all of the profile when empty
    ignore: tuple[str, ...] = ()  #: rules not to run
    profile: Literal["default", "audit", "strict"] = "default"  #: strict: low precision and tests too; audit: all
    min_severity: Literal["low", "medium", "high", "critical"] = "low"  #: report from this severity on
    min_precision: Literal["low", "medium", "high", "very-high"] | None = None  #: the profile's when not given
    fail_on: LevelOrNever = "high"  #: exit 1 from this severity on
    fail_on_unanalysed: bool = False  #: exit 1 when a file could not be analysed
    threat_models: tuple[ThreatModel, ...] = ("remote",)  #: whose input to follow
    taint: bool = True  #: follow data from sources to sinks
    severity: dict[str, float] = field(default_factory=dict)  #: rule -> severity up to 10.0, or low, medium, …
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)  #: gitignore pattern -> rules, or "*"
    jobs: int = 0  #: processes; 0 is one per core
    max_file_size: int = 2_000_000  #: bytes; a larger file is listed as not analysed
    file_timeout: int = 30  #: seconds for one file
    timeout: int = 0  #: seconds for the whole run; 0 is no limit
    baseline: str | None = None  #: file of accepted findings: `aud baseline` or an earlier SARIF
    rules: str | None = None  #: folder with rule pages of the user; .aud/rules when it is there
    models: str | None = None  #: folder with taint models of the user; .aud/models when it is there
    advisories: str | None = (
        None  #: OSV records: a folder, .zip, .json or .jsonl; .aud/advisories.jsonl when it is there
    )
    accepted_advisories: tuple[str, ...] = ()  #: identifiers of advisories that do this project no harm
    cache_dir: str | None = None  #: folder in which what is known is kept between runs
    cache_max_size: int = 500  #: MiB that the cache may take

    @property
    def processes(self) -> int:
        """How many worker processes to start."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.jobs or cores or 1


_HINTS = typing.get_type_hints(Settings)
_LEVELS = {"low": 0.1, "medium": 4.0, "high": 7.0, "critical": 9.0}
"""Where each level of severity begins."""
_OUR_TABLE = re.compile(r"^\s*\[+\s*tool\s*\.\s*aud\b", re.MULTILINE)
KEYS = {entry.name.replace("_", "-"): entry.name for entry in fields(Settings) if entry.name != "root"}


def _choices(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) is Literal:
        return typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return tuple(choice for part in typing.get_args(hint) for choice in _choices(part))
    return ()


def checked(name: str, value: object, where: str) -> Any:
    """A setting's value in its own type. Raises WrongInput naming the key, the place and the allowed values."""
    hint = _HINTS[name]
    key = f"{where}: {name.replace('_', '-')}"
    origin = typing.get_origin(hint)
    if origin is tuple:
        items = value if isinstance(value, (list, tuple)) else [value]
        allowed = _choices(typing.get_args(hint)[0])
        return tuple(_one(key, item, allowed, str) for item in items)
    if origin is dict:
        if not isinstance(value, dict):
            raise WrongInput(f"{key} is {value!r}; it must be a table")
        return {str(one): _entry(key, one, item, name) for one, item in value.items()}
    kind = next((kind for kind in (bool, int) if hint is kind), str)
    return _one(key, value, _choices(hint), kind)


def _entry(key: str, one: str, item: object, name: str) -> Any:
    if name == "severity":
        item = _LEVELS.get(item, item) if isinstance(item, str) else item
        if isinstance(item, bool) or not isinstance(item, (int, float)) or not 0 < item <= 10:
            raise WrongInput(
                f"{key}.{one} is {item!r}; it must be a number over 0.0 up to 10.0, or one of {', '.join(_LEVELS)}"
            )
        return float(item)
    return tuple(str(rule) for rule in item) if isinstance(item, (list, tuple)) else (str(item),)


def _one(key: str, value: object, allowed: tuple[Any, ...], kind: type) -> Any:
    if allowed and value not in allowed:
        words = ", ".join(str(choice) for choice in allowed)
        raise WrongInput(f"{key} is {value!r}; use one of {words}{nearest(str(value), map(str, allowed))}")
    if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 0)):  # type: ignore[operator]  # an int by the first test
        raise WrongInput(
            f"{key} is {value!r}; it must be {'a whole number, 0 or more' if kind is int else f'of type {kind.__name__}'}"
        )
    return value


def configured(settings: Settings, table: dict[str, Any], where: str) -> Settings:
    """The settings with a configuration table on top. Raises WrongInput for an unknown key or a wrong value."""
    changes = {}
    for key, value in table.items():
        name = KEYS.get(key.replace("_", "-"))
        if name is None:
            remedy = f"; keys of {where} stand at its top, under no table" if key == "tool" else nearest(key, KEYS)
            raise WrongInput(f"{where}: unknown key {key!r}{remedy}")
        changes[name] = checked(name, value, where)
    return replace(settings, **changes)


def from_files(root: Path, config: Path | None = None) -> Settings:
    """The settings of `config`, else of `.aud.toml`, else of `[tool.aud]` in pyproject.toml, else the defaults."""
    settings = Settings(root=root)
    for path in (config,) if config else (root / ".aud.toml", root / "pyproject.toml"):
        if not path.is_file():
            if config:
                raise WrongInput(f"{path}: no such configuration file")
            continue
        table = _table(path, config)
        tool = table.get("tool", {})
        own = tool.get("aud") if path.name == "pyproject.toml" and isinstance(tool, dict) else table
        if isinstance(own, dict):
            return configured(settings, own, path.name if path.parent == root else str(path))
    return settings


def _table(path: Path, config: Path | None) -> dict[str, Any]:
    """What a configuration file says. Raises WrongInput."""
    text = ""
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, OSError) as error:
        if path.name == "pyproject.toml" and not config and not _OUR_TABLE.search(text):
            return {}  # a broken pyproject that doesn't speak of us is the scanned project's own business
        raise WrongInput(f"{path}: {error}") from error


def target(paths: typing.Sequence[Path]) -> tuple[Path, tuple[str, ...] | None]:
    """
    The root of a run, and the parts of it that are wanted alone, of paths on the command line.

    One folder is the root itself. Files, or several folders, are parts of the current folder, or of the nearest one that holds
    them all.

    >>> target([Path("/")]), target([])
    ((PosixPath('/'), None), (PosixPath('.'), None))
    """
    if len(paths) < 2 and not any(path.is_file() for path in paths):
        return (paths[0] if paths else Path()), None
    here, real = Path.cwd(), [Path(os.path.abspath(path)) for path in paths]
    inside = all(path.is_relative_to(here) for path in real)
    root = here if inside else Path(os.path.commonpath([path.parent for path in real]))
    return (Path() if inside else root), tuple(str(path.relative_to(root)) for path in real)
