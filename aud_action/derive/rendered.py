"""Templates that are rendered and what they are given, infrastructure that is constructed, tables that queries name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.uses import Used, spread, used, used_under
from aud_action.settings import Settings
from aud_action.store import Store
from schema.calls import CallArgument, Callee
from schema.classes import ClassHierarchy
from schema.uses import CdkConstruct, SqlQueryTable, TemplateContext, TemplateRender

_BY_NAME: Final = {  # where the template's name is, and the mapping it is given
    **dict.fromkeys(spread("flask.render_template flask.stream_template quart.render_template"), (0, None)),
    **dict.fromkeys(spread("django.shortcuts.render django.template.response.TemplateResponse"), (1, 2)),
    **dict.fromkeys(spread("django.template.loader.render_to_string"), (0, 1)),
    **dict.fromkeys(
        spread(
            "starlette.templating.Jinja2Templates.TemplateResponse fastapi.templating.Jinja2Templates.TemplateResponse"
        ),
        (0, 1),
    ),
    **dict.fromkeys(spread("bottle.{template,jinja2_template,mako_template}"), (0, 1)),
    **dict.fromkeys(
        spread(
            "jinja2.Environment.get_template aiohttp_jinja2.render_template pyramid.renderers.{render,render_to_response}"
        ),
        (0, None),
    ),
    **dict.fromkeys(spread("litestar.response.Template"), (0, None)),
}
_LOADED: Final = frozenset(
    f"{maker}.{how}"
    for maker in spread(
        "django.template.loader.{get_template,select_template} jinja2.Environment.{get_template,select_template} "
        "jinja2.sandbox.SandboxedEnvironment.get_template starlette.templating.Jinja2Templates.get_template "
        "fastapi.templating.Jinja2Templates.get_template"
    )
    for how in ("render", "render_async", "generate", "stream")
)
"""Calls of a template that another call has found: `get_template("page.html").render(…)`."""
_FOUND_BY: Final = """
SELECT a.constant FROM python_calls r JOIN sites c ON c.id = r.site
JOIN sites s ON s.file = c.file AND s.id BETWEEN c.file << 24 AND (c.file << 24) + 16777215
JOIN python_calls g ON g.site = s.id AND r.callee = g.callee || '.' || r.method
JOIN python_call_arguments a ON a.site = g.site AND (a.position = 0 OR a.keyword IN ('name', 'template_name'))
WHERE r.site = ? AND a.kind = 'constant' AND s.line <= c.end_line
  AND (g.assigned_to = r.receiver OR r.receiver LIKE '%' || g.method || '(%' AND s.line >= c.line)
ORDER BY s.scope = c.scope DESC, s.line DESC LIMIT 1
"""
_FLASK: Final = frozenset({"flask", "quart"})
_BY_TEXT: Final = frozenset(
    spread(
        "flask.render_template_string quart.render_template_string jinja2.Template jinja2.Environment.from_string django.template.Template "
        "mako.template.Template tornado.template.Template bottle.SimpleTemplate string.Template chameleon.PageTemplate"
    )
)
_ENVIRONMENTS: Final = frozenset(
    spread(
        "jinja2.Environment jinja2.sandbox.SandboxedEnvironment mako.lookup.TemplateLookup tornado.template.Loader "
        "fastapi.templating.Jinja2Templates starlette.templating.Jinja2Templates"
    )
)
_OWN: Final = frozenset(
    "status content_type using context request name template_name template_name_or_list headers media_type status_code background app "
    "autoescape loader source template_string text filename directory default_filters strict_undefined cache_enabled template_str".split()
)
_ENTRIES: Final = """
SELECT k.key, k.value_source, k.value_kind FROM python_dict_entries k JOIN sites s ON s.id = k.site JOIN sites c ON c.id = ?
WHERE s.file = c.file AND k.depth = 1 AND k.key IS NOT NULL AND k.site BETWEEN (c.file << 24) AND (c.file << 24) + 16777215
  AND (s.line > c.line OR (s.line = c.line AND s.col >= c.col))
  AND (s.end_line < c.end_line OR (s.end_line = c.end_line AND s.end_col <= c.end_col))
