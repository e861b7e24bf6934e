"""Flask applications, blueprints and where their configuration comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.functions import own_nodes
from extractors.registry import extracts
from extractors.web.routers import has_own_class, is_given_away, own_class
from schema.flask import FlaskApp, FlaskBlueprint, FlaskConfigSource, FlaskConfigValue, FlaskUrlBuild

_BLUEPRINTS: Final = frozenset(
    {
        "flask.Blueprint",
        "flask_smorest.Blueprint",
        "flask.blueprints.Blueprint",
        "quart.Blueprint",
        "apiflask.APIBlueprint",
    }
)
_FLASKS: Final = frozenset({"flask.Flask", "flask.app.Flask", "apiflask.APIFlask"})
_FROM: Final = frozenset(
    "from_object from_pyfile from_envvar from_mapping from_prefixed_env from_file from_json update setdefault".split()
)
_WHEN: Final = ("flask", "quart")


@extracts(ast.Call, callee={"Flask", "APIFlask"}, when=("flask", "apiflask"))
def flask_app(node: ast.Call, context: Context) -> Iterator[FlaskApp]:
    """
    Each Flask application that is created, and the factory that gives it away.

    >>> rows(flask_app, "from flask import Flask as F\\ndef make(bp):\\n    app = F(__name__)\\n    app.register_blueprint(bp)\\n    return app")
    FlaskApp(factory='make', variable='app', import_name='__name__', is_returned=True, registers_blueprints=1, calls_init_app=0)
    """
    if context.name(node.func) in _FLASKS:
        yield _app(node, context)


@extracts(ast.Call, when=("flask", "apiflask"), only=has_own_class)
def own_flask_app(node: ast.Call, context: Context) -> Iterator[FlaskApp]:
    """
    Each application of a class of this file.

    >>> rows(own_flask_app, "from flask import Flask\\nclass Shop(Flask): pass\\napp = Shop('shop')")
    FlaskApp(factory=None, variable='app', import_name="'shop'", is_returned=False, registers_blueprints=0, calls_init_app=0)
    """
    name = context.identity(node.func) if isinstance(node.func, ast.Name) else ""
    if name.startswith(f"{context.module}.") and own_class(name, context, _FLASKS):
        yield _app(node, context)


def _app(node: ast.Call, context: Context) -> FlaskApp:
    variable = context.variable(node)
    scope = context.scope
    body = own_nodes(scope.node) if scope.kind in {"module", "function"} else ()
    called = [
        child.func.attr for child in body if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute)
    ]
    return FlaskApp(
        factory=getattr(scope.node, "name", None) if scope.kind == "function" else None,
        variable=variable,
        import_name=context.source(context.keyword(node, "import_name", 0)) or None,
        is_returned=is_given_away(node, variable, context),
        registers_blueprints=called.count("register_blueprint"),
        calls_init_app=called.count("init_app"),
    )


@extracts(ast.Call, callee={"Blueprint", "APIBlueprint"}, when=("flask", "flask_smorest", "quart", "apiflask"))
def flask_blueprint(node: ast.Call, context: Context) -> Iterator[FlaskBlueprint]:
    """
    Each Blueprint that is created.

    >>> rows(flask_blueprint, "from flask import Blueprint\\nbp = Blueprint('shop', __name__, url_prefix='/s')")
    FlaskBlueprint(name='shop', variable='bp', import_name='__name__', url_prefix='/s', subdomain=None, template_folder=None)
    """
    if context.name(node.func) not in _BLUEPRINTS:
        return
    yield FlaskBlueprint(
        name=context.string(context.keyword(node, "name", 0)) or "",
        variable=context.variable(node),
        import_name=context.source(context.keyword(node, "import_name", 1)) or None,
        url_prefix=context.string(context.keyword(node, "url_prefix")),
        subdomain=context.string(context.keyword(node, "subdomain")),
        template_folder=context.string(context.keyword(node, "template_folder")),
    )


def _application(node: ast.AST, context: Context) -> str | None:
    """The application whose `config` an expression is, as written; None when it is none."""
    if not isinstance(node, ast.Attribute) or node.attr != "config":
        return None
    owner = context.name(node.value)
    known = not owner or owner.startswith(("flask.", "quart.", "apiflask.")) or not _is_imported(owner, context)
    return context.text(node.value) or None if known else None


def _is_imported(name: str, context: Context) -> bool:
    root = name.partition(".")[0]
    return (
        root in context.imports
        and root != context.module.partition(".")[0]
        and not name.endswith(("app", "application"))
    )


def _value(key: str, node: ast.expr, is_default: bool, context: Context) -> FlaskConfigValue:
    value = context.constant(node)
    kind = None if value is NOT_CONSTANT else type(value).__name__
    return FlaskConfigValue(key, context.source(node), constant_text(value), kind, is_default)


@extracts(ast.Call, callee=_FROM, when=_WHEN)
def flask_config_source(node: ast.Call, context: Context) -> Iterator[FlaskConfigSource | At]:
    """
    Each place configuration comes from, and the values that are given there.

    >>> rows(flask_config_source, "from flask import Flask\\napp = Flask('a')\\napp.config.from_object('settings.Prod')\\napp.config.update(DEBUG=True)")
    FlaskConfigSource(method='from_object', source='settings.Prod', target='app')
    FlaskConfigSource(method='update', source=None, target='app')
    FlaskConfigValue(key='DEBUG', value_source='True', constant='True', constant_type='bool', is_default=False)
    """
    func = node.func
    target = _application(func.value, context) if isinstance(func, ast.Attribute) else None
    if target is None or not isinstance(func, ast.Attribute):
        return
    first = node.args[0] if node.args else None
    is_mapping = func.attr in {"update", "from_mapping", "setdefault"}
    yield FlaskConfigSource(
        func.attr, None if is_mapping else context.string(first) or context.source(first) or None, target
    )
    is_default = func.attr in {"setdefault", "from_mapping"}
    if func.attr == "setdefault" and len(node.args) == 2:
        yield At(node.args[1], _value(context.string(first) or "", node.args[1], True, context))
    elif is_mapping:
        pairs = [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
        if isinstance(first, ast.Dict):
            pairs += [(context.string(key) or "", value) for key, value in zip(first.keys, first.values, strict=True)]
        for key, value in pairs:
            if key:
                yield At(value, _value(key, value, is_default, context))


@extracts(ast.AugAssign, when=_WHEN)
def flask_config_update(node: ast.AugAssign, context: Context) -> Iterator[At]:
    """
    Each configuration value of a dictionary that is put in by `|=`.

    >>> rows(flask_config_update, "from flask import Flask\\napp = Flask('a')\\napp.config |= {'K': 1}")
    FlaskConfigValue(key='K', value_source='1', constant='1', constant_type='int', is_default=False)
    """
    if isinstance(node.op, ast.BitOr) and isinstance(node.value, ast.Dict) and _application(node.target, context):
        for key, value in zip(node.value.keys, node.value.values, strict=True):
            text = context.string(key) if key is not None else None
            if text:
                yield At(value, _value(text, value, False, context))


@extracts(ast.Assign, when=_WHEN)
def flask_config_value(node: ast.Assign, context: Context) -> Iterator[FlaskConfigValue]:
    """
    Each configuration value that is assigned.

    >>> rows(flask_config_value, "from flask import Flask\\napp = Flask('a')\\napp.config['K'] = 1 + 1\\napp.secret_key = 'x'")
    FlaskConfigValue(key='K', value_source='1 + 1', constant='2', constant_type='int', is_default=False)
    FlaskConfigValue(key='SECRET_KEY', value_source="'x'", constant='x', constant_type='str', is_default=False)
    """
    for target in node.targets:
        if isinstance(target, ast.Subscript) and _application(target.value, context):
            key = context.string(target.slice)
            if key:
                yield _value(key, node.value, False, context)
        elif isinstance(target, ast.Attribute) and target.attr in {"secret_key", "debug", "testing"}:
            if context.name(target.value) in {"flask.Flask", "quart.Quart", "flask.current_app"}:
                yield _value(target.attr.upper(), node.value, False, context)


@extracts(ast.Call, callee={"url_for"}, when=_WHEN)
def flask_url_build(node: ast.Call, context: Context) -> Iterator[FlaskUrlBuild]:
    """
    Each URL built by endpoint.

    >>> rows(flask_url_build, "from flask import url_for\\nurl_for('shop.item', id=i, _external=True)")
    FlaskUrlBuild(endpoint='shop.item', is_external=True, is_constant=False)
    """
    if context.name(node.func) not in {"flask.url_for", "quart.url_for", "flask.helpers.url_for"}:
        return
    endpoint: Any = context.string(context.keyword(node, "endpoint", 0))
    external = context.constant(context.keyword(node, "_external")) is True
    values = (keyword.value for keyword in node.keywords)
    yield FlaskUrlBuild(
        endpoint,
        external,
        endpoint is not None and all(context.constant(value) is not NOT_CONSTANT for value in values),
    )
