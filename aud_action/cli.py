"""The command line: parse, call, print, exit code. No logic."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from aud_action import __version__
from aud_action.progress import watching
from aud_action.settings import Settings, checked, from_files

app = typer.Typer(
    name="aud",
    help="Reads a Python repository once and knows it: facts in SQLite, findings with a proven path.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

Target = Annotated[Path, typer.Argument(help="Folder to read.", show_default="the current one")]
Words = Annotated[list[str] | None, typer.Option()]
SCAN = "What to look for"
OUTPUT = "Where results go"
LIMITS = "Limits"
CacheDir = Annotated[
    str | None,
    typer.Option(help="Keep what is known here between runs: only what changed is read again.", rich_help_panel=LIMITS),
]


def _words(given: list[str] | None) -> tuple[str, ...] | None:
    """`a,b` and repeated options alike."""
    return tuple(word for text in given for word in text.split(",") if word) if given else None


def _settings(root: Path, config: Path | None, **options: Any) -> Settings:
    """Files first, then what the command line gives."""
    settings = from_files(root, config)
    given = {name: value for name, value in options.items() if value is not None}
    return replace(settings, **{name: checked(name, value, "command line") for name, value in given.items()})


@app.command()
def scan(
    repo: Target = Path(),
    select: Annotated[
        list[str] | None,
        typer.Option(
            help="Run only these rules; ids or peers' ids (B602, S602), comma separated.", rich_help_panel=SCAN
        ),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Don't run these rules.", rich_help_panel=SCAN)] = None,
    profile: Annotated[
        str | None, typer.Option(help="default, audit (everything, low precision too) or strict.", rich_help_panel=SCAN)
    ] = None,
    min_severity: Annotated[
        str | None,
        typer.Option(help="Report from this severity on: low, medium, high or critical.", rich_help_panel=SCAN),
    ] = None,
    threat_model: Annotated[
        list[str] | None,
        typer.Option(
            help="Whose input to follow: remote, cli, env, file, database, network, library.", rich_help_panel=SCAN
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(help="Patterns to leave out, as in .gitignore; may be given several times.", rich_help_panel=SCAN),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Configuration file; .aud.toml or pyproject.toml [tool.aud] when not given.", rich_help_panel=SCAN
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="File of accepted findings: `aud baseline` or an earlier SARIF.", rich_help_panel=SCAN),
    ] = None,
    since: Annotated[
        str,
        typer.Option(help="Judge only what changed since this commit, as on a pull request.", rich_help_panel=SCAN),
    ] = "",
    fail_on: Annotated[
        str | None,
        typer.Option(help="Exit 1 from this severity on: never, low, medium, high or critical.", rich_help_panel=SCAN),
    ] = None,
    fail_on_unanalysed: Annotated[
        bool | None,
        typer.Option("--fail-on-unanalysed", help="Exit 1 when a file could not be analysed.", rich_help_panel=SCAN),
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option(help="Write SARIF 2.1.0 here; - is standard output.", rich_help_panel=OUTPUT)
    ] = None,
    db: Annotated[Path | None, typer.Option(help="Keep the SQLite database here.", rich_help_panel=OUTPUT)] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a Markdown report here.", rich_help_panel=OUTPUT)] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write findings as JSON here; - is standard output.", rich_help_panel=OUTPUT)
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write an HTML page here.", rich_help_panel=OUTPUT)] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML here.", rich_help_panel=OUTPUT)] = None,
    gitlab: Annotated[
        Path | None, typer.Option(help="Write GitLab's code quality report here.", rich_help_panel=OUTPUT)
    ] = None,
    category: Annotated[
        str, typer.Option(help="Code scanning category of the SARIF file.", rich_help_panel=OUTPUT)
    ] = "",
    format: Annotated[
        str,
        typer.Option(
            help="What to print: text, sarif, markdown, json, html, junit, gitlab or none.", rich_help_panel=OUTPUT
        ),
    ] = "text",  # the option's name
    jobs: Annotated[
        int | None, typer.Option(help="Worker processes; 0 is one per core.", rich_help_panel=LIMITS)
    ] = None,
    timeout: Annotated[
        int | None, typer.Option(help="Seconds for the whole run; what is cut short exits 3.", rich_help_panel=LIMITS)
    ] = None,
    advisories: Annotated[
        str | None,
        typer.Option(
            help="OSV records to look through for what is depended on: a folder or file.", rich_help_panel=SCAN
        ),
    ] = None,
    cache_dir: CacheDir = None,
    executor: Annotated[
        str, typer.Option(help="Where files are read: processes or dask.", rich_help_panel=LIMITS)
    ] = "processes",
    scheduler: Annotated[
        str, typer.Option(help="Address of the Dask scheduler for --executor dask.", rich_help_panel=LIMITS)
    ] = "",
) -> None:
    """Find what is dangerous in a repository."""
    from aud_action import commands
    from aud_action.report.formats import Telling

    settings = _settings(
        repo,
        config,
        select=_words(select),
        ignore=_words(ignore),
        profile=profile,
        min_severity=min_severity,
        threat_models=_words(threat_model),
        exclude=tuple(exclude) if exclude else None,
        baseline=baseline,
        fail_on=fail_on,
        fail_on_unanalysed=fail_on_unanalysed,
        jobs=jobs,
        timeout=timeout,
        advisories=advisories,
        cache_dir=cache_dir,
    )
    outputs = {"sarif": sarif, "markdown": markdown, "json": json, "html": html, "junit": junit, "gitlab": gitlab}
    with watching() as watch:
        telling = Telling(format, since, category)
        outcome = commands.scan(settings, db, outputs, telling, watch, (), commands.cluster(executor, scheduler))
    sys.stdout.write(outcome.text)
    raise typer.Exit(outcome.code)


@app.command()
def index(
    repo: Target = Path(),
    db: Annotated[Path, typer.Option(help="Write the SQLite database here.", rich_help_panel=OUTPUT)] = Path("aud.db"),
    exclude: Annotated[
        list[str] | None, typer.Option(help="Patterns to leave out, as in .gitignore.", rich_help_panel=SCAN)
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Configuration file.", rich_help_panel=SCAN)] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Worker processes; 0 is one per core.", rich_help_panel=LIMITS)
    ] = None,
    timeout: Annotated[int | None, typer.Option(help="Seconds for the whole run.", rich_help_panel=LIMITS)] = None,
    cache_dir: CacheDir = None,
    shard: Annotated[
        str,
        typer.Option(
            help="Read only part i of n, as 2/4; `aud merge` makes a whole of the parts.", rich_help_panel=SCAN
        ),
    ] = "",
) -> None:
    """Write what is in a repository to a SQLite database."""
    from aud_action import commands

    patterns = tuple(exclude) if exclude else None
    settings = _settings(repo, config, exclude=patterns, jobs=jobs, timeout=timeout, cache_dir=cache_dir)
    with watching() as watch:
        outcome = commands.index(settings, db, watch, shard)
    sys.stdout.write(outcome.text)
    raise typer.Exit(outcome.code)


@app.command()
def merge(
    shards: Annotated[list[Path], typer.Argument(help="Databases that `aud index --shard i/n` wrote: all n of them.")],
    repo: Annotated[Path, typer.Option(help="The repository that they are of.")] = Path(),
    db: Annotated[Path | None, typer.Option(help="Write the SQLite database here.", rich_help_panel=OUTPUT)] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write SARIF 2.1.0 here.", rich_help_panel=OUTPUT)] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a Markdown report here.", rich_help_panel=OUTPUT)] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write findings as JSON here; - is standard output.", rich_help_panel=OUTPUT)
    ] = None,
    category: Annotated[
        str, typer.Option(help="Code scanning category of the SARIF file.", rich_help_panel=OUTPUT)
    ] = "",
    format: Annotated[
        str, typer.Option(help="What to print, as for `aud scan`.", rich_help_panel=OUTPUT)
    ] = "text",  # the option's name
    since: Annotated[str, typer.Option(help="Judge only what changed since this commit.", rich_help_panel=SCAN)] = "",
    config: Annotated[Path | None, typer.Option(help="Configuration file.", rich_help_panel=SCAN)] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Patterns to leave out, as they were for the shards.", rich_help_panel=SCAN)
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(help="Exit 1 from this severity on: never, low, medium, high or critical.", rich_help_panel=SCAN),
    ] = None,
) -> None:
    """Make one whole of the shards of a repository, and find what is dangerous in it."""
    from aud_action import commands
    from aud_action.report.formats import Telling

    settings = _settings(repo, config, exclude=tuple(exclude) if exclude else None, fail_on=fail_on)
    outputs = {"sarif": sarif, "markdown": markdown, "json": json}
    with watching() as watch:
        outcome = commands.scan(settings, db, outputs, Telling(format, since, category), watch, shards)
    sys.stdout.write(outcome.text)
    raise typer.Exit(outcome.code)


@app.command()
def baseline(
    repo: Target = Path(),
    output: Annotated[Path, typer.Option(help="Write the accepted findings here.", rich_help_panel=OUTPUT)] = Path(
        "aud-baseline.jsonl"
    ),
    config: Annotated[Path | None, typer.Option(help="Configuration file.", rich_help_panel=SCAN)] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Worker processes; 0 is one per core.", rich_help_panel=LIMITS)
    ] = None,
) -> None:
    """Accept all findings of today: `aud scan --baseline` then reports only later ones."""
    from aud_action import commands

    with watching() as watch:
        outcome = commands.baseline(_settings(repo, config, jobs=jobs), output, watch)
    sys.stdout.write(outcome.text)
    raise typer.Exit(outcome.code)


@app.command()
def action() -> None:
    """Run as a step of a GitHub workflow: inputs, event and outputs are the runner's environment."""
    from aud_action import commands

    raise typer.Exit(commands.action(os.environ, sys.stdout))


