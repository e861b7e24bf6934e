"""Functions hooked into Flask: around requests, for errors, for templates, on the command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.web.frameworks import framework_of
from schema.flask import FlaskCliCommand, FlaskErrorHandler, FlaskHook, FlaskTemplateFilter

HOOKS: Final = frozenset(
    "before_request after_request teardown_request before_first_request before_app_request after_app_request "
    "before_app_first_request teardown_app_request teardown_appcontext url_value_preprocessor url_defaults app_url_value_preprocessor "
    "app_url_defaults context_processor app_context_processor shell_context_processor before_websocket after_websocket "
    "before_serving after_serving while_serving".split()
)
_TEMPLATE: Final = {f"{front}template_{kind}": kind for front in ("", "app_") for kind in ("filter", "test", "global")}
_ADDED: Final = {f"add_{name}": kind for name, kind in _TEMPLATE.items()}
_GLOBALS: Final = {"filters": "filter", "tests": "test", "globals": "global"}
_WHEN: Final = ("flask", "quart")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def on_flask(node: ast.AST, context: Context) -> bool:
    """Whether an expression can be a Flask application or blueprint."""
    return framework_of(node, context) in {"flask", "quart", ""}


def decorations(
    node: Any, words: frozenset[str] | dict[str, str], context: Context
) -> Iterator[tuple[ast.expr, ast.Attribute, ast.Call | None]]:
    """The decorators of a function that are one of these words on an application: with or without parentheses."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        func = call.func if call else decorator
        if isinstance(func, ast.Attribute) and func.attr in words and on_flask(func.value, context):
            yield decorator, func, call


def _qualified(node: Any, context: Context) -> str:
    return f"{context.scope.name}.{node.name}" if context.scope.name else str(node.name)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_WHEN, decorated=True)
def flask_hook(node: Any, context: Context) -> Iterator[At]:
    """
    Each function hooked into requests by decorator.

    >>> rows(flask_hook, "from flask import Flask\\napp = Flask('a')\\n@app.after_request\\nasync def f(response): ...")
    FlaskHook(hook='after_request', function='f', target='app', target_name='m.app', function_name='m.f', accepts_response=True, accepts_error=False, is_async=True)
    """
    for decorator, func, _ in decorations(node, HOOKS, context):
        yield At(
            decorator,
            _hook(func, node.name, _qualified(node, context), isinstance(node, ast.AsyncFunctionDef), context),
        )


def _hook(func: ast.Attribute, name: str, exact: str, is_async: bool, context: Context) -> FlaskHook:
    word = func.attr
    target = context.text(func.value) or None
    response, error = word.startswith("after_") and "request" in word, word.startswith("teardown")
    return FlaskHook(word, name, target, context.identity(func.value) or None, exact, response, error, is_async)


@extracts(ast.Call, callee=HOOKS, when=_WHEN)
def flask_hook_added(node: ast.Call, context: Context) -> Iterator[FlaskHook]:
    """
    Each function hooked into requests by a call.

    >>> rows(flask_hook_added, "from flask import Flask\\napp = Flask('a')\\ndef f(): ...\\napp.before_request(f)")
    FlaskHook(hook='before_request', function='f', target='app', target_name='m.app', function_name='m.f', accepts_response=False, accepts_error=False, is_async=False)
    """
    if isinstance(node.func, ast.Attribute) and len(node.args) == 1 and on_flask(node.func.value, context):
        given = node.args[0]
        name = context.text(given) or context.source(given, 80)
        bound = context.binding(name) if isinstance(given, ast.Name) else None
        yield _hook(node.func, name, context.identity(given), isinstance(bound, ast.AsyncFunctionDef), context)


def _status(node: ast.expr | None, context: Context) -> tuple[int | None, str | None]:
    value = context.constant(node)
    if type(value) is int and abs(value) < 1000:
        return value, None
    return None, context.name(node) or context.source(node, 80) or None


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_WHEN, decorated=True)
def flask_error_handler(node: Any, context: Context) -> Iterator[At]:
    """
    Each function that handles a status or an exception.

    >>> rows(flask_error_handler, "from flask import Flask\\napp = Flask('a')\\n@app.errorhandler(404)\\n@app.errorhandler(ValueError)\\ndef f(e): ...")
    FlaskErrorHandler(function='f', code=404, exception=None, target='app')
    FlaskErrorHandler(function='f', code=None, exception='ValueError', target='app')
    """
    for decorator, func, call in decorations(node, ERRORS, context):
        code, exception = _status(context.keyword(call, "code_or_exception", 0) if call else None, context)
        yield At(decorator, FlaskErrorHandler(node.name, code, exception, context.text(func.value) or None))


ERRORS: Final = frozenset({"errorhandler", "app_errorhandler"})


