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


@table("python_twisted_resources", derived=True)
class TwistedResource(NamedTuple):
    """One resource class of Twisted."""

    name: str
    base: str
    methods: int  #: that answer requests
    is_leaf: str  #: true, false or missing
    children: int  #: put under it by name, or made when asked for


@table("python_twisted_protocols", derived=True)
class TwistedProtocol(NamedTuple):
    """One method of a protocol or factory that the network calls; its site is the method."""

    name: str
    base: str
    handler: str
    has_data: bool  #: it is given what the peer sent


@table("python_twisted_deferreds", index=("callback",))
class TwistedDeferred(NamedTuple):
    """One callback put on a deferred, or one function that becomes one."""

    kind: str  #: inlineCallbacks, addCallback, addErrback, addBoth, addCallbacks, deferToThread, …
    function: str | None  #: that is decorated
    callback: str | None


@table("python_twisted_reactor_calls")
class TwistedReactorCall(NamedTuple):
    """One use of the reactor: listening, connecting, calling later."""

    callee: str
    function: str | None  #: called later, or the factory that is listened for
    port: int | None
    delay: str | None


@table("python_pyramid_resources", derived=True)
class PyramidResource(NamedTuple):
    """One class of a traversal tree of Pyramid."""

    name: str
    has_getitem: bool  #: names in the address choose its children
    has_acl: bool
    is_root_factory: bool
    parent: str | None  #: the class whose `__getitem__` makes it


@table("python_pyramid_acl_entries")
class PyramidAclEntry(NamedTuple):
    """One entry of an access-control list; several permissions are several rows."""

    resource: str
    position: int
    action: str  #: Allow or Deny
    principal: str
    permission: str


@table("python_bottle_plugins")
class BottlePlugin(NamedTuple):
    """One plugin of Bottle, put on an application or a route, or one template that decorates a handler."""

    name: str
    kind: str  #: installed, uninstalled, applied, skipped or view
    target: str | None