@app.command()
def rules(
    repo: Annotated[Path, typer.Option(help="Repository whose own rules are listed too.")] = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the rules, with severity, precision, CWE and peers' ids."""
    from aud_action import commands

    sys.stdout.write(commands.rule_list(_settings(repo, None), as_json=json))


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, or a peer's (B602, S602).")],
    repo: Annotated[Path, typer.Option(help="Repository whose own rules are known too.")] = Path(),
) -> None:
    """Show a rule: why it is dangerous, what to do instead, what is found and what is fine."""
    from aud_action import commands

    sys.stdout.write(commands.explained(_settings(repo, None), rule))


@app.command()
def models(
    word: Annotated[str, typer.Argument(help="Show each row of this library or file of models.")] = "",
    explain: Annotated[str, typer.Option(help="Say what each call on this line is taken to be: FILE:LINE.")] = "",
    repo: Annotated[Path, typer.Option(help="Repository whose own models are known too.")] = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what is known of libraries: sources, sinks, sanitizers, guards; or explain a call."""
    from aud_action import commands

    settings = _settings(repo, None)
    with watching() as watch:
        text = commands.call_explained(settings, explain, watch, as_json=json) if explain else ""
    sys.stdout.write(text or commands.model_list(settings, word, as_json=json))


@app.command()
def tables(
    name: Annotated[str, typer.Argument(help="Show this table's columns.")] = "",
) -> None:
    """List the tables of the database, or one table's columns."""
    from aud_action import commands

    sys.stdout.write(commands.table_list(name))


@app.command()
def query(
    db: Annotated[Path, typer.Argument(help="A database that `aud scan --db` or `aud index` wrote.")],
    sql: Annotated[str, typer.Argument(help="One SELECT.")],
    json: Annotated[bool, typer.Option("--json", help="Print rows as JSON, one a line.")] = False,
) -> None:
    """Ask the database something, read-only."""
    from aud_action import commands

    commands.query(db, sql, sys.stdout, as_json=json)


GROUP: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None}
cache = typer.Typer(help="Look at what is kept between runs, or forget it.", **GROUP)
app.add_typer(cache, name="cache")


