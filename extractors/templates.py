"""Templates: one pass over the text, which never looks back and never runs anything."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final

from extractors.suppressions import silenced
from extractors.template_names import aliases, fetched, literal_url, named_url
from extractors.walk import Facts, Unreadable, unanalysed
from schema import SITE_BITS
from schema.ground import Suppression
from schema.templates import Template, TemplateExpression, TemplateForm, TemplateLink

SUFFIXES: Final = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml")
_MARK: Final = re.compile(r"\{\{|\{%|\{#|<!--|</?[A-Za-z][A-Za-z0-9]*|[>\"'=]|\s")
_PLAIN: Final = re.compile(r"\{\{|\{%|\{#|<!--|</?[A-Za-z][A-Za-z0-9]*")
_CLOSERS: Final = {"{{": "}}", "{%": "%}", "{#": "#}", "<!--": "-->"}
_FOLDERS: Final = frozenset({"templates", "jinja2"})  #: where Flask and Django, by both of its engines, look
_ROOT: Final = re.compile(r"\s*[-+]?\s*([A-Za-z_]\w*)((?:\.\w+|\[[^\]|]*\]|\([^()|]*\))*)")
_FILTER: Final = re.compile(r"\|\s*([A-Za-z_]\w*)")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z_:@][\w:.@-]*)\s*$")
_URLS: Final = frozenset({"href", "src", "action", "formaction", "data", "poster", "xlink:href"})
_SHOWN: Final = frozenset({"img", "source", "audio", "video", "track", "input", "link"})
_ESCAPES: Final = frozenset(
    "e escape force_escape forceescape tojson urlencode slugify escapejs json_script int length".split()
)
_ESCAPES_TOO: Final = frozenset(
    "linebreaks linebreaksbr urlize urlizetrunc unordered_list".split()
)  #: where a page is escaped
_CLEANS: Final = re.compile(r"(?i)sanit|bleach|purif|(?:^|_)nh3|clean_?html|html_?clean")  #: a filter of the project's
_RUN: Final = re.compile(r"(?i)^[\s\"']*$|script|module|json|importmap|babel|jsx|\{")
"""Types of scripts that a browser, or a tool in it, runs or reads as code."""
_SAFE: Final = frozenset({"safe", "safeseq"})
_SILENT: Final = frozenset({"block", "if", "elif", "else", "for", "with", "filter", "autoescape", "spaceless"})
_TOKENS: Final = re.compile(
    r"csrf|xsrf|\bcaller\(|\w\(\s*\w*form\w*\s*[,)]|form\w*\s*\|\s*safe|hidden_tag|quick_form|render_form|authenticity_token|crispy"
)
_PUTS_FIELDS: Final = re.compile(r"form|field")
_NEAR: Final = 400  #: letters of a line that are looked through for a quote
_ESCAPED: Final = re.compile(r"\.(?:html?|xml|xhtml|svg|djhtml)$")
_DJANGO: Final = re.compile(
    r"\{%-?\s*(?:load|csrf_token|url\s|static\s|endblocktrans|blocktrans|comment)\b|\|\w+:[\"'\w]"
)
_JINJA: Final = re.compile(
    r"\{%-?\s*(?:set|macro|import|from|call|do)\b|\{[{%][-+]|url_for\(|\{\{[^{}]{0,200}\w\(|\|\s*\w+\("
)
_COMMENT: Final = re.compile(
    r"(?:\{#|<!--|\{%-?\s{0,9}comment\s{0,9}-?%\})(?P<text>[^{}]{0,400}?)(?:#\}|-->|\{%-?\s{0,9}endcomment)"
)
_WORDS: Final = frozenset(
    {
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "super",
        "loop",
        "forloop",
        "block",
        "self",
        "_",
        "gettext",
        "ngettext",
        "csrf_token",
        "url_for",
        "caller",
    }
)

_LONGEST: Final = 400
"""Characters of a statement that are read for the names it binds."""


@dataclass(slots=True)
class _Page:
    """One template while it is read."""

    text: str
    file: int
    starts: list[int]
    autoescape: bool
    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    sites: list[tuple[Any, ...]] = field(default_factory=list)
    escaping: list[bool] = field(default_factory=list)
    is_verbatim: bool = False
    tag: str = ""  #: the element whose attributes we are in
    element: str = ""  #: script or style, inside its text
    is_data: bool = False  #: of a script that no browser runs: `type="text/plain"`
    is_component: bool = False  #: of JinjaX or its like: what it is given are values, not text
    attribute: str = ""
    quote: str = ""
    value_start: int = -1
    forms: list[list[Any]] = field(default_factory=list)  #: each open one: place, method, action, has token
    last_comment: int | None = None  #: where the last `endcomment` stands, once somebody asked

    def site(self, start: int, stop: int, kind: str) -> int:
        """A site for a stretch of the text; it ends on its first line."""
        site = self.file << SITE_BITS | len(self.sites)
        line = bisect_right(self.starts, start)
        begin = self.starts[line - 1]
        end = self.text.find("\n", start)
        stop = min(stop, len(self.text) if end < 0 else end)
        columns = (_units(self.text[begin:start]) + 1, _units(self.text[begin:stop]) + 1)
        top = self.file << SITE_BITS
        self.sites.append((site, self.file, kind, line, columns[0], line, columns[1], top))
        return site

    def add(self, table: str, row: tuple[Any, ...]) -> None:
        """Keep one row, beginning with its site."""
        self.tables.setdefault(table, []).append(row)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _context(page: _Page) -> str:
    """Where in the page an expression stands."""
    if page.tag:
        name = page.attribute.lower()
        if not page.quote:
            return "unquoted" if name and not page.is_component else "attribute"
        if name.startswith(("on", "@", "x-on", "v-on")) and len(name) > 2:
            return "event"
        return "url" if name in _URLS else "style" if name == "style" else "attribute"
    return page.element or "text"


def _in_text(before: str) -> bool:
    """Whether what follows on a line of a script stands between quotes."""
    return any(before.count(quote) % 2 for quote in "\"'`")


def _expression(page: _Page, start: int, stop: int) -> None:
    inside = page.text[start + 2 : stop - 2]
    bare = _QUOTED.sub("''", inside)
    match = _ROOT.match(bare)
    if match is None or match[1] in _WORDS:
        if address := named_url(inside, _context(page)):
            page.add("python_template_urls", (page.site(start, stop, "Expression"), *address))
        _token(page, inside)
        return
    filters = _FILTER.findall(bare)
    plain = _ROOT.match(inside)  # with the texts that `bare` has emptied; brackets in them may hide the path
    member = plain[2] if plain is not None and plain[1] == match[1] and len(plain[2]) >= len(match[2]) else match[2]
    escapes = page.escaping[-1] if page.escaping else page.autoescape
    is_raw = _marked_safe(filters, escapes) or (not escapes and not _ESCAPES & set(filters))
    context = _context(page)
    if context == "script" and _in_text(page.text[max(page.text.rfind("\n", 0, start), start - _NEAR) + 1 : start]):
        context = "script-text"
    if context == "event" and _in_text(page.text[max(page.value_start, start - _NEAR) : start]):
        context = "event-text"
    if context == "url" and (page.tag in _SHOWN or page.text[page.value_start : start].strip()):
        context = "attribute"  # what it points to is shown, never run; or it only goes on with an address
    row = TemplateExpression(match[1], member[:100] or None, "|".join(filters) or None, context, escapes, is_raw)
    page.add("python_template_expressions", (page.site(start, stop, "Expression"), *row))
    _token(page, inside)


def _raw(page: _Page, start: int, stop: int, inside: str) -> None:
    """Tornado's `{% raw value %}`: it goes out as it is."""
    match = _ROOT.match(_QUOTED.sub("''", inside))
    if match is not None and match[1] not in _WORDS:
        row = TemplateExpression(match[1], match[2][:100] or None, None, _context(page), False, True)
        page.add("python_template_expressions", (page.site(start, stop, "Expression"), *row))


