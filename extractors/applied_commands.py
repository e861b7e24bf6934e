"""Commands of Click and Typer that two calls make: `app.command("serve")(serve)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from extractors.commands import CLICK_MAKERS, TYPER_MAKERS, click_made_by, command_name, typer_options, typer_owner
from extractors.context import At, Context
from extractors.registry import extracts
from extractors.rounds import unrolled
from schema.commands import LocalCommand


@extracts(ast.Call, callee={*CLICK_MAKERS, *TYPER_MAKERS})
def command_applied(node: ast.Call, context: Context) -> Iterator[LocalCommand | At]:
    """
    Each command whose decorator is called by hand, or what is one if it is put on a group or an application.

    >>> rows(command_applied, "import typer\\nfrom m import serve\\napp = typer.Typer()\\ndef run(n: int = 1): ...\\napp.command('go')(run)\\napp.command('no')")
    LocalCommand(library='click', name='go', function='run', arguments=0, is_group=False, owner='m.app')
    LocalCommand(library='typer', name='go', function='run', arguments=1, is_group=False, owner=None)
    LocalCommandOption(library='typer', command='go', name='--n', kind='option', type='int', default_source='1', choices_constant=False, owner=None)
    >>> rows(command_applied, "import click\\nfrom .main import cli\\nmade = click.group('on')(serve)\\ncli.command()(serve_it)")
    LocalCommand(library='click', name='on', function='serve', arguments=0, is_group=True, owner=None)
    LocalCommand(library='click', name='serve-it', function='serve_it', arguments=0, is_group=False, owner='main.cli')
    LocalCommand(library='typer', name='serve-it', function='serve_it', arguments=0, is_group=False, owner='main.cli')
    """
    outer = getattr(context.statement, "value", None)
    if isinstance(outer, ast.Call) and outer.func is node and len(outer.args) == 1 and not outer.keywords:
        for whole in unrolled(outer, context):
            if isinstance(whole.func, ast.Call):
                yield from _click(whole.func, whole.args[0], context)
                yield from _typer(whole.func, whole.args[0], context)


def _click(decorator: ast.Call, given: ast.expr, context: Context) -> Iterator[LocalCommand]:
    word, owner = click_made_by(decorator, context)
    function = context.text(given)
    if word and function:
        name = context.string(context.keyword(decorator, "name", 0)) or command_name(function.rpartition(".")[2])
        yield LocalCommand("click", name, function, 0, CLICK_MAKERS[word], owner)


def _typer(decorator: ast.Call, given: ast.expr, context: Context) -> Iterator[LocalCommand | At]:
    word, owner = typer_owner(decorator, context)
    function = context.text(given)
    if word and function:
        bound: Any = context.binding(function)
        is_here = isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef))
        is_group = TYPER_MAKERS[word]
        named = context.string(context.keyword(decorator, "name", 0))
        plain = command_name(function.rpartition(".")[2], drops_suffix=False)
        name = "" if is_group else named or plain
        options = list(typer_options(bound, name, owner, context)) if is_here else []
        yield LocalCommand("typer", name, function, len(options), is_group, owner)
        yield from options
