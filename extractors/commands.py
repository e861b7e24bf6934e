"""Command lines: Click, Typer, argparse, Fire and docopt."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

from extractors.annotations import parsed, unwrapped
from extractors.context import At, Context
from extractors.fold import NOT_CONSTANT
from extractors.functions import own_nodes
from extractors.registry import extracts
from extractors.rounds import unrolled
from extractors.statements import called
from schema.commands import LocalCommand, LocalCommandOption

CLICKS: Final = ("click.", "rich_click.", "asyncclick.", "cloup.")
CLICK_MAKERS: Final = {"command": False, "group": True}
TYPER_MAKERS: Final = {"command": False, "callback": True}
TYPERS: Final = ("typer.Typer.", "typer.main.Typer.")
_SUFFIXES: Final = ("_command", "_cmd", "_group", "_grp")


Made = tuple[str, str | None]


def command_name(function: str, *, drops_suffix: bool = True) -> str:
    """
    The name Click gives to a function that has none: without its suffix since Click 8.2, dashes for underscores.

    >>> command_name("add_user"), command_name("init_db_command"), command_name("init_db_command", drops_suffix=False)
    ('add-user', 'init-db', 'init-db-command')
    """
    name = function.lower()
    for suffix in _SUFFIXES:
        if drops_suffix and name.endswith(suffix):
            name = name.removesuffix(suffix)
            break
    return name.replace("_", "-")


def click_made_by(decorator: ast.expr, context: Context) -> Made:
    """`command` or `group` when a decorator makes one of Click: directly, or on a group; "" for any other."""
    func = called(decorator)
    owner = func.value if isinstance(func, ast.Attribute) else None
    name = "" if isinstance(func, ast.Attribute) and func.attr not in CLICK_MAKERS else context.name(func)
    word = name.rpartition(".")[2] or (func.attr if isinstance(func, ast.Attribute) else "")
    if word not in CLICK_MAKERS:
        return "", None
    if name.startswith(CLICKS):
        return word, None
    bound = context.binding(owner.id) if isinstance(owner, ast.Name) else None
    if isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef)):
        groups = [
            found[1] for found in (click_made_by(item, context) for item in bound.decorator_list) if found[0] == "group"
        ]
        return (word, groups[0]) if groups else ("", None)
    return (word, context.identity(owner)) if context.identity(owner) else ("", None)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, decorated=True)
def click_command(node: Any, context: Context) -> Iterator[LocalCommand | At]:
    """
    Each command and group of Click with its options, and what is one if the object that it is put on is a group.

    >>> rows(click_command, "import click\\npath = click.argument('path')\\n@click.group()\\ndef cli(): ...\\n@cli.command('add')\\n@click.option('-n', '--name', type=click.Choice(['a', 'b']), default='a')\\n@click.option('--dry/--wet')\\n@path\\ndef add_it(name, dry, path): ...\\n@app.command()\\ndef other(): ...")
    LocalCommand(library='click', name='cli', function='cli', arguments=0, is_group=True, owner=None)
    LocalCommand(library='click', name='add', function='add_it', arguments=3, is_group=False, owner=None)
    LocalCommandOption(library='click', command='add', name='--name', kind='option', type="click.Choice(['a', 'b'])", default_source="'a'", choices_constant=True, owner=None)
    LocalCommandOption(library='click', command='add', name='--dry', kind='flag', type=None, default_source=None, choices_constant=False, owner=None)
    LocalCommandOption(library='click', command='add', name='path', kind='argument', type=None, default_source=None, choices_constant=False, owner=None)
    >>> rows(click_command, "from .main import cli\\n@cli.command()\\ndef run(): ...")
    LocalCommand(library='click', name='run', function='run', arguments=0, is_group=False, owner='main.cli')
    """
    for decorator in node.decorator_list:
        word, owner = click_made_by(decorator, context)
        if word:
            given = context.keyword(decorator, "name", 0) if isinstance(decorator, ast.Call) else None
            name = context.string(given) or command_name(node.name)
            options = list(_click_options(node, name, owner, context))
            yield LocalCommand("click", name, node.name, len(options), CLICK_MAKERS[word], owner)
            yield from options
            return


CLICK_OPTIONS: Final = {
    "option": "",
    "argument": "",
    "password_option": "--password",
    "confirmation_option": "--yes",
    "version_option": "--version",
    "help_option": "--help",
}


def _click_options(node: Any, command: str, owner: str | None, context: Context) -> Iterator[At]:
    for decorator in node.decorator_list:
        for call in _option_calls(decorator, context):
            word = context.name(call.func).rpartition(".")[2]
            names = [text for text in map(context.string, call.args) if text]
            if word == "version_option":  # what comes first is the version
                names = [text for text in names if text.startswith("-")]
            name = click_name(names, word)
            kind = "argument" if word == "argument" else "flag" if word == "version_option" else "option"
            yield At(call, _declared(command, name, kind, owner, call, context))


def _option_calls(decorator: ast.expr, context: Context) -> Iterator[ast.Call]:
    """The options of Click that a decorator is, or that a name or decorator of this file stands for."""
    func = called(decorator)
    bound = context.binding(func.id) if isinstance(func, ast.Name) else None
    made = bound if isinstance(bound, ast.Call) and func is decorator else decorator
    found: Iterable[ast.AST] = own_nodes(bound) if isinstance(bound, ast.FunctionDef) else [made]
    for node in found:
        word = context.name(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and word.startswith(CLICKS) and word.rpartition(".")[2] in CLICK_OPTIONS:
            yield node


@extracts(ast.Call, callee={"Command"}, when=("click", "rich_click", "asyncclick"))
def click_made(node: ast.Call, context: Context) -> Iterator[LocalCommand]:
    """
    Each command of Click that is made by a call.

    >>> rows(click_made, "import click\\nfor name in ('up', 'down'):\\n    cli.add_command(click.Command(name, callback=run, params=[click.Option(['--x'])]))")
    LocalCommand(library='click', name='up', function='run', arguments=1, is_group=False, owner=None)
    LocalCommand(library='click', name='down', function='run', arguments=1, is_group=False, owner=None)
    """
    if context.name(node.func) != "click.Command":
        return
    for call in unrolled(node, context):
        given = context.keyword(call, "params")
        options = len(given.elts) if isinstance(given, (ast.List, ast.Tuple)) else 0
        function = context.text(context.keyword(call, "callback"))
        yield LocalCommand(
            "click", context.string(context.keyword(call, "name", 0)) or "", function, options, False, None
        )


def option_name(names: list[str]) -> str:
    """
    The name an option goes by: its first long form, else its first form; an argument's is the parameter's.

    >>> option_name(["-n", "--name", "value"]), option_name(["--on/--off"]), option_name(["path"]), option_name([])
    ('--name', '--on', 'path', '')
    """
    forms = [name.partition("/")[0].strip() for name in names]
    return next((form for form in forms if form.startswith("--")), forms[0] if forms else "")


def click_name(names: list[str], word: str) -> str:
    """
    The name that an option or argument of Click goes by.

    >>> click_name(["--Name"], "option"), click_name(["IN-PATH"], "argument"), click_name([], "password_option")
    ('--Name', 'in_path', '--password')
    """
    name = option_name(names) or CLICK_OPTIONS[word] or "--help"
    return name.lower().replace("-", "_") if word == "argument" and len(names) == 1 else name


def _declared(
    command: str, name: str, kind: str, owner: str | None, call: ast.Call, context: Context
) -> LocalCommandOption:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    is_flag = context.constant(given.get("is_flag")) is True or any(
        "/" in (context.string(part) or "") for part in call.args
    )
    kind = "flag" if is_flag or context.constant(given.get("count")) is True else kind
    default = context.source(given.get("default")) or None
    of_type = given.get("type")
    return LocalCommandOption(
        "click", command, name, kind, context.source(of_type) or None, default, _chosen(of_type, context), owner
    )


def _chosen(type_of: ast.expr | None, context: Context) -> bool:
    """Whether a type is a choice among constants."""
    if not isinstance(type_of, ast.Call) or not context.name(type_of.func).endswith(".Choice") or not type_of.args:
        return False
    return context.constant(type_of.args[0]) is not NOT_CONSTANT


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, decorated=True)
def typer_command(node: Any, context: Context) -> Iterator[LocalCommand | At]:
    """
    Each command of Typer with the options its parameters declare, and what is one if it is put on an application of Typer.

    >>> rows(typer_command, "import typer\\nfrom typing import Annotated\\napp = typer.Typer()\\n@app.command()\\ndef add_user(name: str, age: Annotated[int, typer.Option('--years')] = 3, loud: bool = False, n: int = typer.Argument(1)): ...\\n@app.callback()\\ndef main(): ...\\n@other.command()\\ndef x(): ...")
    LocalCommand(library='typer', name='add-user', function='add_user', arguments=4, is_group=False, owner=None)
    LocalCommandOption(library='typer', command='add-user', name='name', kind='argument', type='str', default_source=None, choices_constant=False, owner=None)
    LocalCommandOption(library='typer', command='add-user', name='--years', kind='option', type='int', default_source='3', choices_constant=False, owner=None)
    LocalCommandOption(library='typer', command='add-user', name='--loud', kind='flag', type='bool', default_source='False', choices_constant=False, owner=None)
    LocalCommandOption(library='typer', command='add-user', name='n', kind='argument', type='int', default_source='1', choices_constant=False, owner=None)
    LocalCommand(library='typer', name='', function='main', arguments=0, is_group=True, owner=None)
    """
    for decorator in node.decorator_list:
        word, owner = typer_owner(decorator, context)
        if not word:
            continue
        given = context.keyword(decorator, "name", 0) if isinstance(decorator, ast.Call) else None
        is_group = TYPER_MAKERS[word]
        command = "" if is_group else context.string(given) or command_name(node.name, drops_suffix=False)
        options = list(typer_options(node, command, owner, context))
        yield LocalCommand("typer", command, node.name, len(options), is_group, owner)
        yield from options


def typer_owner(decorator: ast.expr, context: Context) -> Made:
    """The method of Typer's that a decorator is or may be, and the application if another file makes it; "" for any other."""
    func = called(decorator)
    if not isinstance(func, ast.Attribute) or func.attr not in TYPER_MAKERS:
        return "", None
    if context.name(func).startswith(TYPERS):
        return func.attr, None
    owner = context.identity(func.value)
    return (func.attr, owner) if owner and not _is_group(func.value, context) else ("", None)


