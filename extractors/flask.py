"""Flask applications and blueprints."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from extractors.context import Context
from extractors.functions import own_nodes
from extractors.registry import extracts
from schema.flask import FlaskApp, FlaskBlueprint


@extracts(ast.Call, callee={"Flask"}, when="flask")
def flask_app(node: ast.Call, context: Context) -> Iterator[FlaskApp]:
    """
    Each Flask application that is created, and the factory that gives it away.

    >>> rows(flask_app, "from flask import Flask as F\\ndef make():\\n    app = F(__name__)\\n    return app")
    FlaskApp(factory='make', variable='app', import_name='__name__', is_returned=True)
    """
    if context.name(node.func) != "flask.Flask":
        return
    variable = context.variable(node)
    function = context.scope.node if context.scope.kind == "function" else None
    yield FlaskApp(
        factory=getattr(function, "name", None),
        variable=variable,
        import_name=context.source(context.keyword(node, "import_name", 0)) or None,
        is_returned=function is not None and any(_gives(child, node, variable) for child in own_nodes(function)),
    )


def _gives(node: ast.AST, created: ast.Call, variable: str | None) -> bool:
    if not isinstance(node, (ast.Return, ast.Yield)):
        return False
    return node.value is created or (isinstance(node.value, ast.Name) and node.value.id == variable)


@extracts(ast.Call, callee={"Blueprint"}, when=("flask", "flask_smorest"))
def flask_blueprint(node: ast.Call, context: Context) -> Iterator[FlaskBlueprint]:
    """
    Each Blueprint that is created.

    >>> rows(flask_blueprint, "from flask import Blueprint\\nbp = Blueprint('shop', __name__, url_prefix='/s')")
    FlaskBlueprint(name='shop', variable='bp', import_name='__name__', url_prefix='/s', template_folder=None)
    """
    if context.name(node.func) not in {"flask.Blueprint", "flask_smorest.Blueprint", "flask.blueprints.Blueprint"}:
        return
    yield FlaskBlueprint(
        name=context.string(context.keyword(node, "name", 0)) or "",
        variable=context.variable(node),
        import_name=context.source(context.keyword(node, "import_name", 1)) or None,
        url_prefix=context.string(context.keyword(node, "url_prefix")),
        template_folder=context.string(context.keyword(node, "template_folder")),
    )
