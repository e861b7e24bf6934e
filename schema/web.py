"""Routes, applications and what stands around them, for every framework."""

from typing import NamedTuple

from schema.table import table, union


@table("python_route_declarations", index=("handler",), hot=True)
class RouteDeclaration(NamedTuple):
    """One HTTP method of one route as it is declared."""

    framework: str  #: "" when only the router's own file tells
    method: str  #: GET, POST, …; * when any
    pattern: str | None  #: NULL when not constant; `{…x}` for a part in front that is not
    handler: str  #: name of the function or class
    router: str | None  #: the application or router, as written
    router_name: str | None  #: its exact dotted name
    handler_name: str | None  #: the handler's exact dotted name
    endpoint: str | None
    kind: str  #: decorated, added, listed, class, resource, exposed, root or websocket


@table("python_route_parameters")
class RouteParameter(NamedTuple):
    """One capture in the pattern of the declarations at the same site."""

    name: str
    converter: str | None
    regex: str | None
    position: int


@table("python_router_mounts")
class RouterMount(NamedTuple):
    """One router put under another."""

    framework: str
    parent: str | None  #: exact dotted name
    child: str  #: exact dotted name of a router, or of a module
    prefix: str | None  #: NULL when not constant; "" when none is given
    kind: str  #: blueprint, router, mount, host, include or register


@table("python_routers", index=("name",))
class Router(NamedTuple):
    """One application or router that is created: what routes are declared on."""

    framework: str
    name: str  #: exact dotted name of the variable
    callee: str
    prefix: str | None  #: of its own; NULL when not constant; "" when none is given
    is_application: bool


@table("python_web_applications")
class WebApplication(NamedTuple):
    """One application object that is created, by a framework other than Flask."""

    framework: str
    variable: str | None
    factory: str | None  #: the function that creates it and gives it away
    debug: str | None  #: the folded constant, environment, or as written
    title: str | None


@table("python_web_runs")
class WebRun(NamedTuple):
    """One call that starts a server."""

    callee: str
    host: str | None
    port: int | None
    debug: str | None  #: the folded constant, environment, or as written
    reload: str | None
    workers: int | None


@table("python_local_middlewares")
class Middleware(NamedTuple):
    """One middleware that is installed, as far as its own file tells."""

    framework: str
    name: str
    kind: str  #: class, function or setting
    position: int | None
    target: str | None


@table("python_shared_middlewares", derived=True)
class SharedMiddleware(Middleware):
    """One middleware that is installed, of an application that another file makes."""

    __slots__ = ()


@union("python_middlewares", Middleware, SharedMiddleware)
class AnyMiddleware(Middleware):
    """One middleware that is installed."""

    __slots__ = ()


@table("python_local_request_hooks")
class RequestHook(NamedTuple):
    """One function run around requests, or at start and stop, as far as its own file tells."""

    framework: str
    hook: str
    function: str
    target: str | None
    accepts_response: bool
    accepts_error: bool


@table("python_shared_request_hooks", derived=True)
class SharedRequestHook(RequestHook):
    """One function run around requests, or at start and stop, of an application that another file makes."""

    __slots__ = ()


@union("python_request_hooks", RequestHook, SharedRequestHook)
class AnyRequestHook(RequestHook):
    """One function run around requests, or at start and stop."""

    __slots__ = ()


@table("python_local_error_handlers")
class ErrorHandler(NamedTuple):
    """One status or exception handled by one function, as far as its own file tells."""

    framework: str
    handler: str
    code: int | None
    exception: str | None
    target: str | None


@table("python_shared_error_handlers", derived=True)
class SharedErrorHandler(ErrorHandler):
    """One status or exception handled by one function, of an application that another file makes."""

    __slots__ = ()


@union("python_error_handlers", ErrorHandler, SharedErrorHandler)
class AnyErrorHandler(ErrorHandler):
    """One status or exception handled by one function."""

    __slots__ = ()


@table("python_injected_dependencies")
class InjectedDependency(NamedTuple):
    """One dependency of one handler, router, application, or of an `Annotated` alias; its site is what gives it."""

    function: str  #: the handler, or the variable of the router or alias
    function_site: int | None  #: of the handler
    router_name: str | None
    mount_site: int | None  #: of the call that mounts the router, when that gives it: it holds for this mount alone
    parameter: str | None
    provider: str
    kind: str  #: depends, security or provide
    scopes: str | None
    is_cached: bool


@table("python_handler_parameters")
class HandlerParameter(NamedTuple):
    """One declared input of one handler, as far as its own file tells; its site is the parameter."""

    parameter: str
    place: str  #: path, query, header, cookie, body, form, file, dependency, request; unknown for an imported type
    annotation: str | None
    annotation_name: str | None  #: exact, without `| None`
    default_source: str | None
    constraint_source: str | None
    alias: str | None


@table("python_api_parameters", derived=True)
class ApiParameter(NamedTuple):
    """One declared input of one handler; its site is the parameter."""

    parameter: str
    place: str  #: path, query, header, cookie, body, form, file, dependency, request; unknown for a type that is not the project's
    annotation: str | None
    annotation_name: str | None  #: exact, without `| None`
    default_source: str | None
    constraint_source: str | None
    alias: str | None


@table("python_local_websocket_handlers")
class WebsocketHandler(NamedTuple):
    """One handler of one socket event, as far as its own file tells."""

    framework: str
    handler: str
    event: str | None
    namespace: str | None
    has_data: bool


@table("python_shared_websocket_handlers", derived=True)
class SharedWebsocketHandler(WebsocketHandler):
    """One handler of one socket event, of an application that another file makes."""

    __slots__ = ()


@union("python_websocket_handlers", WebsocketHandler, SharedWebsocketHandler)
class AnyWebsocketHandler(WebsocketHandler):
    """One handler of one socket event."""

    __slots__ = ()


@table("python_cookies")
class Cookie(NamedTuple):
    """One cookie that is written; each flag is true, false, missing or unknown."""

    callee: str
    name: str | None
    secure: str
    httponly: str
    samesite: str
    max_age: str | None


@table("python_cors_policies")
class CorsPolicy(NamedTuple):
    """One allowed origin of one policy."""

    framework: str
    target: str | None
    origin: str | None
    credentials: str | None
    methods: str | None
    resource: str | None  #: to which addresses alone it applies
    is_lazy: bool  #: by `init_app`
    is_permissive: bool


@table("python_routes", index=("handler", "pattern"), hot=True, derived=True)
class Route(NamedTuple):
    """One HTTP method of one reachable route, with its full pattern; its site is the declaration."""

    framework: str
    method: str
    pattern: str
    handler: int | None  #: site of the function or class
    handler_name: str
    router: str | None
    has_auth: bool
    is_websocket: bool
    mutates: bool  #: POST, PUT, PATCH, DELETE, or any


@table("python_route_guards", derived=True)
class RouteGuard(NamedTuple):
    """One thing that guards one route; its site is the route's declaration."""

    route: int  #: `id` of the route
    pattern: str
    method: str
    guard: str
    kind: str  #: decorator, dependency, permission, mixin, hook, middleware or default
    origin: str  #: where it comes from: the handler, its class, the declaration, the router, the application


@table("python_web_handlers", derived=True)
class WebHandler(NamedTuple):
    """One handler method of one class that descends from a framework's view."""

    framework: str
    class_name: str
    method: str
    is_async: bool
    base: str
