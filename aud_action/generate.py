"""
Pages that are made from the code: `python -m aud_action.generate` writes them, `--check` says which are stale.

A page is a function that returns text, under `@page`; the text is never edited by hand.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import typing
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import schema
from aud_action import rules
from aud_action.findings import level

ROOT = Path(__file__).resolve().parent.parent
PAGES: dict[str, Callable[[], str]] = {}
_COLUMN = re.compile(r"^    (\w+): [^#\n]*#: (.*)$", re.MULTILINE)
_KINDS = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
_MADE = "<!-- Made by `make generate`; edit the code instead. -->\n"
_TABLES = """Each stored row begins with `id` and, unless the row *is* a file or a place, `site`: one integer,
`file << 24 | n`, that says where. `sites` holds path, line and column once; facts of one node join with `USING (site)`.
"""
_SETTINGS = """Under `[tool.aud]` in `pyproject.toml`, or at the top of `.aud.toml`; both are read from the scanned folder's root.
Inputs of the action win over the file, options of the command line over both.

```toml
[tool.aud]
exclude = ["vendor/", "*_pb2.py"]
threat-models = ["remote", "cli"]
ignore = ["missing-timeout"]
fail-on = "medium"

[tool.aud.severity]
open-redirect = "low"

[tool.aud.per-file-ignores]
"scripts/*" = ["shell-command", "B603"]
```

Rules are named by their id or by another tool's for them ([parity.md](parity.md)).
"""
_COMMANDS = """`aud COMMAND --help` says the same. Exit codes: 0 passed, 1 findings at or above `--fail-on`, 2 wrong input,
3 incomplete run or internal error.
"""
_RULES = """Each is one page: what is wrong and what to do instead, the SQL that finds it, and examples that
are its tests. `aud explain RULE` prints a page; `# aud: ignore[RULE] reason` silences it on one statement.
"""
_PARITY = """Each identifier of the other tool, and the rules here that take its place. `--select B602` and `# nosec B602` work with
these identifiers too. Several are one rule here, where they are one mistake; some are two, one for a proven flow and one for
an audit (`--profile audit`).
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


def _columns(table: schema.Table | schema.View) -> Iterator[tuple[str, ...]]:
    meanings = _meanings(table.row)
    for column in table.columns:
        kind = column.type + (" or NULL" if column.nullable else "")
        yield f"`{column.name}`", kind, meanings.get(column.name, "")
    if isinstance(table, schema.Table):
        for name, (_, _, meaning) in table.computed.items():
            yield f"`{name}`", "worked out when read", meaning


def _traits(table: schema.Table | schema.View) -> Iterator[str]:
    if isinstance(table, schema.View):
        yield "a view: nothing of it is stored"
    else:
        if table.index:
            yield f"indexed by {', '.join(f'`{name}`' for name in table.index)}"
        if table.derived:
            yield "written by a derivation"
    if table.has_view:
        yield f"for people: `{table.stem}`, with path, line, col and scope in front"


def _table(table: schema.Table | schema.View) -> str:
    traits = list(_traits(table))
    note = f"\n{'; '.join(traits).capitalize()}.\n" if traits else ""
    text = inspect.getdoc(table.row) or ""
    return f"### {table.name}\n\n{text}\n{note}\n{grid(('column', 'type', 'meaning'), _columns(table))}"


@page("schema/README.md")
def tables() -> str:
    """Every table, by the module that declares it."""
    modules: dict[str, list[schema.Table | schema.View]] = defaultdict(list)
    declared: list[schema.Table | schema.View] = [*schema.TABLES.values(), *schema.VIEWS.values()]
    for table in declared:
        modules[table.row.__module__].append(table)
    parts = [f"# The tables\n\n{_MADE}\n{len(schema.TABLES)} tables, and {len(schema.VIEWS)} views of them. {_TABLES}"]
    for name, of_module in sorted(modules.items()):
        meaning = (sys.modules[name].__doc__ or "").strip()
        parts.append(f"## {name}\n\n{meaning}\n")
        parts += [_table(table) for table in of_module]
    return "\n".join(parts)


def _rule_rows() -> Iterator[tuple[str, ...]]:
    for rule in sorted(rules.book().values(), key=lambda rule: (-rule.severity, rule.id)):
        cwe = ", ".join(f"[{n}](https://cwe.mitre.org/data/definitions/{n}.html)" for n in rule.cwe)
        yield f"[{rule.id}]({rule.id}.md)", rule.title, f"{level(rule.severity)} {rule.severity:g}", rule.precision, cwe


