"""
Pages that are made from the code: `python -m aud_action.generate` writes them, `--check` says which are stale.

A page is a function that returns text, under `@page`; the text is never edited by hand.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import schema
from aud_action import rules
from aud_action.findings import level

ROOT = Path(__file__).resolve().parent.parent
PAGES: dict[str, Callable[[], str]] = {}
_COLUMN = re.compile(r"^    (\w+): [^#\n]*#: (.*)$", re.MULTILINE)
_MADE = "<!-- Made by `make generate`; edit the code instead. -->\n"
_TABLES = """Each stored row begins with `id` and, unless the row *is* a file or a place, `site`: one integer,
`file << 24 | n`, that says where. `sites` holds path, line and column once; facts of one node join with `USING (site)`.
"""
_RULES = """Each is one page: what is wrong and what to do instead, the SQL that finds it, and examples that
are its tests. `aud explain RULE` prints a page; `# aud: ignore[RULE] reason` silences it on one statement.
"""


def page(path: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """The function below writes the page at this path of the checkout."""

    def register(text: Callable[[], str]) -> Callable[[], str]:
        PAGES[path] = text
        return text

    return register


def cell(text: str) -> str:
    """Text for one cell of a Markdown table."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def grid(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *(tuple(map(cell, row)) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _columns(table: schema.Table) -> Iterator[tuple[str, ...]]:
    meanings = dict(_COLUMN.findall(inspect.getsource(table.row)))
    for column in table.columns:
        kind = column.type + (" or NULL" if column.nullable else "")
        yield f"`{column.name}`", kind, meanings.get(column.name, "")


def _table(table: schema.Table) -> str:
    traits = [f"indexed by {', '.join(f'`{name}`' for name in table.index)}"] if table.index else []
    traits += ["written by a derivation"] if table.derived else []
    if table.view is not None:
        traits.append(f"for people: `{table.stem}`, with path, line, col and scope in front")
    note = f"\n{'; '.join(traits).capitalize()}.\n" if traits else ""
    text = inspect.getdoc(table.row) or ""
    return f"### {table.name}\n\n{text}\n{note}\n{grid(('column', 'type', 'meaning'), _columns(table))}"


@page("schema/README.md")
def tables() -> str:
    """Every table, by the module that declares it."""
    modules: dict[str, list[schema.Table]] = defaultdict(list)
    for table in schema.TABLES.values():
        modules[table.row.__module__].append(table)
    parts = [f"# The tables\n\n{_MADE}\n{len(schema.TABLES)} tables. {_TABLES}"]
    for name, declared in sorted(modules.items()):
        meaning = (sys.modules[name].__doc__ or "").strip()
        parts.append(f"## {name}\n\n{meaning}\n")
        parts += [_table(table) for table in declared]
    return "\n".join(parts)


def _rule_rows() -> Iterator[tuple[str, ...]]:
    for rule in sorted(rules.book().values(), key=lambda rule: (-rule.severity, rule.id)):
        cwe = ", ".join(f"[{n}](https://cwe.mitre.org/data/definitions/{n}.html)" for n in rule.cwe)
        yield f"[{rule.id}]({rule.id}.md)", rule.title, f"{level(rule.severity)} {rule.severity:g}", rule.precision, cwe


@page("aud_action/rules/README.md")
def contents() -> str:
    """The rules' table of contents, the most severe first."""
    head = ("rule", "what is wrong", "severity", "precision", "CWE")
    return f"# The rules\n\n{_MADE}\n{len(rules.book())} rules. {_RULES}\n{grid(head, _rule_rows())}"


class Option(NamedTuple):
    """One option or argument of a command, as the command line declares it."""

    names: str
    default: str
    meaning: str


def options(command: Any) -> Iterator[Option]:
    """Options and arguments of one command, hidden ones left out."""
    for parameter in command.params:
        if getattr(parameter, "hidden", False) or parameter.name == "help":
            continue
        is_option = parameter.param_type_name == "option"
        names = [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.make_metavar()]
        default = parameter.default
        shown = "" if default in (None, "", (), [], False) or callable(default) else f"`{default}`"
        yield Option(" ".join(f"`{name}`" for name in names), shown, getattr(parameter, "help", None) or "")


def commands() -> dict[str, Any]:
    """The commands of `aud`, by name."""
    from typer.main import get_command

    from aud_action.cli import app

    command: Any = get_command(app)
    return dict(command.commands)


def check() -> list[str]:
    """Paths of the pages that are missing or stale."""
    return [
        path
        for path, text in PAGES.items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text("utf-8") != text()
    ]


def main(arguments: list[str]) -> int:
    """Write every page, or with `--check` name the stale ones and answer 1."""
    if arguments == ["--check"]:
        stale = check()
        for path in stale:
            sys.stderr.write(f"{path} is stale: run `make generate`\n")
        return 1 if stale else 0
    for path, text in PAGES.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