def _is_group(node: ast.expr, context: Context) -> bool:
    """Whether an object is a function of this file, which no application of Typer is."""
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    return isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef)) or context.name(node).startswith(CLICKS)


@extracts(ast.Call, callee={"run"}, when="typer")
def typer_run(node: ast.Call, context: Context) -> Iterator[LocalCommand | At]:
    """
    Each function that is the whole program of Typer.

    >>> rows(typer_run, "import typer\\ndef main(name: str): ...\\ntyper.run(main)")
    LocalCommand(library='typer', name='', function='main', arguments=1, is_group=False, owner=None)
    LocalCommandOption(library='typer', command='', name='name', kind='argument', type='str', default_source=None, choices_constant=False, owner=None)
    """
    given = context.keyword(node, "function", 0)
    if context.name(node.func) != "typer.run" or given is None:
        return
    bound = context.binding(given.id) if isinstance(given, ast.Name) else None
    options = list(typer_options(bound, "", None, context)) if isinstance(bound, ast.FunctionDef) else []
    yield LocalCommand("typer", "", context.text(given), len(options), False, None)
    yield from options


def typer_options(node: Any, command: str, owner: str | None, context: Context) -> Iterator[At]:
    """The options of a command of Typer: its parameters."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    for argument, default in [
        *zip(positional, [*missing, *given.defaults], strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]:
        annotation = argument.annotation
        plain = parsed(annotation) if annotation is not None else None
        name = context.name(plain) or context.text(plain)
        # of all classes without a marker it takes contexts, enumerations and what reads a text
        if not name.endswith(("Context", "typer.CallbackParam")):
            yield At(argument, _typer_option(command, argument.arg, annotation, default, owner, context))


def _typer_option(
    command: str,
    name: str,
    annotation: ast.expr | None,
    default: ast.expr | None,
    owner: str | None,
    context: Context,
) -> LocalCommandOption:
    marker = _typer_marker(annotation, context)
    if marker is None and isinstance(default, ast.Call) and _is_marker(default, context):
        marker = default
        first = context.keyword(default, "default", 0)
        default = None if isinstance(first, ast.Constant) and first.value is ... else first
        names = [text for text in map(context.string, marker.args[1:]) if text]
    else:
        names = [text for text in map(context.string, marker.args) if text] if marker is not None else []
    inner = unwrapped(annotation, context)[0] if annotation is not None else None
    if marker is None:
        kind = "argument" if default is None else "option"
    else:
        kind = "argument" if context.name(marker.func).endswith("Argument") else "option"
    is_flag = kind == "option" and context.name(inner) == "bool"
    shown = name if kind == "argument" else option_name(names) or f"--{name.replace('_', '-')}"
    type_of = context.source(inner) or None
    return LocalCommandOption(
        "typer",
        command,
        shown,
        "flag" if is_flag else kind,
        type_of,
        context.source(default) or None,
        _is_literal(inner, context),
        owner,
    )


def _is_marker(node: ast.Call, context: Context) -> bool:
    return context.name(node.func) in {"typer.Option", "typer.Argument", "typer.params.Option", "typer.params.Argument"}


def _typer_marker(annotation: ast.expr | None, context: Context) -> ast.Call | None:
    annotation = parsed(annotation) if annotation is not None else None
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        for part in annotation.slice.elts[1:]:
            if isinstance(part, ast.Call) and _is_marker(part, context):
                return part
    return None


def _is_literal(node: ast.expr | None, context: Context) -> bool:
    if isinstance(node, ast.Subscript):
        return context.name(node.value).rpartition(".")[2] == "Literal"
    bound = context.binding(node.id) if isinstance(node, ast.Name) else None
    bases = bound.bases if isinstance(bound, ast.ClassDef) else []
    return any(context.name(base).startswith("enum.") for base in bases)


_PARSERS: Final = frozenset({"argparse.ArgumentParser", "argparse.ArgumentParser.add_subparsers.add_parser"})


@extracts(ast.Call, callee={"ArgumentParser", "add_parser"}, when="argparse")
def argparse_command(node: ast.Call, context: Context) -> Iterator[LocalCommand]:
    """
    Each parser and sub-parser of argparse.

    >>> rows(argparse_command, "import argparse\\np = argparse.ArgumentParser(prog='x')\\ns = p.add_subparsers()\\na = s.add_parser('add')\\na.add_argument('--n', type=int)\\nother.add_parser('b')")
    LocalCommand(library='argparse', name='x', function='', arguments=0, is_group=True, owner=None)
    LocalCommand(library='argparse', name='add', function='', arguments=1, is_group=False, owner=None)
    """
    name = context.name(node.func)
    if name not in _PARSERS:
        return
    variable = context.variable(node) or ""
    items = context.scope.items
    arguments = [
        item.func.attr
        for item, _ in items
        if isinstance(item, ast.Call)
        and isinstance(item.func, ast.Attribute)
        and context.text(item.func.value) == variable
    ]
    is_parser = name == "argparse.ArgumentParser"
    function = context.scope.name if context.scope.kind == "function" else ""
    for call in unrolled(node, context):
        title = context.string(context.keyword(call, "prog") if is_parser else context.keyword(call, "name", 0))
        yield LocalCommand(
            "argparse", title or "", function, arguments.count("add_argument"), "add_subparsers" in arguments, None
        )


@extracts(ast.Call, callee={"add_argument"}, when=("argparse", "django"))
def argparse_option(node: ast.Call, context: Context) -> Iterator[LocalCommandOption]:
    """
    Each argument a parser is given, directly or through a group.

    >>> rows(argparse_option, "import argparse\\np = argparse.ArgumentParser()\\np.add_argument('-v', '--verbose', action='store_true')\\np.add_argument('path', choices=['a', 'b'], default=HOME)\\nq.add_argument(1)")
    LocalCommandOption(library='argparse', command='p', name='--verbose', kind='flag', type=None, default_source=None, choices_constant=False, owner=None)
    LocalCommandOption(library='argparse', command='p', name='path', kind='argument', type=None, default_source='HOME', choices_constant=True, owner=None)
    """
    names = [text for text in map(context.string, node.args) if text]
    if not names or not isinstance(node.func, ast.Attribute):
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    action = context.string(given.get("action")) or ""
    is_option = names[0].startswith("-")
    kind = (
        "flag" if action.startswith(("store_true", "store_false", "count")) else "option" if is_option else "argument"
    )
    choices = "choices" in given and context.constant(given["choices"]) is not NOT_CONSTANT
    type_of, default = (context.source(given.get(word)) or None for word in ("type", "default"))
    owner = context.text(node.func.value) or context.source(node.func.value)
    yield LocalCommandOption("argparse", owner, option_name(names), kind, type_of, default, choices, None)


@extracts(ast.Call, callee={"Fire", "docopt"}, when=("fire", "docopt"))
def other_command(node: ast.Call, context: Context) -> Iterator[LocalCommand]:
    """
    Each program of Fire and docopt.

    >>> rows(other_command, "import fire\\nfrom docopt import docopt as d\\nfire.Fire(Tool)\\nd(__doc__)")
    LocalCommand(library='fire', name='', function='Tool', arguments=0, is_group=True, owner=None)
    LocalCommand(library='docopt', name='', function='__doc__', arguments=0, is_group=False, owner=None)
    """
    name = context.name(node.func)
    if name in {"fire.Fire", "docopt.docopt"}:
        first = node.args[0] if node.args else None
        yield LocalCommand(name.partition(".")[0], "", context.text(first), 0, name == "fire.Fire", None)