ORDER BY k.site
"""
_TABLES: Final = re.compile(
    r"\b(FROM|JOIN|INTO|UPDATE|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?|VIEW)\s+(?:ONLY\s+)?([\"`\[]?[A-Za-z_][\w$]*[\"`\]]?(?:\.[\"`\[]?[A-Za-z_][\w$]*[\"`\]]?)*)",
    re.IGNORECASE,
)
_NO_TABLES: Final = frozenset("select where set values dual unnest lateral generate_series json_each".split())
_CONSTRUCTS: Final = re.compile(r"\.(?:[A-Z]\w*)$")


@derives(TemplateRender, TemplateContext, after=(Callee, ClassHierarchy))
def template_renders(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each template that is rendered, with the variables it is given."""
    for call in used(store, _BY_NAME):
        at, mapping = _BY_NAME[call.callee]
        # any other keyword of Flask's, `name` too, is a variable of the template
        words = ("template_name_or_list",) if call.library in _FLASK else ("template_name", "name")
        name = call.given(*words, position=at)
        if name is not None and name.constant is None and mapping is not None:
            name = call.given(position=at + 1) or name  # Starlette's request comes first
        constant = name.constant if name is not None and name.kind == "constant" else None  # not a tuple of several
        yield call.site, TemplateRender(call.library, call.callee, constant, "file", None)
        yield from _context(store, call, constant)
    for call in used(store, _LOADED):
        found = next((name for (name,) in store.rows(_FOUND_BY, (call.site,))), None)
        yield call.site, TemplateRender(call.library, call.callee, found, "file", None)
        yield from _context(store, call, found)
    for call in used(store, _tornado(store)):
        yield call.site, TemplateRender("tornado", call.callee, call.value("template_name", position=0), "file", None)
        yield from _context(store, call, call.value("template_name", position=0))
    for call in used(store, _BY_TEXT):
        text = call.given("source", "text", "template_string", position=0)
        kind = "constant" if text is not None and text.constant is not None else "string"
        yield call.site, TemplateRender(call.library, call.callee, None, kind, call.value("autoescape"))
        if call.library in _FLASK:  # what is made of a text by others is given its names later
            yield from _context(store, call, None)
    for call in used(store, _ENVIRONMENTS):
        yield call.site, TemplateRender(call.library, call.callee, None, "environment", call.value("autoescape"))


def _tornado(store: Store) -> frozenset[str]:
    """A handler's own methods that render a template, in each class that inherits them."""
    rows = store.rows(
        "SELECT class_name FROM python_class_hierarchies WHERE ancestor = 'tornado.web.RequestHandler' ORDER BY 1"
    )
    return frozenset(f"{name}.{method}" for (name,) in rows for method in ("render", "render_string"))


def _context(store: Store, call: Used, template: str | None) -> Iterator[tuple[int, TemplateContext]]:
    own = frozenset({"template_name_or_list", "source"}) if call.library in _FLASK else _OWN
    for one in call.arguments:
        if one.keyword and one.keyword != "**" and one.keyword not in own:
            yield call.site, TemplateContext(template, one.keyword, one.source, one.kind)
    if any(_is_context(one, call.library) for one in call.arguments):
        for key, source, kind in list(store.rows(_ENTRIES, (call.site,))):
            yield call.site, TemplateContext(template, key, source, kind)


def _is_context(argument: CallArgument, library: str) -> bool:
    """Whether the entries of a dictionary are variables of the template, not the value of one."""
    if argument.keyword == "**":
        return argument.source[:1] == "{"
    is_whole = argument.position is not None or argument.keyword in {"context", "dictionary", "value"}
    return argument.kind == "dict" and is_whole and library not in _FLASK


@derives(CdkConstruct, after=(Callee,))
def cdk_constructs(store: Store, _settings: Settings) -> Iterator[tuple[int, CdkConstruct]]:
    """Each construct of infrastructure: a class of these libraries that is called with an identifier."""
    for call in used_under(
        store,
        "aws_cdk",
        "constructs",
        "pulumi_aws",
        "pulumi_gcp",
        "pulumi_azure_native",
        "pulumi_kubernetes",
        "cdktf",
        "cdktf_cdktf_provider_aws",
    ):
        if not _CONSTRUCTS.search(call.callee):
            continue
        is_pulumi = call.library.startswith("pulumi")
        identifier = call.given("id", "id_", "resource_name", position=0 if is_pulumi else 1)
        if identifier is None:  # values, not constructs
            continue
        properties = sum(
            1 for one in call.arguments if one.keyword and one.keyword not in {"id", "id_", "scope", "opts"}
        )
        library = "pulumi" if is_pulumi else call.library.partition("_cdktf")[0]
        yield call.site, CdkConstruct(library, call.callee, identifier.constant, properties)


@derives(SqlQueryTable)
def sql_query_tables(store: Store, _settings: Settings) -> Iterator[tuple[int, SqlQueryTable]]:
    """Each table that a query names; what is only put in when it runs is nobody's name."""
    for site, statement, text in store.rows(
        "SELECT site, statement, text FROM python_sql_queries WHERE text IS NOT NULL ORDER BY site"
    ):
        found: dict[tuple[str, str], None] = {}
        for word, name in _TABLES.findall(text):
            plain = re.sub(r"[\"`\[\]]", "", name)
            if plain.lower() not in _NO_TABLES:
                operation = {
                    "FROM": "DELETE" if statement == "DELETE" else "SELECT",
                    "JOIN": "SELECT",
                    "INTO": "INSERT",
                    "UPDATE": "UPDATE",
                }
                found[plain, operation.get(word.upper().split()[0], statement or "")] = None
        yield from ((site, SqlQueryTable(*one)) for one in found)
