"""Names that templates bind themselves, and addresses that their pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schema.templates import TemplateAlias, TemplateUrl

_FOR: Final = re.compile(r"for\s+([\w\s,()]+?)\s+in\s+(.+?)(?:\s+(?:if|recursive|reversed)\b.*)?$", re.DOTALL)
_SET: Final = re.compile(r"set\s+([\w\s,.]+?)\s*=\s*(.+)$", re.DOTALL)
_WITH_AS: Final = re.compile(r"with\s+(\S.*?)\s+as\s+(\w+)$", re.DOTALL)
_INCLUDED: Final = re.compile(r"\bwith\s+(.+)$", re.DOTALL)
_PAIR: Final = re.compile(r"(\w+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s,]+)")
_MACRO: Final = re.compile(r"macro\s+(\w+)\s*\(([^()]*)\)")
_NAMED: Final = re.compile(r"url\s+[\"']([^\"']+)[\"']")
_ENDPOINT: Final = re.compile(r"\burl_for\(\s*[\"']([^\"']+)[\"']")
_FETCHED: Final = re.compile(
    r"\b(?:fetch|axios(?:\.\w+)?|\$\.(?:get|post|ajax|getJSON))\(\s*([\"'`])(?P<url>/(?:(?!\1)\S)*|https?://(?:(?!\1)\S)+)\1"
)
_SOURCE: Final = 100


def aliases(statement: str) -> Iterator[TemplateAlias]:
    """
    Each name that a statement binds.

    >>> for text in ("for k, v in d.items() if k", "with a.b as c", "set x = y|lower", "macro field(f, size=3)"): print(*aliases(text))
    TemplateAlias(name='k', source='d.items()', kind='for') TemplateAlias(name='v', source='d.items()', kind='for')
    TemplateAlias(name='c', source='a.b', kind='with')
    TemplateAlias(name='x', source='y|lower', kind='set')
    TemplateAlias(name='f', source='field', kind='macro') TemplateAlias(name='size', source='field', kind='macro')
    >>> print(*aliases('include "b.html" with text=q|lower only'))
    TemplateAlias(name='text', source='q|lower', kind='with')
    """
    word = statement.split(None, 1)[0] if statement else ""
    if word == "for" and (match := _FOR.match(statement)):
        for name in re.findall(r"\w+", match[1]):
            yield TemplateAlias(name, match[2][:_SOURCE], "for")
    elif word == "set" and (match := _SET.match(statement)):
        for name in match[1].split(","):
            yield TemplateAlias(name.strip(), match[2][:_SOURCE], "set")
    elif word == "with":
        if match := _WITH_AS.match(statement):
            yield TemplateAlias(match[2], match[1][:_SOURCE], "with")
        else:
            yield from (TemplateAlias(name, value[:_SOURCE], "with") for name, value in _PAIR.findall(statement[4:]))
    elif word == "include" and (match := _INCLUDED.search(statement)):  # the page that is included knows it so
        yield from (TemplateAlias(name, value[:_SOURCE], "with") for name, value in _PAIR.findall(match[1]))
    elif word == "macro" and (match := _MACRO.match(statement)):
        for part in match[2].split(","):
            if part.strip():
                yield TemplateAlias(part.partition("=")[0].strip(), match[1], "macro")


def named_url(inside: str, context: str) -> TemplateUrl | None:
    """
    The address that `{% url %}` or `url_for` names.

    >>> named_url("url 'shop:item' item.id", "url")
    TemplateUrl(kind='name', value='shop:item', context='url')
    """
    match = _NAMED.match(inside)
    if match:
        return TemplateUrl("name", match[1], context)
    match = _ENDPOINT.search(inside)
    return TemplateUrl("endpoint", match[1], context) if match else None


def literal_url(value: str, context: str) -> TemplateUrl | None:
    """
    The address that an attribute holds in full; one that is put together has its names elsewhere.

    >>> literal_url("/cart", "href"), literal_url("#top", "href")
    (TemplateUrl(kind='literal', value='/cart', context='href'), None)
    """
    plain = value.strip("\"' \n")
    is_address = plain.startswith(("/", "http://", "https://")) and "{{" not in plain and "{%" not in plain
    return TemplateUrl("literal", plain[:200], context) if is_address else None


def fetched(text: str) -> Iterator[tuple[int, int, TemplateUrl]]:
    """
    Each address that a script of a page asks for, and where it stands.

    >>> [url.value for _, _, url in fetched("fetch('/api/x'); axios.post(`/api/y`, d)")]
    ['/api/x', '/api/y']
    >>> [url.value for _, _, url in fetched('fetch(`/r/${data["id"]}`)')]
    ['/r/${data["id"]}']
    """
    for match in _FETCHED.finditer(text):
        yield match.start("url"), match.end("url"), TemplateUrl("fetched", match["url"][:200], "script")