def _marked_safe(filters: list[str], escapes: bool) -> bool:
    """Whether a value is said to be safe as it is: not when a filter before has escaped it."""
    safe = next((at for at, name in enumerate(filters) if name in _SAFE), None)
    if safe is None:
        return False
    before = set(filters[:safe])
    return not (before & _ESCAPES or (escapes and before & _ESCAPES_TOO) or any(map(_CLEANS.search, before)))


def _token(page: _Page, inside: str) -> None:
    if page.forms and _TOKENS.search(inside):
        _has_token(page)


def _has_token(page: _Page) -> None:
    for form in page.forms:
        form[3] = True


def _bind(page: _Page, start: int, stop: int, inside: str) -> None:
    """The names that a statement binds."""
    site = -1
    for alias in aliases(inside[:_LONGEST]):
        site = page.site(start, stop, "Statement") if site < 0 else site
        page.add("python_template_aliases", (site, *alias))


def _statement(page: _Page, start: int, stop: int) -> None:
    inside = page.text[start + 2 : stop - 2].strip(" -+\t\n")
    words = inside.split(None, 2)
    word, rest = (words[0] if words else ""), words[1:]
    _token(page, " ".join(words))
    if word in {"include", "block"} or _PUTS_FIELDS.search(word):
        _has_token(page)  # what it puts into the form may hold the token
    if word == "autoescape" and rest:
        page.escaping.append(rest[0] not in {"off", "false", "False"})
    elif word == "endautoescape" and page.escaping:
        page.escaping.pop()
    elif word in {"extends", "include", "import", "from"} and rest:
        _bind(page, start, stop, inside if word == "include" else "")
        constant = re.match(r"[\"']([^\"']+)[\"']$", rest[0])
        row = TemplateLink(word, constant[1] if constant else None)
        page.add("python_template_links", (page.site(start, stop, "Statement"), *row))
    elif word in {"for", "with", "set", "macro"}:
        _bind(page, start, stop, inside)
    elif word == "url" and (address := named_url(inside, _context(page))):
        page.add("python_template_urls", (page.site(start, stop, "Statement"), *address))
    elif word == "raw" and rest:
        _raw(page, start, stop, " ".join(rest))
    if word in _SILENT and page.attribute and not page.quote and not page.text[page.value_start : start].strip():
        page.value_start = stop  # the attribute's value begins behind it
    page.is_verbatim = word in {"verbatim", "comment"} or (word == "raw" and not rest)


