"""Templates of HTML pages: what they put out, and where in the page."""

from typing import NamedTuple

from schema.table import table


@table("python_templates", index=("name",))
class Template(NamedTuple):
    """One template file of Jinja's or Django's kind."""

    name: str  #: as views name it: the path below the last folder `templates`
    engine: str  #: jinja, django, or unknown where both would read it alike
    extension: str
    autoescape: bool  #: by the file's name, as Flask and Django decide
    expressions: int
    forms: int


@table("python_template_expressions", index=("root",))
class TemplateExpression(NamedTuple):
    """One `{{ … }}` that isn't constant."""

    root: str  #: the variable it begins with
    member_path: str | None  #: what follows the variable: .name[0]
    filters: str | None  #: names in order, with | between
    context: str  #: text, attribute, unquoted, url (a link's whole), event, script, both with -text between quotes, style or comment
    autoescape: bool  #: what the file's name and the blocks around say
    is_raw: bool  #: goes out unescaped: marked safe, or nothing escapes it


@table("python_template_forms")
class TemplateForm(NamedTuple):
    """One form element."""

    method: str  #: GET or POST
    action: str | None
    has_csrf_token: bool
    is_external: bool  #: sent to another site


@table(
    "python_template_links",
    index=("target",),
    computed={
        "is_constant": (bool, "target IS NOT NULL", "its name stands in the template"),
    },
)
class TemplateLink(NamedTuple):
    """One template that refers to another."""

    kind: str  #: extends, include, import or from
    target: str | None  #: NULL when not constant


@table("python_template_aliases", index=("name",))
class TemplateAlias(NamedTuple):
    """One name that a template binds: by a loop, `with`, `set`, a macro's parameter, or for a page that it includes."""

    name: str
    source: str  #: what it is bound to, as written; of a parameter, the macro's name
    kind: str  #: for, with, set or macro


@table("python_template_urls", index=("value",))
class TemplateUrl(NamedTuple):
    """One address that a page uses."""

    kind: str  #: name (Django's), endpoint (Flask's), literal, or fetched by a script
    value: str
    context: str  #: where it stands: url, text, script, …, or the attribute
