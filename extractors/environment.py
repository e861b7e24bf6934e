"""The environment: which variables are read, and which are written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context, constant_text
from extractors.registry import extracts
from schema.project import EnvironmentRead, EnvironmentWrite

_SECRET: Final = re.compile(
    r"SECRET|TOKEN|PASSW|PASSPHRASE|API_?KEY|PRIVATE|CREDENTIAL|(?:^|_)(?:KEY|PWD|DSN)(?:_|$)", re.IGNORECASE
)
_ENVIRON: Final = frozenset({"os.environ", "os.environb"})
_METHODS: Final = {
    "os.environ.get": "get",
    "os.environ.setdefault": "setdefault",
    "os.environ.pop": "pop",
    "os.getenv": "getenv",
    "os.getenvb": "getenv",
}
_CONFIGS: Final = (
    "decouple.config",
    "starlette.config.Config",
    "environ.Env",
    "environs.Env",
    "dynaconf.Dynaconf",
    "prettyconf.config",
)
_CASTS: Final = frozenset(
    "int float bool str list json dict url path tuple decimal date uuid db cache email_url db_url".split()
)


def _read(
    name: str | None, access: str, default: ast.expr | None, required: bool, cast: str | None, context: Context
) -> EnvironmentRead:
    source = context.source(default) or None
    constant = constant_text(context.constant(default)) if default is not None else None
    return EnvironmentRead(name, access, source, constant, required, cast, bool(name and _SECRET.search(name)))


def _cast(node: ast.AST, context: Context) -> str | None:
    """`int(…)` around the read, when the statement's value is just that."""
    value: Any = getattr(context.statement, "value", None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and node in value.args:
        return value.func.id if context.name(value.func) in {"int", "float", "bool", "str"} else None
    return None


@extracts(ast.Subscript, when="os")
def environment_item(node: ast.Subscript, context: Context) -> Iterator[Any]:
    """
    Each variable read or written by subscript.

    >>> rows(environment_item, "import os\\nfrom os import environ as e\\nn = int(e['PORT'])\\nos.environ['API_KEY'] = key\\ndel os.environ['X']\\nd['y']")
    EnvironmentRead(name='PORT', access='item', default_source=None, default_constant=None, is_required=True, cast='int', is_secret_named=False)
    EnvironmentWrite(name='API_KEY', value_source='key', kind='item')
    EnvironmentWrite(name='X', value_source='', kind='unset')
    """
    value = node.value
    word = value.attr if value.__class__ is ast.Attribute else getattr(value, "id", None)
    if word is None or context.name(value) not in _ENVIRON:
        return
    name = context.string(node.slice)
    if isinstance(node.ctx, ast.Load):
        yield _read(name, "item", None, True, _cast(node, context), context)
    else:
        statement = context.statement
        given = getattr(statement, "value", None) if isinstance(node.ctx, ast.Store) else None
        yield EnvironmentWrite(name, context.source(given), "unset" if isinstance(node.ctx, ast.Del) else "item")


@extracts(ast.Call, callee={"get", "setdefault", "pop", "getenv", "getenvb"}, when="os")
def environment_get(node: ast.Call, context: Context) -> Iterator[Any]:
    """
    Each variable read by a call.

    >>> rows(environment_get, "import os\\nx = os.environ.get('A', 'b')\\ny = os.getenv(name)\\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 's')\\nos.environ.pop('TOKEN')\\nd.get('A')")
    EnvironmentRead(name='A', access='get', default_source="'b'", default_constant='b', is_required=False, cast=None, is_secret_named=False)
    EnvironmentRead(name=None, access='getenv', default_source=None, default_constant=None, is_required=False, cast=None, is_secret_named=False)
    EnvironmentWrite(name='DJANGO_SETTINGS_MODULE', value_source="'s'", kind='setdefault')
    EnvironmentRead(name='DJANGO_SETTINGS_MODULE', access='setdefault', default_source="'s'", default_constant='s', is_required=False, cast=None, is_secret_named=False)
    EnvironmentRead(name='TOKEN', access='pop', default_source=None, default_constant=None, is_required=True, cast=None, is_secret_named=True)
    """
    access = _METHODS.get(context.name(node.func))
    if access is None:
        return
    name = context.string(context.keyword(node, "key", 0))
    default = context.keyword(node, "default", 1)
    if access == "setdefault":
        yield EnvironmentWrite(name, context.source(default), "setdefault")
    yield _read(name, access, default, access == "pop" and default is None, _cast(node, context), context)


@extracts(ast.Compare, when="os")
def environment_question(node: ast.Compare, context: Context) -> Iterator[EnvironmentRead]:
    """
    Each variable that is asked for.

    >>> rows(environment_question, "import os\\nis_ci = 'CI' in os.environ\\nif name not in os.environ: ...\\n'CI' in d\\nos.environ == x")
    EnvironmentRead(name='CI', access='in', default_source=None, default_constant=None, is_required=False, cast=None, is_secret_named=False)
    EnvironmentRead(name=None, access='in', default_source=None, default_constant=None, is_required=False, cast=None, is_secret_named=False)
    """
    if isinstance(node.ops[0], (ast.In, ast.NotIn)) and context.name(node.comparators[0]) in _ENVIRON:
        yield _read(context.string(node.left), "in", None, False, None, context)


@extracts(
    ast.Call,
    callee=_CASTS | {"config", "Config", "Env", "env", "__call__"},
    when="decouple starlette environ environs prettyconf".split(),
)
def environment_config(node: ast.Call, context: Context) -> Iterator[EnvironmentRead]:
    """
    Each variable read through a configuration library.

    >>> rows(environment_config, "from decouple import config\\nimport environ\\nenv = environ.Env()\\nDEBUG = config('DEBUG', default=False, cast=bool)\\nK = env.str('SECRET_KEY')\\nN = env('N')")
    EnvironmentRead(name='DEBUG', access='config', default_source='False', default_constant='False', is_required=False, cast='bool', is_secret_named=False)
    EnvironmentRead(name='SECRET_KEY', access='config', default_source=None, default_constant=None, is_required=True, cast='str', is_secret_named=True)
    EnvironmentRead(name='N', access='config', default_source=None, default_constant=None, is_required=True, cast=None, is_secret_named=False)
    """
    name = context.name(node.func)
    owner = name if name.startswith(_CONFIGS) else ""
    is_making = name in _CONFIGS and isinstance(node.func, ast.Attribute)
    if not owner or is_making or not node.args:
        return
    variable = context.string(node.args[0])
    if variable is None or not re.fullmatch(r"\w+", variable):
        return
    default = context.keyword(node, "default", 1)
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    cast = context.keyword(node, "cast")
    kind = context.text(cast) or (method if method in _CASTS else None)
    yield _read(variable, "config", default, default is None, kind or None, context)


@extracts(ast.Call, callee={"option", "Option", "argument", "Argument"}, when=("click", "typer"))
def environment_option(node: ast.Call, context: Context) -> Iterator[EnvironmentRead]:
    """
    Each variable that stands in for a command's option.

    >>> rows(environment_option, "import click\\n@click.option('--token', envvar='APP_TOKEN')\\ndef f(token): ...")
    EnvironmentRead(name='APP_TOKEN', access='option', default_source=None, default_constant=None, is_required=False, cast=None, is_secret_named=True)
    """
    given = context.keyword(node, "envvar")
    if given is not None and context.name(node.func).startswith(("click.", "typer.")):
        value = context.constant(given)
        for name in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            yield _read(str(name), "option", context.keyword(node, "default"), False, None, context)


@extracts(ast.ClassDef, when=("pydantic_settings", "pydantic"))
def environment_settings(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    Each field of a settings class, under the name it is read by.

    >>> rows(environment_settings, "from pydantic_settings import BaseSettings, SettingsConfigDict\\nclass S(BaseSettings):\\n    model_config = SettingsConfigDict(env_prefix='APP_')\\n    api_key: str\\n    port: int = 80")
    EnvironmentRead(name='APP_API_KEY', access='settings', default_source=None, default_constant=None, is_required=True, cast='str', is_secret_named=True)
    EnvironmentRead(name='APP_PORT', access='settings', default_source='80', default_constant='80', is_required=False, cast='int', is_secret_named=False)
    """
    if not any(
        context.name(base) in {"pydantic_settings.BaseSettings", "pydantic.BaseSettings"} for base in node.bases
    ):
        return
    prefix = _prefix(node, context)
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id != "model_config":
            kind = context.text(item.annotation) or None
            name = f"{prefix}{item.target.id}".upper()
            yield At(item.target, _read(name, "settings", item.value, item.value is None, kind, context))


def _prefix(node: ast.ClassDef, context: Context) -> str:
    for item in node.body:
        if isinstance(item, (ast.Assign, ast.AnnAssign)) and isinstance(item.value, ast.Call):
            given = context.keyword(item.value, "env_prefix")
        elif isinstance(item, ast.ClassDef) and item.name == "Config":
            given = next(
                (
                    line.value
                    for line in item.body
                    if isinstance(line, ast.Assign) and context.text(line.targets[0]) == "env_prefix"
                ),
                None,
            )
        else:
            continue
        if given is not None:
            return context.string(given) or ""
    return ""


_LOADERS: Final = {
    "dotenv.load_dotenv": "dotenv",
    "dotenv.main.load_dotenv": "dotenv",
    "os.putenv": "putenv",
    "os.unsetenv": "unset",
}


@extracts(ast.Call, callee={"load_dotenv", "putenv", "unsetenv", "update"}, when=("os", "dotenv"))
def environment_write(node: ast.Call, context: Context) -> Iterator[EnvironmentWrite]:
    """
    Each write to the environment by a call.

    >>> rows(environment_write, "import os\\nfrom dotenv import load_dotenv\\nload_dotenv('.env')\\nos.putenv('A', v)\\nos.environ.update(B='c', **more)\\nd.update(A=1)")
    EnvironmentWrite(name=None, value_source="'.env'", kind='dotenv')
    EnvironmentWrite(name='A', value_source='v', kind='putenv')
    EnvironmentWrite(name='B', value_source="'c'", kind='update')
    EnvironmentWrite(name=None, value_source='more', kind='update')
    """
    name = context.name(node.func)
    if name == "os.environ.update":
        for keyword in node.keywords:
            yield EnvironmentWrite(keyword.arg, context.source(keyword.value), "update")
        for given in node.args:
            keys = given.keys if isinstance(given, ast.Dict) else [None]
            values = given.values if isinstance(given, ast.Dict) else [given]
            for key, value in zip(keys, values, strict=True):
                yield EnvironmentWrite(context.string(key), context.source(value), "update")
    elif name in _LOADERS:
        kind = _LOADERS[name]
        is_file = kind == "dotenv"
        source = context.source(node.args[-1]) if node.args else ""
        yield EnvironmentWrite(None if is_file or not node.args else context.string(node.args[0]), source, kind)


@extracts(
    ast.Call,
    callee="run call check_call check_output Popen execve execvpe create_subprocess_exec create_subprocess_shell".split(),
)
def process_environment(node: ast.Call, context: Context) -> Iterator[At]:
    """
    Each variable given to a process that is started.

    >>> rows(process_environment, "import subprocess, os\\nsubprocess.run(c, env={**os.environ, 'PATH': p})\\napp.run(env={'A': 1})")
    EnvironmentWrite(name='PATH', value_source='p', kind='process')
    """
    given = context.keyword(node, "env")
    if isinstance(given, ast.Dict) and context.name(node.func).startswith(("subprocess.", "os.", "asyncio.")):
        for key, value in zip(given.keys, given.values, strict=True):
            if key is not None:
                yield At(key, EnvironmentWrite(context.string(key), context.source(value), "process"))
