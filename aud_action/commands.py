"""What each command does: run the pipeline, tell the result in every wanted form, choose the exit code."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TextIO

from aud_action import pipeline
from aud_action.findings import Result, level
from aud_action.findings.scope import Change, How
from aud_action.findings.source import Sources
from aud_action.findings.threshold import exit_code
from aud_action.report.escape import plain
from aud_action.report.formats import FORMATS, WRITERS, Report, Telling
from aud_action.report.sentence import coverage, number
from aud_action.rules import Rule
from aud_action.settings import Settings, WrongInput
from aud_action.spelling import nearest

Watch = Callable[[str, int], None]
STDOUT = Path("-")
"""As a file to write: standard output."""


class Outcome(NamedTuple):
    """What to print, and the exit code."""

    text: str
    code: int


def scan(
    settings: Settings,
    database: Path | None,
    outputs: Mapping[str, Path | None],
    telling: Telling,
    watch: Watch,
    shards: Sequence[Path] = (),
    scheduler: str = "",
) -> Outcome:
    """`aud scan` and, from shards, `aud merge`: everything, and a file for each output that is asked for."""
    form = _printed(telling.form, outputs)
    wanted = {name: path for name, path in outputs.items() if path is not None and path != STDOUT}
    for name, path in {**wanted, **({"db": database} if database else {})}.items():
        if any(path.resolve() == shard.resolve() for shard in shards):
            raise WrongInput(f"--{name}: {path} is one of the shards")
        _writable(f"--{name}", path)
    book = pipeline.rules(settings)
    change = _since(settings, telling.since)
    result = pipeline.scan(settings, database, watch, change, shards=shards, scheduler=scheduler)
    report = Report(result, book, Sources(settings.root), telling)
    for name, path in wanted.items():
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            WRITERS[name](report, file)
    text = io.StringIO()
    if form != "none":
        WRITERS[form](report, text)
    return Outcome(text.getvalue(), exit_code(result, settings.fail_on, fail_on_unanalysed=settings.fail_on_unanalysed))


def _printed(form: str, outputs: Mapping[str, Path | None]) -> str:
    """The format to print: `--format`'s, or that of the one file named `-`. Raises WrongInput."""
    if form not in FORMATS:
        raise WrongInput(f"--format is {form!r}; use one of {', '.join(FORMATS)}{nearest(form, FORMATS)}")
    named = [name for name, path in outputs.items() if path == STDOUT]
    if not named:
        return form
    if len(named) > 1 or form not in ("text", "none", named[0]):
        others = [f"--{name} -" for name in named] + ([f"--format {form}"] if form != "text" else [])
        raise WrongInput(f"{' and '.join(others)}: standard output takes one of them; give a file for the others")
    return named[0]


def cluster(executor: str, scheduler: str) -> str:
    """The scheduler that extracts; "" for processes here. Raises WrongInput for what doesn't go together."""
    if executor not in {"processes", "dask"}:
        raise WrongInput(f"--executor is {executor!r}; use processes or dask")
    if (executor == "dask") != bool(scheduler):
        raise WrongInput("--executor dask and --scheduler ADDRESS go together")
    return scheduler


def index(settings: Settings, database: Path, watch: Watch, shard: str = "") -> Outcome:
    """`aud index`: the database, and what it holds in two lines."""
    _writable("--db", database)
    store, incomplete, metrics = pipeline.index(settings, database, watch, shard)
    counts, gaps = store.counts(), list(pipeline.unanalysed(store))
    store.close()
    filled = sum(bool(rows) for rows in counts.values())
    lines = [f"{database}: {sum(counts.values()):,} rows in {filled} tables, from {counts['files']:,} files"]
    lines += [f"not analysed: {plain(gap.path)}: {plain(gap.reason)}" for gap in gaps[:20]]
    if gaps:
        lines.append(f"{len({gap.path for gap in gaps})} of {counts['files']} files not analysed")
    lines += [f"incomplete run: {reason}" for reason in incomplete]
    lines.append(f"{sum(value for name, value in metrics.items() if name.endswith('_seconds')):.2f} s")
    failed = 1 if gaps and settings.fail_on_unanalysed else 0
    return Outcome("\n".join(lines) + "\n", 3 if incomplete else failed)


def action(environ: Mapping[str, str], out: TextIO) -> int:
    """`aud action`: one step of a GitHub workflow; its exit code."""
    from aud_action import github

    def run(
        settings: Settings, database: Path | None, change: Change | None, how: How
    ) -> tuple[Result, Mapping[str, Rule]]:
        known = pipeline.rules(settings)
        return pipeline.scan(settings, database, change=change, how=how), known

    return github.run(environ, run, out)


