"""Manifests and locks: pyproject.toml, setup.cfg, Pipfile, environment.yml, and what the resolvers write."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from extractors.outline import Outline, Scalar, outline
from extractors.project.requirement import dependency, index, normal
from extractors.texts import Text, reads
from schema.project import Dependency, EntryPointDeclaration, Manifest

Rows = Iterator[tuple[int, Any]]


def _table(value: Any, *names: str) -> dict[str, Any]:
    """The table at a path of names; an empty one when it is missing or something else."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _listed(text: Text, values: Any, group: str, kind: str) -> Rows:
    for value in _list(values):
        row = dependency(value, group, kind) if isinstance(value, str) else None
        if row is not None and isinstance(value, str):
            yield (
                text.line_of(re.split(r'[\n"\\]', value[:60])[0].rstrip()),
                row,
            )  # a quote may be written with a backslash


@reads("pyproject.toml")
def pyproject(text: Text) -> Rows:
    """Each dependency, index and entry point of a pyproject.toml: PEP 621, PEP 735, Poetry, PDM, uv, Hatch."""
    data = tomllib.loads(text.text)
    project, build, poetry = _table(data, "project"), _table(data, "build-system"), _table(data, "tool", "poetry")
    name = _text(project.get("name")) or _text(poetry.get("name"))
    version = _text(project.get("version")) or _text(poetry.get("version"))
    python = _text(project.get("requires-python")) or _text(_table(poetry, "dependencies").get("python"))
    yield 1, Manifest("pyproject", name, version, _text(build.get("build-backend")), python)
    yield from _listed(text, build.get("requires"), "", "build")
    yield from _listed(text, project.get("dependencies"), "", "requirement")
    for group, values in _table(project, "optional-dependencies").items():
        yield from _listed(text, values, group, "optional")
    for group, values in {
        **_table(data, "tool", "pdm", "dev-dependencies"),
        **_table(data, "dependency-groups"),
    }.items():
        yield from _listed(text, values, group, "group")
    yield from _listed(text, _table(data, "tool", "uv").get("dev-dependencies"), "dev", "group")
    yield from _poetry(text, poetry)
    yield from _scripts(text, project, poetry)
    for tool, extra in (("uv", "index"), ("poetry", "source"), ("pdm", "source")):
        for number, entry in enumerate(_list(_table(data, "tool", tool).get(extra))):
            if isinstance(entry, dict) and isinstance(entry.get("url"), str):
                yield text.line_of(entry["url"]), index("index", entry["url"], extra=number > 0)


def _scripts(text: Text, project: dict[str, Any], poetry: dict[str, Any]) -> Rows:
    groups = {"console_scripts": {**_table(project, "scripts"), **_table(poetry, "scripts")}}
    groups["gui_scripts"] = _table(project, "gui-scripts")
    groups |= {
        group: entries for group, entries in _table(project, "entry-points").items() if isinstance(entries, dict)
    }
    groups |= {group: entries for group, entries in _table(poetry, "plugins").items() if isinstance(entries, dict)}
    for group, entries in groups.items():
        for name, target in entries.items():
            if isinstance(target, str):
                yield text.line_of(target), EntryPointDeclaration(group, name, target)


def _poetry(text: Text, poetry: dict[str, Any]) -> Rows:
    tables = [("", "requirement", _table(poetry, "dependencies")), ("dev", "group", _table(poetry, "dev-dependencies"))]
    tables += [(group, "group", _table(poetry, "group", group, "dependencies")) for group in _table(poetry, "group")]
    for group, kind, entries in tables:
        for name, given in entries.items():
            if name != "python":
                for entry in given if isinstance(given, list) else [given]:
                    yield text.line_of(name), _poetic(name, entry, group, kind)


def _poetic(name: str, given: Any, group: str, kind: str) -> Dependency:
    """A dependency as Poetry and Pipfile write it: a specifier, or a table of what is wanted."""
    options = given if isinstance(given, dict) else {"version": given}
    specifier = _text(options.get("version"))
    specifier = None if specifier in {None, "*"} else specifier
    sources = (("git", "vcs"), ("hg", "vcs"), ("url", "url"), ("file", "path"), ("path", "path"))
    source = next((word for key, word in sources if key in options), "index")
    bare = re.fullmatch(r"={0,3}\s*(\d[\w.+!-]*)", specifier or "")
    extras = [str(extra) for extra in _list(options.get("extras"))]
    source = "editable" if options.get("editable") is True or options.get("develop") is True else source
    return Dependency(
        normal(name),
        specifier,
        bare[1] if bare else None,
        "optional" if options.get("optional") is True else group,
        kind,
        ",".join(sorted(extras)) or None,
        _text(options.get("markers")),
        source,
        bare is not None or "rev" in options,
        False,
        True,
    )


@reads("Pipfile")
def pipfile(text: Text) -> Rows:
    """Each dependency and source of a Pipfile."""
    data = tomllib.loads(text.text)
    yield 1, Manifest("pipfile", None, None, None, _text(_table(data, "requires").get("python_version")))
    for section, group in (("packages", ""), ("dev-packages", "dev")):
        for name, given in _table(data, section).items():
            yield text.line_of(name), _poetic(name, given, group, "group" if group else "requirement")
    for number, entry in enumerate(_list(data.get("source"))):
        if isinstance(entry, dict) and isinstance(entry.get("url"), str):
            line = text.line_of(entry["url"])
            yield line, index("index", entry["url"], extra=number > 0)
            if entry.get("verify_ssl") is False:
                yield line, index("trusted-host", entry["url"], extra=True)