def _owasp_rows() -> Iterator[tuple[str, ...]]:
    covered: dict[str, list[str]] = defaultdict(list)
    for rule in rules.book().values():
        for category in rule.owasp:
            covered[category].append(f"[{rule.id}]({rule.id}.md)")
    for category in sorted(covered, key=lambda name: (name.partition(":")[2], name)):
        yield category, ", ".join(covered[category])


@page("aud_action/rules/README.md")
def contents() -> str:
    """The rules' table of contents, the most severe first."""
    head = ("rule", "what is wrong", "severity", "precision", "CWE")
    rows, owasp = grid(head, _rule_rows()), grid(("OWASP", "rules"), _owasp_rows())
    return f"# The rules\n\n{_MADE}\n{len(rules.book())} rules. {_RULES}\n{rows}\n## OWASP Top 10\n\n{owasp}"


def _meanings(kind: type) -> dict[str, str]:
    """What stands behind `#:` in a class, by field."""
    declared = [one for one in reversed(kind.__mro__) if one.__module__ not in {"builtins", "typing"}]
    return dict(pair for one in declared for pair in _COLUMN.findall(inspect.getsource(one)))


def _values(hint: object) -> str:
    """What a key may hold, in words."""
    text = hint.__name__ if isinstance(hint, type) else str(hint)
    group = "list of " if text.startswith("tuple") else "table of " if text.startswith("dict") else ""
    kinds = [word for kind, word in _KINDS.items() if re.search(rf"\b{kind}\b", text)]
    return group + ", ".join(re.findall(r"'([\w-]+)'", text) or kinds[-1:])


def _setting_rows() -> Iterator[tuple[str, ...]]:
    from aud_action import settings

    meanings, defaults = _meanings(settings.Settings), settings.Settings()
    hints = typing.get_type_hints(settings.Settings)
    for key, name in settings.KEYS.items():
        default = getattr(defaults, name)
        shown = "" if default in (None, (), {}) else f"`{json.dumps(default)}`"
        yield f"`{key}`", _values(hints[name]), shown, meanings.get(name, "")


@page("docs/configuration.md")
def configuration() -> str:
    """Every key of the configuration file."""
    return f"# Configuration\n\n{_MADE}\n{_SETTINGS}\n{grid(('key', 'values', 'default', 'meaning'), _setting_rows())}"


def _commands() -> dict[str, Any]:
    from typer.main import get_command

    from aud_action.cli import app

    command: Any = get_command(app)
    found = {name: one for name, one in command.commands.items() if not one.hidden}
    inner = {
        f"{name} {word}": one for name, group in found.items() for word, one in getattr(group, "commands", {}).items()
    }
    return found | inner


def _options(command: Any) -> Iterator[tuple[str, ...]]:
    for option in command.params:
        if option.hidden or option.name == "help":
            continue
        is_option = option.param_type_name == "option"
        names = [*option.opts, *option.secondary_opts] if is_option else [option.name.upper()]
        default = "" if option.default in (None, "", (), [], False) else f"`{option.default}`"
        yield ", ".join(f"`{name}`" for name in names), default, option.help or ""


@page("docs/cli.md")
def command_line() -> str:
    """Every command with every option."""
    parts = [f"# The command line\n\n{_MADE}\n{_COMMANDS}"]
    for name, command in _commands().items():
        rows = list(_options(command))
        table = f"\n{grid(('option', 'default', 'meaning'), iter(rows))}" if rows else ""
        parts.append(f"## aud {name}\n\n{inspect.cleandoc(command.help or '')}\n{table}")
    return "\n".join(parts)


def _peers(peers: dict[str, dict[str, str]], name: str) -> Iterator[tuple[str, ...]]:
    takers: dict[str, list[str]] = defaultdict(list)
    for rule in rules.book().values():
        for alias in rule.aliases:
            takers[alias].append(f"[{rule.id}](../aud_action/rules/{rule.id}.md)")
    for identifier, title in peers[name].items():
        if identifier != "version":
            yield (
                f"`{identifier}`",
                title,
                ", ".join(takers[identifier]) or peers["unmapped"].get(identifier, "not taken yet"),
            )


@page("docs/parity.md")
def parity() -> str:
    """What other tools look for, and which of the rules takes it."""
    peers = rules.peers()
    parts = [f"# What other tools find\n\n{_MADE}\n{_PARITY}"]
    for name, title in (
        ("bandit", "bandit"),
        ("ruff", "ruff's S rules"),
        ("codeql", "CodeQL's Python security queries"),
        ("semgrep", "Semgrep's rules for Python"),
    ):
        parts.append(f"## {title}\n\nAs of {peers[name]['version']}.\n")
        parts.append(grid(("there", "what it is", "here"), _peers(peers, name)))
    return "\n".join(parts)


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