def baseline(settings: Settings, path: Path, watch: Watch) -> Outcome:
    """`aud baseline`: accept what is there now; 3 when the run was incomplete, as nothing is written then."""
    from aud_action.findings.baseline import write

    _writable("--output", path)
    result = pipeline.scan(replace(settings, baseline=None), None, watch)
    if result.incomplete:
        return Outcome("".join(f"incomplete run: {plain(reason)}\n" for reason in result.incomplete), 3)
    with path.open("w", encoding="utf-8") as file:
        accepted = write(result.findings, file)
    return Outcome(f"{path}: {number(accepted, 'finding')} accepted; {coverage(result)}\n", 0)


def _writable(option: str, path: Path) -> None:
    """Refuse early, before minutes of work, what can't be written in the end."""
    if path == STDOUT:
        raise WrongInput(f"{option}: this can't be written to standard output; give a file")
    if path.is_dir():
        raise WrongInput(f"{option}: {path} is a folder; give a file")
    if not path.parent.is_dir():
        raise WrongInput(f"{option}: the folder {path.parent} doesn't exist")
    try:
        existed = path.exists()
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise WrongInput(f"{option}: {path} can't be written: {error.strerror}") from error


def _since(settings: Settings, base: str) -> Change | None:
    """The change that is judged; None when everything is. Raises WrongInput for what is no commit."""
    if not base:
        return None
    from aud_action.github.change import since
    from aud_action.github.git import Git

    git = Git(settings.root.resolve())
    change = since(base, git)
    if change is None:
        shallow = git.line("rev-parse", "--is-shallow-repository") == "true"
        remedy = "; the clone is shallow: `git fetch --unshallow` gets the rest" if shallow else ""
        raise WrongInput(f"--since: {base!r} is no commit of a git repository at {settings.root}{remedy}")
    return change


def rule_list(settings: Settings, *, as_json: bool) -> str:
    """`aud rules`: by class, one rule a line, the most severe first; or one JSON array."""
    book = pipeline.rules(settings)
    if as_json:
        keys = ("id", "title", "severity", "precision", "cwe", "owasp", "aliases")
        entries = [{**{key: getattr(rule, key) for key in keys}, "class": rule.group} for rule in book.values()]
        import json

        return json.dumps(entries, indent=2) + "\n"
    width = max((len(name) for name in book), default=0)
    lines: list[str] = []
    group = ""
    for rule in sorted(book.values(), key=lambda rule: (rule.group, -rule.severity, rule.id)):
        if rule.group != group:
            lines += [*([""] if lines else []), rule.group]
            group = rule.group
        peers = " ".join(("CWE-" + str(rule.cwe[0]) if rule.cwe else "", *rule.aliases))
        lines.append(f"{rule.severity:4.1f}  {rule.precision:9}  {rule.id:{width}}  {rule.title}  [{peers.strip()}]")
    return "\n".join(lines) + "\n"


def explained(settings: Settings, word: str) -> str:
    """`aud explain`: the page of a rule, named by its id, or of each that a peer's id stands for, the most severe first."""
    book = pipeline.rules(settings)
    named = [rule for rule in book.values() if word.lower() in {name.lower() for name in (rule.id, *rule.aliases)}]
    if not named:
        every = {name for rule in book.values() for name in (rule.id, *rule.aliases)}
        raise WrongInput(f"unknown rule {word!r}{nearest(word, every)}")
    return "\n".join(map(_explained, sorted(named, key=lambda rule: (-rule.severity, rule.id))))


def _explained(rule: Rule) -> str:
    examples = "\n".join(f"## {one.section}\n\n```{one.language}\n{one.text}```\n" for one in rule.examples)
    facts = f"{level(rule.severity)} {rule.severity:g}, precision {rule.precision}"
    peers = f"; also known as {', '.join(rule.aliases)}" if rule.aliases else ""
    misses = f"\n## Known misses\n\n{rule.misses}\n" if rule.misses else ""
    return f"{rule.markdown}\n{rule.id}: {facts}{peers}\n\n{examples}{misses}"


def model_list(settings: Settings, word: str, *, as_json: bool) -> str:
    """`aud models`: what is known of libraries, the user's own models among it."""
    from aud_action.derive.flows import own_models
    from aud_action.report import models as report
    from aud_action.taint.models import ModelError, load

    try:
        models = load(own_models(settings))
    except ModelError as error:
        raise WrongInput(f"models: {error}") from error
    text = (report.as_json if as_json else report.listing)(models, word)
    if text in ("", "[]\n"):
        names = {path.split(".", 1)[0] for table in (models.sinks, models.sources, models.flows) for path in table}
        raise WrongInput(f"no model speaks of {word!r}{nearest(word, names)}")
    return text


