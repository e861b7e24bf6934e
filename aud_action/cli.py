"""The command line: parse, call, print, exit code. No logic."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from aud_action import __version__, options
from aud_action.progress import watching
from aud_action.settings import Settings, checked, from_files, target

app = typer.Typer(
    name="aud",
    help="Reads a Python repository once and knows it: facts in SQLite, findings with a proven path.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)


def _words(given: list[str] | None) -> tuple[str, ...] | None:
    """`a,b` and repeated options alike."""
    return tuple(word for text in given for word in text.split(",") if word) if given else None


def _settings(root: Path, config: Path | None, **given: Any) -> Settings:
    """Files first, then what the command line gives."""
    settings = from_files(root, config)
    wanted = {name: value for name, value in given.items() if value is not None}
    return replace(settings, **{name: checked(name, value, "command line") for name, value in wanted.items()})


@app.command(cls=options.Grouped)
def scan(
    paths: options.Targets = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    profile: options.Profile = None,
    min_severity: options.MinSeverity = None,
    threat_model: options.ThreatModels = None,
    exclude: options.Exclude = None,
    advisories: options.Advisories = None,
    config: options.Config = None,
    baseline: options.Baseline = None,
    since: options.Since = "",
    fail_on: options.FailOn = None,
    fail_on_unanalysed: options.FailOnUnanalysed = None,
    format: options.Format = "text",
    sarif: options.Sarif = None,
    db: options.Database = None,
    markdown: options.Markdown = None,
    json: options.Json = None,
    html: options.Html = None,
    junit: options.Junit = None,
    gitlab: options.Gitlab = None,
    category: options.Category = "",
    jobs: options.Jobs = None,
    timeout: options.Timeout = None,
    cache_dir: options.CacheDir = None,
    executor: options.Executor = "processes",
    scheduler: options.Scheduler = "",
) -> None:
    """Find what is dangerous in a repository."""
    from aud_action import commands
    from aud_action.report.formats import Telling

    root, parts = target(paths or [])
    settings = _settings(
        root,
        config,
        paths=parts,
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


@app.command(cls=options.Grouped)
def index(
    repo: options.Target = Path(),
    db: options.Written = Path("aud.db"),
    exclude: options.Exclude = None,
    config: options.Config = None,
    jobs: options.Jobs = None,
    timeout: options.Timeout = None,
    cache_dir: options.CacheDir = None,
    shard: options.Shard = "",
) -> None:
    """Write what is in a repository to a SQLite database."""
    from aud_action import commands

    patterns = tuple(exclude) if exclude else None
    settings = _settings(repo, config, exclude=patterns, jobs=jobs, timeout=timeout, cache_dir=cache_dir)
    with watching() as watch:
        outcome = commands.index(settings, db, watch, shard)
    sys.stdout.write(outcome.text)
    raise typer.Exit(outcome.code)


@app.command(cls=options.Grouped)
def merge(
    shards: options.Shards,
    repo: Annotated[Path, typer.Option(help="The repository that they are of.")] = Path(),
    since: options.Since = "",
    exclude: options.Exclude = None,
    config: options.Config = None,
    fail_on: options.FailOn = None,
    format: options.Format = "text",
    db: options.Database = None,
    sarif: options.Sarif = None,
    markdown: options.Markdown = None,
    json: options.Json = None,
    category: options.Category = "",
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


@app.command(cls=options.Grouped)
def baseline(
    repo: options.Target = Path(),
    output: options.Accepted = Path("aud-baseline.jsonl"),
    config: options.Config = None,
    jobs: options.Jobs = None,
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
    json: options.AsJson = False,
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
    json: options.AsJson = False,
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
    cache_dir: options.CacheFolder = ".aud-cache",
    repo: options.Repository = Path(),
) -> None:
    """Say what a cache holds, and whether this version could use it."""
    from aud_action import commands

    sys.stdout.write(commands.cache_info(replace(_settings(repo, None), cache_dir=cache_dir)))


@cache.command()
def clear(
    cache_dir: options.CacheFolder = ".aud-cache",
    repo: options.Repository = Path(),
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
    repo: options.Repository = Path(),
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
