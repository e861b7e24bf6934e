"""What makes a response in each framework: the catalogue that the extractors of responses read."""

from __future__ import annotations

from typing import Final, NamedTuple

HTML: Final = "text/html"
JSON: Final = "application/json"
PLAIN: Final = "text/plain"


class Maker(NamedTuple):
    """One function or class that makes a response, and where it is told what."""

    framework: str
    kind: str
    media: str | None = None  #: the type it gives when none is given
    code: int | None = 200
    status: int | None = None  #: position of the status
    content: int | None = None  #: position of the content type
    target: int | None = None  #: position of a redirect's target
    template: int | None = None  #: position of the template's name


_PHRASES: Final = {
    "MultipleChoices": 300,
    "MovedPermanently": 301,
    "Found": 302,
    "SeeOther": 303,
    "NotModified": 304,
    "TemporaryRedirect": 307,
    "PermanentRedirect": 308,
    "BadRequest": 400,
    "ValidationError": 400,
    "Validation": 400,
    "ParseError": 400,
    "Unauthorized": 401,
    "NotAuthorized": 401,
    "NotAuthenticated": 401,
    "AuthenticationFailed": 401,
    "Forbidden": 403,
    "PermissionDenied": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "Conflict": 409,
    "Gone": 410,
    "PreconditionFailed": 412,
    "RequestEntityTooLarge": 413,
    "PayloadTooLarge": 413,
    "ContentTooLarge": 413,
    "UnsupportedMediaType": 415,
    "UnprocessableEntity": 422,
    "Locked": 423,
    "TooManyRequests": 429,
    "Throttled": 429,
    "InternalServer": 500,
    "ServerError": 500,
    "NotImplemented": 501,
    "BadGateway": 502,
    "ServiceUnavailable": 503,
    "GatewayTimeout": 504,
}
_RAISED: Final = {
    "werkzeug.exceptions": "flask",
    "aiohttp.web": "aiohttp",
    "aiohttp.web_exceptions": "aiohttp",
    "pyramid.httpexceptions": "pyramid",
    "falcon": "falcon",
    "falcon.errors": "falcon",
    "sanic.exceptions": "sanic",
    "litestar.exceptions": "litestar",
    "rest_framework.exceptions": "django",
    "cherrypy": "cherrypy",
}
_SPELLINGS: Final = ("{}", "HTTP{}", "{}Exception", "{}Error", "HTTP{}Error", "{}Exc")


def _raised() -> dict[str, Maker]:
    found: dict[str, Maker] = {}
    for module, framework in _RAISED.items():
        for phrase, code in _PHRASES.items():
            maker = Maker(framework, "redirect" if code < 400 else "error", None, code, target=0)
            found.update((f"{module}.{spelling.format(phrase)}", maker) for spelling in _SPELLINGS)
    return found


def _flask(root: str) -> dict[str, Maker]:
    name = "quart" if root == "quart" else "flask"
    return {
        f"{root}.Response": Maker(name, "body", HTML, status=1, content=3),
        f"{root}.make_response": Maker(name, "body", HTML, status=1),
        f"{root}.jsonify": Maker(name, "json", JSON),
        f"{root}.json.jsonify": Maker(name, "json", JSON),
        f"{root}.render_template": Maker(name, "template", HTML, template=0),
        f"{root}.render_template_string": Maker(name, "template", HTML),
        f"{root}.stream_template": Maker(name, "template", HTML, template=0),
        f"{root}.redirect": Maker(name, "redirect", HTML, 302, status=1, target=0),
        f"{root}.send_file": Maker(name, "file", content=1),
        f"{root}.send_from_directory": Maker(name, "file"),
        f"{root}.abort": Maker(name, "error", HTML, None, status=0),
    }