def call_explained(settings: Settings, place: str, watch: Watch, *, as_json: bool) -> str:
    """`aud models --explain FILE:LINE`: what each call of a line is taken to be."""
    from aud_action.derive.flows import calls_of
    from aud_action.report import models as report

    name, colon, number = place.rpartition(":")
    if not colon or not number.isdigit() or int(number) == 0:
        raise WrongInput(f"--explain is {place!r}; give FILE:LINE, as src/views.py:12")
    path = Path(name)
    inside = path if path.is_absolute() else settings.root / path
    if not inside.is_file() and path.is_file():
        inside = path
    if not inside.is_file():
        raise WrongInput(f"--explain: {name} is no file in {settings.root}")
    try:
        relative = inside.resolve().relative_to(settings.root.resolve()).as_posix()
    except ValueError as error:
        raise WrongInput(f"--explain: {name} is not in {settings.root}; name the repository with --repo") from error
    import tempfile

    with tempfile.TemporaryDirectory(prefix="aud-") as folder:
        store, _, _ = pipeline.index(replace(settings, taint=True), Path(folder) / "aud.db", watch)
        try:
            seen, files = calls_of(store, settings, relative, int(number))
        finally:
            store.close()
    return (report.explained_as_json if as_json else report.explained)(relative, int(number), seen, files)


def table_list(word: str) -> str:
    """`aud tables`: every table with what a row means, or the columns of one."""
    from schema import TABLES, VIEWS, Table, View

    every: list[Table | View] = [*VIEWS.values(), *TABLES.values()]
    known = {name: table for table in every for name in (table.stem, table.name)}
    if not word:
        rows = sorted(every, key=lambda table: table.name)
        width = max(len(table.name) for table in rows)
        return "".join(f"{table.name:{width}}  {_meaning(table.row)}\n" for table in rows)
    if word not in known:
        raise WrongInput(f"unknown table {word!r}{nearest(word, known)}")
    table = known[word]
    columns = [f"  {column.name}  {column.type}{'?' if column.nullable else ''}\n" for column in table.columns]
    columns += [f"  {name}  worked out when read\n" for name in table.computed] if isinstance(table, Table) else []
    return f"{table.name}: {_meaning(table.row)}\n{''.join(columns)}"


def _meaning(row: type) -> str:
    return (row.__doc__ or "").strip().splitlines()[0]


def query(database: Path, sql: str, file: TextIO, *, as_json: bool) -> None:
    """`aud query`: the rows of one SELECT, tab separated or as JSON."""
    import json

    from aud_action.store import Reader

    if not database.is_file():
        raise WrongInput(f"{database}: no such database; `aud index --db {database}` writes one")
    try:
        reader = Reader(database)
        columns, rows = reader.select(sql)
    except (ValueError, sqlite3.Error) as error:
        raise WrongInput(f"{database}: {error}") from error
    if not as_json:
        file.write("\t".join(columns) + "\n")
    for row in rows:
        if as_json:
            file.write(json.dumps(dict(zip(columns, row, strict=True)), default=str) + "\n")
        else:
            file.write("\t".join("" if value is None else plain(str(value)) for value in row) + "\n")
    reader.close()


def cache_info(settings: Settings) -> str:
    """`aud cache info`: a line for each thing that is kept."""
    from aud_action.cache.about import info

    return "".join(f"{plain(line)}\n" for line in info(settings))


def cache_clear(settings: Settings) -> str:
    """`aud cache clear`."""
    from aud_action.cache.about import clear

    return plain(clear(settings)) + "\n"


def advisories_update(root: Path, source: Path, target: Path | None) -> str:
    """`aud advisories update`: a snapshot, and what it holds in one line."""
    from aud_action import advisories
    from aud_action.advisories.sources import write

    if target is None:
        target = root / advisories.SNAPSHOT
        if not root.is_dir():
            raise WrongInput(f"--repo: {root} is no folder")
        target.parent.mkdir(exist_ok=True)
    if target.suffix != ".jsonl":
        raise WrongInput(f"--to: {target} must end in .jsonl")
    _writable("--to", target)
    count, day = write(source, target)
    return f"{target}: {number(count, 'record')}, the newest of {day or 'an unknown day'}\n"