def _open(page: _Page, start: int, mark: str) -> None:
    page.tag, page.attribute, page.quote, page.value_start = mark[1:].lower(), "", "", -1
    page.is_data = False
    page.is_component = page.text.startswith(":", start + len(mark)) or (mark[1].isupper() and not mark[1:].isupper())
    if page.tag == "form":
        page.forms.append([start, "GET", None, False])  # another one is still open in the branches of an `if`


def _close_forms(page: _Page) -> None:
    for start, method, action, has_token in page.forms:
        external = bool(action and re.match(r"(?i)(?:https?:)?//", action))
        row = TemplateForm(method, action, has_token, external)
        page.add("python_template_forms", (page.site(start, start + 5, "Form"), *row))
    page.forms = []


def _value(page: _Page, stop: int) -> None:
    """The end of one attribute's value."""
    if page.forms and page.tag == "input" and page.attribute.lower() == "name" and page.value_start >= 0:
        _token(page, page.text[page.value_start : min(stop, page.value_start + 300)])
    if page.tag == "script" and page.attribute.lower() == "type" and page.value_start >= 0:
        page.is_data = not _RUN.search(page.text[page.value_start : min(stop, page.value_start + 60)])
    if page.forms and page.tag == "form" and page.value_start >= 0:
        value = page.text[page.value_start : min(stop, page.value_start + 300)]
        if page.attribute.lower() == "method":
            page.forms[-1][1] = "POST" if value.strip("\"' ").lower() == "post" else "GET"
        elif page.attribute.lower() == "action":
            page.forms[-1][2] = value.strip("\"' ")[:200]
    if page.value_start >= 0 and page.attribute.lower() in _URLS:
        address = literal_url(page.text[page.value_start : min(stop, page.value_start + 300)], page.attribute.lower())
        if address is not None:
            page.add("python_template_urls", (page.site(page.value_start, stop, "Attribute"), *address))
    page.attribute, page.quote, page.value_start = "", "", -1


def _in_tag(page: _Page, mark: str, at: int) -> None:
    """One character of meaning inside a tag."""
    if page.quote:
        if mark == page.quote:
            _value(page, at)
    elif mark == ">":
        _value(page, at)
        page.element = page.tag if page.tag == "style" or (page.tag == "script" and not page.is_data) else ""
        page.tag = ""
    elif mark == "=":
        name = _ATTRIBUTE.search(page.text, max(at - 60, 0), at)
        page.attribute, page.value_start = (name[1] if name else ""), at + 1
    elif mark in "\"'" and page.attribute and not page.text[page.value_start : at].strip():
        page.quote, page.value_start = mark, at + 1
    elif mark.isspace() and page.attribute and page.text[page.value_start : at].strip():
        _value(page, at)