def _django(module: str) -> dict[str, Maker]:
    plain = {"NotFound": 404, "Forbidden": 403, "BadRequest": 400, "Gone": 410, "ServerError": 500}
    names = {f"{module}.HttpResponse{word}": Maker("django", "body", HTML, code, 2, 1) for word, code in plain.items()}
    return names | {
        f"{module}.HttpResponse": Maker("django", "body", HTML, status=2, content=1),
        f"{module}.JsonResponse": Maker("django", "json", JSON),
        f"{module}.FileResponse": Maker("django", "file"),
        f"{module}.StreamingHttpResponse": Maker("django", "stream", HTML, status=2, content=1),
        f"{module}.HttpResponseRedirect": Maker("django", "redirect", HTML, 302, target=0),
        f"{module}.HttpResponsePermanentRedirect": Maker("django", "redirect", HTML, 301, target=0),
        f"{module}.HttpResponseNotModified": Maker("django", "empty", None, 304),
        f"{module}.HttpResponseNotAllowed": Maker("django", "error", HTML, 405),
        f"{module}.Http404": Maker("django", "error", HTML, 404),
    }


def _starlette(module: str) -> dict[str, Maker]:
    name = module.partition(".")[0]
    own = {"HTMLResponse": HTML, "PlainTextResponse": PLAIN, "Response": None}
    return {
        **{f"{module}.{word}": Maker(name, "body", media, status=1, content=3) for word, media in own.items()},
        **{
            f"{module}.{word}": Maker(name, "json", JSON, status=1)
            for word in ("JSONResponse", "ORJSONResponse", "UJSONResponse")
        },
        f"{module}.RedirectResponse": Maker(name, "redirect", None, 307, status=1, target=0),
        f"{module}.StreamingResponse": Maker(name, "stream", status=1, content=3),
        f"{module}.EventSourceResponse": Maker(name, "stream", "text/event-stream"),
        f"{module}.FileResponse": Maker(name, "file", status=1, content=3),
    }


def _sanic(module: str) -> dict[str, Maker]:
    return {
        f"{module}.text": Maker("sanic", "body", PLAIN, status=1, content=3),
        f"{module}.html": Maker("sanic", "body", HTML, status=1),
        f"{module}.json": Maker("sanic", "json", JSON, status=1),
        f"{module}.raw": Maker("sanic", "body", status=1, content=3),
        f"{module}.HTTPResponse": Maker("sanic", "body", None, status=1, content=3),
        f"{module}.redirect": Maker("sanic", "redirect", HTML, 302, status=2, content=3, target=0),
        f"{module}.file": Maker("sanic", "file", status=1),
        f"{module}.file_stream": Maker("sanic", "stream", status=2),
        f"{module}.empty": Maker("sanic", "empty", None, 204, status=0),
    }


