"""What a project says about itself: manifests, dependencies, entry points, environment."""

from typing import NamedTuple

from schema.table import table


@table("python_manifests")
class Manifest(NamedTuple):
    """One manifest or lock file."""

    kind: str  #: pyproject, setup.cfg, setup.py, requirements, constraints, pipfile, conda or lock
    name: str | None
    version: str | None
    build_backend: str | None
    requires_python: str | None


@table("python_dependencies", index=("name",))
class Dependency(NamedTuple):
    """One dependency as one file states it; its site is the line."""

    name: str  #: normalised (PEP 503)
    specifier: str | None
    version: str | None  #: the one version that is allowed, or locked
    group_name: str  #: "" for what is always needed, else the extra's or group's name
    kind: str  #: requirement, optional, group, build, constraint or locked
    extras: str | None  #: sorted, separated by a comma
    marker: str | None
    source: str  #: index, url, vcs, path or editable
    is_pinned: bool
    has_hash: bool
    is_direct: bool  #: stated by the project, not only locked


@table("python_dependency_indexes")
class DependencyIndex(NamedTuple):
    """One source of packages; never with its credentials."""

    kind: str  #: index, find-links or trusted-host
    url_host: str | None
    is_extra: bool
    is_trusted_host: bool  #: without a check of its certificate


@table("python_entry_point_declarations", index=("target",))
class EntryPointDeclaration(NamedTuple):
    """One declared entry point."""

    group_name: str  #: console_scripts, gui_scripts or the plugin group
    name: str
    target: str  #: `module:attribute`


@table("python_environment_reads", index=("name",))
class EnvironmentRead(NamedTuple):
    """One read of one environment variable."""

    name: str | None  #: NULL when not constant
    access: str  #: item, get, setdefault, pop, getenv, in, option, config or settings
    default_source: str | None
    default_constant: str | None
    is_required: bool  #: fails when the variable is missing
    cast: str | None  #: int, bool, … when it is converted at once
    is_secret_named: bool


@table("python_environment_writes", index=("name",))
class EnvironmentWrite(NamedTuple):
    """One write to the environment."""

    name: str | None
    value_source: str
    kind: str  #: item, setdefault, update, putenv, unset, dotenv or process