@extracts(ast.Call, callee={"register_error_handler"}, when=_WHEN)
def flask_error_handler_added(node: ast.Call, context: Context) -> Iterator[FlaskErrorHandler]:
    """
    Each handler that a call registers.

    >>> rows(flask_error_handler_added, "from flask import Flask\\napp = Flask('a')\\napp.register_error_handler(500, f)")
    FlaskErrorHandler(function='f', code=500, exception=None, target='app')
    """
    if isinstance(node.func, ast.Attribute) and on_flask(node.func.value, context):
        code, exception = _status(context.keyword(node, "code_or_exception", 0), context)
        handler = context.source(context.keyword(node, "f", 1), 80)
        yield FlaskErrorHandler(handler, code, exception, context.text(node.func.value) or None)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_WHEN, decorated=True)
def flask_template_filter(node: Any, context: Context) -> Iterator[At]:
    """
    Each filter, test or global for templates, by decorator.

    >>> rows(flask_template_filter, "from flask import Flask\\napp = Flask('a')\\n@app.template_filter('up')\\ndef f(x): ...\\n@app.template_global()\\ndef g(): ...")
    FlaskTemplateFilter(name='up', function='f', kind='filter', target='app')
    FlaskTemplateFilter(name='g', function='g', kind='global', target='app')
    """
    for decorator, func, call in decorations(node, _TEMPLATE, context):
        name = context.string(context.keyword(call, "name", 0)) if call else None
        row = FlaskTemplateFilter(name or node.name, node.name, _TEMPLATE[func.attr], context.text(func.value) or None)
        yield At(decorator, row)


@extracts(ast.Call, callee=_ADDED, when=_WHEN)
def flask_template_filter_added(node: ast.Call, context: Context) -> Iterator[FlaskTemplateFilter]:
    """
    Each filter, test or global for templates, by call.

    >>> rows(flask_template_filter_added, "from flask import Flask\\napp = Flask('a')\\napp.add_template_filter(f, 'up')")
    FlaskTemplateFilter(name='up', function='f', kind='filter', target='app')
    """
    if isinstance(node.func, ast.Attribute) and on_flask(node.func.value, context) and node.args:
        function = context.source(node.args[0], 80)
        name = context.string(context.keyword(node, "name", 1)) or function
        yield FlaskTemplateFilter(name, function, _ADDED[node.func.attr], context.text(node.func.value) or None)


@extracts(ast.Assign, when=_WHEN)
def flask_environment_filter(node: ast.Assign, context: Context) -> Iterator[FlaskTemplateFilter]:
    """
    Each filter, test or global put into the template environment.

    >>> rows(flask_environment_filter, "import flask\\napp = flask.Flask('a')\\napp.jinja_env.filters['up'] = f")
    FlaskTemplateFilter(name='up', function='f', kind='filter', target='app')
    """
    for target in node.targets:
        table = target.value if isinstance(target, ast.Subscript) else None
        if isinstance(target, ast.Subscript) and isinstance(table, ast.Attribute) and table.attr in _GLOBALS:
            if isinstance(table.value, ast.Attribute) and table.value.attr == "jinja_env":
                name = context.string(target.slice)
                if name:
                    function, owner = context.source(node.value, 80), context.text(table.value.value) or None
                    yield FlaskTemplateFilter(name, function, _GLOBALS[table.attr], owner)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when=_WHEN, decorated=True)
def flask_cli_command(node: Any, context: Context) -> Iterator[At]:
    """
    Each command of the application's own command line.

    >>> rows(flask_cli_command, "import click\\nfrom flask import Flask\\napp = Flask('a')\\n@app.cli.command('init-db')\\n@click.option('--x')\\ndef f(x): ...")
    FlaskCliCommand(name='init-db', function='f', is_group=False, options=1, target='app')
    """
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        func = call.func if call else decorator
        if not isinstance(func, ast.Attribute) or func.attr not in {"command", "group"}:
            continue
        owner = func.value
        is_cli = isinstance(owner, ast.Attribute) and owner.attr == "cli" and on_flask(owner.value, context)
        if is_cli or context.name(owner) in {"flask.cli.AppGroup", "flask.cli.FlaskGroup"}:
            given = context.string(context.keyword(call, "name", 0)) if call else None
            options = sum(_is_option(entry, context) for entry in node.decorator_list)
            target = context.text(owner.value if is_cli and isinstance(owner, ast.Attribute) else owner) or None
            name = given or node.name.lower().replace("_", "-")
            yield At(decorator, FlaskCliCommand(name, node.name, func.attr == "group", options, target))


def _is_option(decorator: ast.expr, context: Context) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return context.name(func) in {
        "click.option",
        "click.argument",
        "click.password_option",
        "click.confirmation_option",
    }
