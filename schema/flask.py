"""Flask's own: applications, blueprints, hooks, and what extensions add."""

from typing import NamedTuple

from schema.table import table, union, view


@table("python_flask_apps")
class FlaskApp(NamedTuple):
    """One application object that is created."""

    factory: str | None  #: the function that creates it, when it isn't made at module level
    variable: str | None
    import_name: str | None
    is_returned: bool
    registers_blueprints: int  #: in the same function or module body
    calls_init_app: int  #: in the same function or module body


@table("python_flask_blueprints", index=("name",))
class FlaskBlueprint(NamedTuple):
    """A Blueprint that is created."""

    name: str  #: first argument, "" when not a constant
    variable: str | None
    import_name: str | None
    url_prefix: str | None
    subdomain: str | None
    template_folder: str | None


@table("python_flask_config_sources")
class FlaskConfigSource(NamedTuple):
    """One place configuration comes from."""

    method: str  #: from_object, from_pyfile, …
    source: str | None
    target: str | None  #: the application


@table("python_flask_config_writes")
class FlaskConfigValue(NamedTuple):
    """One configuration value that is set on the application by code."""

    key: str
    value_source: str
    constant: str | None
    constant_type: str | None
    is_default: bool  #: by setdefault or from_mapping, so that other sources win


@table("python_flask_config_objects", derived=True)
class FlaskConfigObject(NamedTuple):
    """One upper-case name of a class or module that `from_object` names; its site is the assignment."""

    owner: str  #: exact name of the class or module
    key: str
    value_source: str
    constant: str | None
    constant_type: str | None


@view(
    "python_flask_config_values",
    """SELECT site, NULL, key, value_source, constant, constant_type, is_default FROM python_flask_config_writes
UNION ALL SELECT site, owner, key, value_source, constant, constant_type, 0 FROM python_flask_config_objects""",
)
class FlaskConfigRow(NamedTuple):
    """One configuration value of an application: set by code, or of an object that it is configured from."""

    owner: str | None  #: the class or module; NULL when set by code
    key: str
    value_source: str
    constant: str | None
    constant_type: str | None
    is_default: bool  #: by setdefault or from_mapping, so that other sources win


@table("python_flask_extensions", derived=True)
class FlaskExtension(NamedTuple):
    """One extension that is created or bound."""

    extension: str  #: the module it is from
    class_name: str
    variable: str | None
    is_lazy: bool  #: created without an application
    target: str | None
    has_config: bool


@table("python_flask_template_filters")
class FlaskTemplateFilter(NamedTuple):
    """One filter, test or global given to templates."""

    name: str
    function: str
    kind: str  #: filter, test or global
    target: str | None


@table("python_flask_cli_commands")
class FlaskCliCommand(NamedTuple):
    """One command of one application."""

    name: str
    function: str
    is_group: bool
    options: int
    target: str | None


@table("python_local_flask_hooks")
class FlaskHook(NamedTuple):
    """One function hooked into requests, as far as its own file tells."""

    hook: str
    function: str
    target: str | None  #: the application or blueprint, as written
    target_name: str | None  #: its exact dotted name
    function_name: str | None  #: the function's exact dotted name
    accepts_response: bool
    accepts_error: bool
    is_async: bool


@table("python_shared_flask_hooks", derived=True)
class SharedFlaskHook(FlaskHook):
    """One function hooked into requests, of an application that another file makes."""

    __slots__ = ()


@union("python_flask_hooks", FlaskHook, SharedFlaskHook)
class AnyFlaskHook(FlaskHook):
    """One function hooked into requests."""

    __slots__ = ()


@table("python_local_flask_error_handlers")
class FlaskErrorHandler(NamedTuple):
    """One status or exception handled by one function, as far as its own file tells."""

    function: str
    code: int | None
    exception: str | None
    target: str | None


@table("python_shared_flask_error_handlers", derived=True)
class SharedFlaskErrorHandler(FlaskErrorHandler):
    """One status or exception handled by one function, of an application that another file makes."""

    __slots__ = ()


@union("python_flask_error_handlers", FlaskErrorHandler, SharedFlaskErrorHandler)
class AnyFlaskErrorHandler(FlaskErrorHandler):
    """One status or exception handled by one function."""

    __slots__ = ()


@table("python_local_flask_websockets")
class FlaskWebsocket(NamedTuple):
    """One handler of one socket event, as far as its own file tells."""

    function: str
    event: str | None
    namespace: str | None
    has_data: bool


@table("python_shared_flask_websockets", derived=True)
class SharedFlaskWebsocket(FlaskWebsocket):
    """One handler of one socket event, of an application that another file makes."""

    __slots__ = ()


@union("python_flask_websockets", FlaskWebsocket, SharedFlaskWebsocket)
class AnyFlaskWebsocket(FlaskWebsocket):
    """One handler of one socket event."""

    __slots__ = ()


@table(
    "python_flask_cors",
    computed={
        "is_lazy": (bool, "kind = 'lazy'", "by `init_app`"),
    },
)
class FlaskCors(NamedTuple):
    """One allowed origin of one policy."""

    kind: str  #: app, lazy or decorator
    target: str | None
    origin: str | None
    credentials: str | None
    resource: str | None
    is_permissive: bool


@table("python_flask_rate_limits")
class FlaskRateLimit(NamedTuple):
    """One limit on one handler, or on the application."""

    function: str | None
    limiter: str | None
    rate: str | None
    key: str | None
    has_error_message: bool
    is_exempt: bool


@table("python_flask_caches")
class FlaskCache(NamedTuple):
    """One cached function."""

    function: str
    kind: str  #: cached, memoize or delete_memoized
    timeout: int | None
    cache: str | None
    key: str | None


@table("python_flask_url_builds")
class FlaskUrlBuild(NamedTuple):
    """One URL built by endpoint."""

    endpoint: str | None
    is_external: bool
    is_constant: bool