@cache.command()
def info(
    cache_dir: Annotated[str, typer.Argument(help="The cache directory, relative to the repository.")] = ".aud-cache",
    repo: Annotated[Path, typer.Option(help="The repository.")] = Path(),
) -> None:
    """Say what a cache holds, and whether this version could use it."""
    from aud_action import commands

    sys.stdout.write(commands.cache_info(replace(_settings(repo, None), cache_dir=cache_dir)))


@cache.command()
def clear(
    cache_dir: Annotated[str, typer.Argument(help="The cache directory, relative to the repository.")] = ".aud-cache",
    repo: Annotated[Path, typer.Option(help="The repository.")] = Path(),
) -> None:
    """Delete what a cache holds; files that are not ours stay."""
    from aud_action import commands

    sys.stdout.write(commands.cache_clear(replace(_settings(repo, None), cache_dir=cache_dir)))


advisories = typer.Typer(help="Known weaknesses of dependencies, from a list that you give.", **GROUP)
app.add_typer(advisories, name="advisories")


@advisories.command()
def update(
    source: Annotated[Path, typer.Option("--from", help="A folder, .zip, .json or .jsonl of OSV records.")],
    to: Annotated[Path | None, typer.Option(help="Write it here.", show_default=".aud/advisories.jsonl")] = None,
    repo: Annotated[Path, typer.Option(help="The repository.")] = Path(),
) -> None:
    """Make a snapshot of OSV records: what is of no Python package, or withdrawn, is left out."""
    from aud_action import commands

    sys.stdout.write(commands.advisories_update(repo, source, to))


@app.command()
def version() -> None:
    """Print the version."""
    sys.stdout.write(f"aud {__version__}\n")


def _version(asked: bool) -> None:
    if asked:
        version()
        raise typer.Exit


@app.callback()
def every(
    _asked: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Reads a Python repository once and knows it: facts in SQLite, findings with a proven path."""


def main() -> None:
    """Run the command line. Of many commands only the one that is called is made ready: each takes a few milliseconds."""
    word = sys.argv[1:2]
    called = [one for one in app.registered_commands if one.callback and [one.name or one.callback.__name__] == word]
    if called:
        app.registered_commands, app.registered_groups = called, []
    app()