@reads("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.*.toml")
def lock(text: Text) -> Rows:
    """Each package of a lock in TOML."""
    data = tomllib.loads(text.text)
    python = _text(data.get("requires-python")) or _text(_table(data, "metadata").get("python-versions"))
    yield 1, Manifest("lock", None, None, None, python)
    for entry in _list(data.get("package")) or _list(data.get("packages")):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield _line(text, entry["name"], entry.get("version")), _locked(entry)


def _line(text: Text, name: str, version: Any) -> int:
    """Where a locked package begins: its name on a line, with its version on the next."""
    found = re.search(
        rf'^name = "{re.escape(name)}"\r?\nversion = "{re.escape(str(version))}"', text.text, re.MULTILINE
    )
    return text.line_at(found.start()) if found else text.line_of(f'name = "{name}"')


_PLACES: Final = {"git": "vcs", "vcs": "vcs", "url": "url", "archive": "url", "path": "path", "directory": "path"}


def _locked(entry: dict[str, Any]) -> Dependency:
    version = _text(entry.get("version"))
    where = _table(entry, "source") | {key: entry[key] for key in ("vcs", "archive", "directory") if key in entry}
    source = next((word for key, word in _PLACES.items() if key in where or where.get("type") == key), "index")
    source = "editable" if "editable" in where or "virtual" in where or entry.get("editable") is True else source
    files = [*_list(entry.get("wheels")), *_list(entry.get("files")), entry.get("sdist")]
    hashed = any(isinstance(file, dict) and ("hash" in file or "hashes" in file) for file in files)
    group = ",".join(sorted(str(name) for name in _list(entry.get("groups")) if name not in {"main", "default"}))
    marker = _text(entry.get("marker")) or _text(entry.get("markers"))
    return Dependency(
        normal(str(entry["name"])),
        f"=={version}" if version else None,
        version,
        group,
        "locked",
        None,
        marker,
        source,
        version is not None,
        hashed,
        False,
    )


@reads("Pipfile.lock")
def pipfile_lock(text: Text) -> Rows:
    """Each package of a Pipfile.lock."""
    data = json.loads(text.text)
    yield 1, Manifest("lock", None, None, None, _text(_table(data, "_meta", "requires").get("python_version")))
    for section, group in (("default", ""), ("develop", "dev")):
        for name, entry in _table(data, section).items():
            options = entry if isinstance(entry, dict) else {}
            row = _poetic(name, options, group, "locked")
            yield (
                text.line_of(f'"{name}"', f'"{section}"'),
                row._replace(has_hash=bool(options.get("hashes")), is_direct=False),
            )


@reads("setup.cfg")
def setup_cfg(text: Text) -> Rows:
    """Each dependency and entry point of a setup.cfg."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text.text)
    if not parser.has_section("metadata") and not parser.has_section("options"):
        return
    found = {key: parser.get(*place, fallback=None) for key, place in {
        "name": ("metadata", "name"), "version": ("metadata", "version"), "python": ("options", "python_requires"),
    }.items()}  # fmt: skip
    yield 1, Manifest("setup.cfg", found["name"], found["version"], None, found["python"])
    wanted = [("", "requirement", parser.get("options", "install_requires", fallback=""))]
    wanted += [("", "build", parser.get("options", "setup_requires", fallback=""))]
    if parser.has_section("options.extras_require"):
        wanted += [(name, "optional", value) for name, value in parser.items("options.extras_require")]
    for group, kind, value in wanted:
        yield from _listed(text, [line.strip() for line in value.splitlines() if line.strip()], group, kind)
    if parser.has_section("options.entry_points"):
        for group, value in parser.items("options.entry_points"):
            for line in value.splitlines():
                name, _, target = (part.strip() for part in line.partition("="))
                if target:
                    yield text.line_of(line.strip()), EntryPointDeclaration(group, name, target)


@reads("environment.yml", "environment.yaml", "conda.yml", "conda.yaml")
def conda(text: Text) -> Rows:
    """Each dependency of a conda environment, those for pip included."""
    yield 1, Manifest("conda", None, None, None, None)
    whole = outline(text.text)
    wanted = whole.get("dependencies") if isinstance(whole, dict) else None
    for name in _names(wanted.value) if wanted else ():
        value = re.sub(r"^[\w.-]+::", "", name.text.strip())
        value = re.sub(r"^([\w.-]+)\s*=\s*([\w.*]+)(?:=\S+)?$", r"\1==\2", value)
        row = dependency(value, "", "requirement")
        if row is not None:
            yield name.line, row


def _names(listed: Outline) -> Iterator[Scalar]:
    """The texts of a list, and of the lists in it that have a name, as `pip`."""
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry.value, Scalar):
            yield entry.value
        elif isinstance(entry.value, dict):
            for inner in entry.value.values():
                yield from _names(inner.value)
