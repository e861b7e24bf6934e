"""What single web frameworks have for themselves."""

from typing import NamedTuple

from schema.table import table


@table("python_tornado_handlers", derived=True)
class TornadoHandler(NamedTuple):
    """One handler class of Tornado."""

    name: str
    base: str
    methods: int  #: HTTP methods of its own
    uses_xsrf: str  #: false when check_xsrf_cookie is overridden, else unknown: the application's setting decides
    has_prepare: bool
    overrides_current_user: bool
    is_async: bool


@table("python_app_settings", index=("key",))
class AppSetting(NamedTuple):
    """One keyword setting of one application."""

    framework: str
    target: str | None
    key: str
    value_source: str
    constant: str | None
    constant_type: str | None


@table("python_pyramid_views")
class PyramidView(NamedTuple):
    """One view configuration; stacked ones are several rows."""

    name: str
    route_name: str | None
    context: str | None
    renderer: str | None
    permission: str | None
    request_method: str | None
    require_csrf: str | None


@table("python_fastapi_security_schemes")
class FastapiSecurityScheme(NamedTuple):
    """One security scheme."""

    name: str | None  #: the variable it is bound to
    scheme: str
    token_url: str | None
    auto_error: str | None
    scopes: int


@table("python_aiohttp_resources")
class AiohttpResource(NamedTuple):
    """One static folder or set-up call of aiohttp."""

    kind: str  #: static, jinja2 or session
    url_path: str | None
    name: str | None
    show_index: bool
    follow_symlinks: bool
