"""The templates' environment: HTML escapes by itself; in Markdown each value names its filter, which a test demands."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from aud_action.report import escape
from aud_action.rules import Rule, book

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

MARKS = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵"}
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"https://[\w./#?=&%~+,;:@-]+")


@cache
def environment() -> Environment:
    """The one environment; jinja2 is imported when the first report needs it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("templates", ""),
        autoescape=lambda name: ".html" in str(name),  # noqa: S701  # the suffix before .j2 decides; Markdown is escaped by filters
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "md": escape.markdown,
        "code": escape.code,
        "fence": escape.fence,
        "words": words,
        "spans": spans,
        "page": page,
        "link": link,
        "plain": escape.plain,
        "mark": MARKS.__getitem__,
        "many": "{:,}".format,
        "digits": "{:d}".format,
        "score": "{:.1f}".format,
        "measure": measure,
        "marker": marker,
    }
    return made


def words(text: str) -> str:
    """
    A sentence whose `code spans` stay code, whatever stands in them.

    >>> words("`a|b` runs *all*")
    '<code>a&#124;b</code> runs &#42;all&#42;'
    """
    parts = _SPAN.split(" ".join(text.split()))
    return "".join(escape.code(part) if n % 2 else _inner(part, first=n == 0) for n, part in enumerate(parts))


def _inner(text: str, *, first: bool) -> str:
    """Escaped text that keeps the blanks beside a code span."""
    if not text.strip():
        return text
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return ("" if first else lead) + escape.markdown(text.strip()) + tail


def spans(text: str) -> Markup:
    """
    The same for HTML.

    >>> print(spans("`<b>` & more"))
    <code>&lt;b&gt;</code> &amp; more
    """
    from markupsafe import Markup

    parts = [escape.html(part) for part in _SPAN.split(" ".join(text.split()))]
    return Markup("".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts)))  # noqa: S704  # escaped above


def page(rule: Rule) -> str:
    """A rule's prose, quoted: Markdown when the page is ours, escaped paragraphs when it came with the scanned repository."""
    is_ours = book().get(rule.id) == rule
    text = rule.prose if is_ours else "\n\n".join(map(words, rule.prose.split("\n\n")))
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def measure(value: float) -> str:
    """A measured value with as many digits as matter."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def marker(text: str) -> str:
    """An HTML comment that nothing inside can end."""
    return f"<!-- {escape.plain(text).replace('--', '- -').replace('>', '')} -->"


def link(address: str) -> str:
    """An address within `(…)`; "" for what is no plain https address."""
    return address if _LINK.fullmatch(address) or _is_local(address) else ""


def _is_local(address: str) -> bool:
    return re.fullmatch(r"http://(?:localhost|127\.0\.0\.1)(?::\d+)?/[\w./#?=&%~-]*", address) is not None
