"""Options that several commands take, and all of `aud scan`: each once, with its help and the heading it stands under."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

SCAN = "What to look for"
OUTPUT = "Where results go"
LIMITS = "Limits"


class Grouped(TyperCommand):
    """A command whose `--help` shows its options under headings."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Print them, in the order in which the headings first occur."""
        groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for parameter in self.get_params(ctx):
            kind = "Options" if parameter.param_type_name == "option" else "Arguments"
            if record := parameter.get_help_record(ctx):
                groups[getattr(parameter, "rich_help_panel", None) or kind].append(record)
        for heading, rows in groups.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


Targets = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Folder to read; or files and folders of the current one, when only those are wanted.",
        show_default="the current one",
        metavar="[PATHS]...",
    ),
]
Target = Annotated[Path, typer.Argument(help="Folder to read.", show_default="the current one")]
Shards = Annotated[list[Path], typer.Argument(help="Databases that `aud index --shard i/n` wrote: all n of them.")]
Repository = Annotated[Path, typer.Option(help="The repository.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]

Select = Annotated[
    list[str] | None,
    typer.Option(help="Run only these rules; ids or peers' ids (B602, S602), comma separated.", rich_help_panel=SCAN),
]
Ignore = Annotated[list[str] | None, typer.Option(help="Don't run these rules.", rich_help_panel=SCAN)]
Profile = Annotated[
    str | None, typer.Option(help="default, audit (everything, low precision too) or strict.", rich_help_panel=SCAN)
]
MinSeverity = Annotated[
    str | None, typer.Option(help="Report from this severity on: low, medium, high or critical.", rich_help_panel=SCAN)
]
ThreatModels = Annotated[
    list[str] | None,
    typer.Option(
        help="Whose input to follow: remote, cli, env, file, database, network, library.", rich_help_panel=SCAN
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(help="Patterns to leave out, as in .gitignore; may be given several times.", rich_help_panel=SCAN),
]
Config = Annotated[
    Path | None,
    typer.Option(
        help="Configuration file; .aud.toml or pyproject.toml [tool.aud] when not given.", rich_help_panel=SCAN
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(help="File of accepted findings: `aud baseline` or an earlier SARIF.", rich_help_panel=SCAN),
]
Since = Annotated[
    str, typer.Option(help="Judge only what changed since this commit, as on a pull request.", rich_help_panel=SCAN)
]
FailOn = Annotated[
    str | None,
    typer.Option(help="Exit 1 from this severity on: never, low, medium, high or critical.", rich_help_panel=SCAN),
]
FailOnUnanalysed = Annotated[
    bool | None,
    typer.Option("--fail-on-unanalysed", help="Exit 1 when a file could not be analysed.", rich_help_panel=SCAN),
]
Advisories = Annotated[
    str | None,
    typer.Option(help="OSV records to look through for what is depended on: a folder or file.", rich_help_panel=SCAN),
]
Shard = Annotated[
    str,
    typer.Option(help="Read only part i of n, as 2/4; `aud merge` makes a whole of the parts.", rich_help_panel=SCAN),
]

Format = Annotated[
    str,
    typer.Option(
        help="What to print: text, concise (path:line:col), sarif, markdown, json, jsonl, html, junit, gitlab or none.",
        rich_help_panel=OUTPUT,
    ),
]
Sarif = Annotated[
    Path | None, typer.Option(help="Write SARIF 2.1.0 here; - is standard output.", rich_help_panel=OUTPUT)
]
Database = Annotated[Path | None, typer.Option(help="Keep the SQLite database here.", rich_help_panel=OUTPUT)]
Written = Annotated[Path, typer.Option(help="Write the SQLite database here.", rich_help_panel=OUTPUT)]
Accepted = Annotated[Path, typer.Option(help="Write the accepted findings here.", rich_help_panel=OUTPUT)]
Markdown = Annotated[Path | None, typer.Option(help="Write a Markdown report here.", rich_help_panel=OUTPUT)]
Json = Annotated[
    Path | None, typer.Option(help="Write findings as JSON here; - is standard output.", rich_help_panel=OUTPUT)
]
Html = Annotated[Path | None, typer.Option(help="Write an HTML page here.", rich_help_panel=OUTPUT)]
Junit = Annotated[Path | None, typer.Option(help="Write JUnit XML here.", rich_help_panel=OUTPUT)]
Gitlab = Annotated[Path | None, typer.Option(help="Write GitLab's code quality report here.", rich_help_panel=OUTPUT)]
Category = Annotated[str, typer.Option(help="Code scanning category of the SARIF file.", rich_help_panel=OUTPUT)]

Jobs = Annotated[int | None, typer.Option(help="Worker processes; 0 is one per core.", rich_help_panel=LIMITS)]
Timeout = Annotated[
    int | None, typer.Option(help="Seconds for the whole run; what is cut short exits 3.", rich_help_panel=LIMITS)
]
CacheDir = Annotated[
    str | None,
    typer.Option(help="Keep what is known here between runs: only what changed is read again.", rich_help_panel=LIMITS),
]
Executor = Annotated[str, typer.Option(help="Where files are read: processes or dask.", rich_help_panel=LIMITS)]
Scheduler = Annotated[
    str, typer.Option(help="Address of the Dask scheduler for --executor dask.", rich_help_panel=LIMITS)
]
CacheFolder = Annotated[str, typer.Argument(help="The cache directory, relative to the repository.")]