def _braces(page: _Page, mark: str, start: int) -> int:
    """Read one `{{ }}`, `{% %}` or comment; where it ends."""
    closer = _CLOSERS[mark]
    end = page.text.find(closer, start + len(mark))
    if end < 0:
        return start + len(mark)
    stop = end + len(closer)
    if mark == "{{" and not page.is_verbatim:
        _expression(page, start, stop)
    elif mark == "{%":
        _statement(page, start, stop)
        return _past_comment(page, stop) if page.text[start + 2 : stop].lstrip("- ").startswith("comment") else stop
    return stop


def _past_comment(page: _Page, start: int) -> int:
    """Where a comment's last tag begins: what stands before it is no HTML."""
    if page.last_comment is None:
        page.last_comment = page.text.rfind("endcomment")
    end = page.text.find("endcomment", start) if start < page.last_comment else -1
    return start if end < 0 else max(start, page.text.rfind("{%", start, end))


def _read(page: _Page) -> None:
    at, text = 0, page.text
    missing: set[str] = set()  #: closers that don't come any more: looking for each again would take for ever
    while match := (_MARK if page.tag else _PLAIN).search(text, at):
        mark, at = match.group(), match.end()
        if mark in _CLOSERS:
            if mark == "<!--" and (page.tag or page.element):
                continue
            if mark not in missing:
                stop = _braces(page, mark, match.start())
                if stop == at:
                    missing.add(mark)
                at = stop
        elif page.tag:
            if mark[0] != "<":
                _in_tag(page, mark, match.start())
        elif mark[1] == "/":
            page.element = "" if mark[2:].lower() == page.element else page.element
            if mark[2:].lower() == "form":
                _close_forms(page)
        elif not page.element:
            _open(page, match.start(), mark)
    _close_forms(page)


def _asked(page: _Page) -> None:
    """The addresses that scripts ask for."""
    for start, stop, address in fetched(page.text):
        page.add("python_template_urls", (page.site(start, stop, "Fetch"), *address))


def _silence(page: _Page) -> None:
    """Comments that silence rules: they cover their line, or the next one where they stand alone."""
    if not any(word in page.text for word in ("aud:", "nosec", "nosemgrep")):
        return
    for match in _COMMENT.finditer(page.text):
        first = bisect_right(page.starts, match.start())
        last = bisect_right(page.starts, match.end() - 1)
        before = page.text[page.starts[first - 1] : match.start()]
        stop = page.starts[last] if last < len(page.starts) else len(page.text)
        is_alone = not before.strip() and not page.text[match.end() : stop].strip()
        for word, rule, reason in silenced("#" + match["text"]):
            row = Suppression(word, rule, reason, first, last + 1 if is_alone else last)
            page.add("python_suppressions", (page.site(match.start(), match.end(), "Comment"), *row))


def template_name(path: str) -> str:
    """
    The name that views use for a template.

    >>> template_name("shop/templates/shop/item.html"), template_name("web/page.j2")
    ('shop/item.html', 'web/page.j2')
    >>> template_name("shop/jinja2/shop/item.html")
    'shop/item.html'
    """
    parts = path.split("/")
    roots = [number for number, part in enumerate(parts[:-1]) if part in _FOLDERS]
    return "/".join(parts[roots[-1] + 1 :]) if roots else path


def extract_template(raw: bytes, path: str, file: int) -> Facts:
    """Every row of one template. What can't be read becomes a row of python_extraction_errors; nothing is raised."""
    started = time.perf_counter_ns()
    facts = Facts(lines=raw.count(b"\n") + (0 if raw.endswith(b"\n") or not raw else 1))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return unanalysed(facts, file, Unreadable("decode", "UnicodeDecodeError", "not valid utf-8", line))
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    engine = (
        "django" if _DJANGO.search(text) else "jinja" if _JINJA.search(text) or not path.endswith("html") else "unknown"
    )
    is_escaped = engine == "django" or bool(_ESCAPED.search(path))
    page = _Page(text, file, starts, is_escaped)
    top = file << SITE_BITS
    page.sites.append((top, file, "Module", 1, 1, 1, 1, None))
    _read(page)
    _asked(page)
    _silence(page)
    counts = (len(page.tables.get(f"python_template_{kind}", ())) for kind in ("expressions", "forms"))
    row = Template(template_name(path), engine, path.rpartition(".")[2], is_escaped, *counts)
    rows = {name: [(top | n, *values) for n, values in enumerate(found)] for name, found in page.tables.items()}
    facts.tables = {
        "sites": page.sites,
        "scopes": [(top, "", "module", None)],
        "python_templates": [(top, top, *row)],
        **rows,
    }
    facts.extract_ns = time.perf_counter_ns() - started
    return facts