MAKERS: Final[dict[str, Maker]] = {
    **_raised(),
    **_flask("flask"),
    **_flask("quart"),
    **_django("django.http"),
    **_django("django.http.response"),
    **_starlette("starlette.responses"),
    **_starlette("fastapi.responses"),
    **_sanic("sanic.response"),
    **_sanic("sanic"),
    "werkzeug.wrappers.Response": Maker("flask", "body", PLAIN, status=1, content=3),
    "werkzeug.Response": Maker("flask", "body", PLAIN, status=1, content=3),
    "werkzeug.utils.redirect": Maker("flask", "redirect", HTML, 302, status=1, target=0),
    "werkzeug.exceptions.abort": Maker("flask", "error", HTML, None, status=0),
    "django.shortcuts.render": Maker("django", "template", HTML, status=4, content=3, template=1),
    "django.shortcuts.redirect": Maker("django", "redirect", HTML, 302, target=0),
    "django.template.response.TemplateResponse": Maker("django", "template", HTML, status=4, content=3, template=1),
    "django.template.response.SimpleTemplateResponse": Maker("django", "template", HTML, template=0),
    "django.core.exceptions.PermissionDenied": Maker("django", "error", HTML, 403),
    "rest_framework.response.Response": Maker("django", "json", JSON, status=1),
    "rest_framework.exceptions.APIException": Maker("django", "error", JSON, 500),
    "fastapi.Response": Maker("fastapi", "body", None, status=1, content=3),
    "fastapi.HTTPException": Maker("fastapi", "error", JSON, None, status=0),
    "fastapi.exceptions.HTTPException": Maker("fastapi", "error", JSON, None, status=0),
    "starlette.exceptions.HTTPException": Maker("starlette", "error", PLAIN, None, status=0),
    "fastapi.templating.Jinja2Templates.TemplateResponse": Maker("fastapi", "template", HTML, template=0),
    "starlette.templating.Jinja2Templates.TemplateResponse": Maker("starlette", "template", HTML, template=0),
    "aiohttp.web.Response": Maker("aiohttp", "body", PLAIN),
    "aiohttp.web.json_response": Maker("aiohttp", "json", JSON),
    "aiohttp.web.FileResponse": Maker("aiohttp", "file"),
    "aiohttp.web.StreamResponse": Maker("aiohttp", "stream"),
    "aiohttp_jinja2.render_template": Maker("aiohttp", "template", HTML, template=0),
    "tornado.web.HTTPError": Maker("tornado", "error", HTML, None, status=0),
    "bottle.template": Maker("bottle", "template", HTML, template=0),
    "bottle.jinja2_template": Maker("bottle", "template", HTML, template=0),
    "bottle.mako_template": Maker("bottle", "template", HTML, template=0),
    "bottle.static_file": Maker("bottle", "file", content=2),
    "bottle.redirect": Maker("bottle", "redirect", HTML, 303, status=1, target=0),
    "bottle.abort": Maker("bottle", "error", HTML, 500, status=0),
    "bottle.HTTPResponse": Maker("bottle", "body", HTML, status=1),
    "bottle.HTTPError": Maker("bottle", "error", HTML, 500, status=0),
    "falcon.HTTPError": Maker("falcon", "error", JSON, None, status=0),
    "pyramid.response.Response": Maker("pyramid", "body", HTML, status=1, content=4),
    "pyramid.response.FileResponse": Maker("pyramid", "file"),
    "pyramid.renderers.render_to_response": Maker("pyramid", "template", HTML, template=0),
    "cherrypy.HTTPRedirect": Maker("cherrypy", "redirect", HTML, 303, status=1, target=0),
    "cherrypy.HTTPError": Maker("cherrypy", "error", HTML, 500, status=0),
    "cherrypy.lib.static.serve_file": Maker("cherrypy", "file", content=1),
    "cherrypy.lib.static.serve_download": Maker("cherrypy", "file"),
    "litestar.Response": Maker("litestar", "body"),
    "litestar.response.Response": Maker("litestar", "body"),
    "litestar.response.Redirect": Maker("litestar", "redirect", None, 302, target=0),
    "litestar.response.Template": Maker("litestar", "template", HTML, template=0),
    "litestar.response.File": Maker("litestar", "file"),
    "litestar.response.Stream": Maker("litestar", "stream"),
    "litestar.exceptions.HTTPException": Maker("litestar", "error", JSON, 500),
    "twisted.web.util.redirectTo": Maker("twisted", "redirect", HTML, 302, target=0),
    "twisted.web.resource.NoResource": Maker("twisted", "error", HTML, 404),
    "twisted.web.resource.ForbiddenResource": Maker("twisted", "error", HTML, 403),
    "twisted.web.resource.ErrorPage": Maker("twisted", "error", HTML, None, status=0),
}
SELF: Final = {
    "write": Maker("tornado", "body", HTML),
    "finish": Maker("tornado", "body", HTML),
    "render": Maker("tornado", "template", HTML, template=0),
    "redirect": Maker("tornado", "redirect", HTML, 302, status=2, target=0),
    "send_error": Maker("tornado", "error", HTML, 500, status=0),
}
"""What a Tornado handler calls on itself."""
