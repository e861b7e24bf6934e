"""What Click and Typer say about a command line, and what our rows say."""

import pytest
from running import answer, facts, rows

CLICK = """
import click
import tools.more
from tools.clicks import alone, cli
def names(command):
    for parameter in command.params:
        yield next((o for o in parameter.opts if o.startswith("--")), parameter.name)
def walk(command):
    yield command.name, isinstance(command, click.Group), sorted(names(command))
    for inner in getattr(command, "commands", {}).values():
        yield from walk(inner)
answer = sorted([*walk(cli), *walk(alone)])
"""
TYPER = """
import typer.main
import tools.more
from tools.types import app
answer = sorted([command.name, sorted([p.param_type_name, next((o for o in p.opts if o.startswith("--")), p.name)] for p in command.params)]
                for command in typer.main.get_group(app).commands.values())
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("command_line", tmp_path_factory.mktemp("commands"))


def options(store, library, kinds="kind"):
    of = f"library = '{library}'"
    found = rows(store, f"SELECT name, is_group FROM python_commands WHERE {of}")
    for name, is_group in found:
        inner = rows(store, f"SELECT {kinds}, name FROM python_command_options WHERE {of} AND command = '{name}'")
        yield name, bool(is_group), inner


def test_click(store):
    ours = sorted(
        [name, is_group, sorted(option for _, option in inner)] for name, is_group, inner in options(store, "click")
    )
    assert ours == answer("command_line", CLICK)


def test_typer(store):
    kinds = "CASE kind WHEN 'argument' THEN 'argument' ELSE 'option' END"
    ours = sorted([name, sorted(map(list, inner))] for name, _, inner in options(store, "typer", kinds))
    assert ours == answer("command_line", TYPER)


def test_flags_choices_and_environment(store):
    assert rows(store, "SELECT name FROM python_command_options WHERE kind = 'flag' ORDER BY name") == [
        ("--all",),
        ("--dry-run",),
        ("--loud",),
        ("--quiet",),
        ("--silent",),
        ("--verbose",),
        ("--version",),
    ]
    assert rows(store, "SELECT name FROM python_command_options WHERE choices_constant ORDER BY name") == [
        ("--level",),
        ("--name",),
        ("--region",),
    ]
    assert rows(store, "SELECT name, access FROM python_environment_reads") == [("MAIL_COPIES", "option")]
