"""Comments that silence a rule on a statement."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator

from extractors.context import Context
from extractors.registry import extracts
from extractors.survey import Survey
from schema.ground import Suppression

_QUICK = re.compile(rb"#[^\n]*?\b(?:aud:|nosec|noqa|nosemgrep|lgtm|codeql)", re.IGNORECASE)
_MARK = re.compile(r"#[^#]*?\b(?P<word>aud:\s*ignore|nosec|noqa|nosemgrep|lgtm|codeql)\b(?P<rest>[^#]*)", re.IGNORECASE)
_BRACKETS = re.compile(r"^\s*\[(?P<ids>[^\]]*)\]\s*(?P<reason>.*)$")
_BANDIT = re.compile(r"^[:\s]*(?P<ids>B\d{3}(?:[\s,]+B\d{3})*)\b[\s,:-]*(?P<reason>.*)$")
_CODES = re.compile(r"^\s*:\s*(?P<ids>[A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*)\b[\s,:-]*(?P<reason>.*)$")
_SEMGREP = re.compile(r"^\s*:\s*(?P<ids>[\w.-]+(?:\s*,\s*[\w.-]+)*)\s*(?P<reason>.*)$")
_FORMS = {
    "aud": _BRACKETS,
    "nosec": _BANDIT,
    "noqa": _CODES,
    "nosemgrep": _SEMGREP,
    "lgtm": _BRACKETS,
    "codeql": _BRACKETS,
}
_ONLY_WITH_IDS = frozenset({"codeql"})


def silenced(comment: str) -> Iterator[tuple[str, str | None, str | None]]:
    """
    Word, rule and reason of each silencing in one comment; the rule is None when it names none.

    >>> list(silenced("# nosec B602, B603 - reviewed"))
    [('nosec', 'B602', 'reviewed'), ('nosec', 'B603', 'reviewed')]
    >>> list(silenced("# aud: ignore[eval-used] trusted"))
    [('aud', 'eval-used', 'trusted')]
    >>> list(silenced("# nosec because it is fine"))
    [('nosec', None, 'because it is fine')]
    >>> list(silenced("# aud: ignore eval-used")), list(silenced("# what aud: ignores"))
    ([('aud', None, 'eval-used')], [])
    """
    for match in _MARK.finditer(comment):
        word = match["word"].partition(":")[0].lower()
        rest = match["rest"].strip("\n")
        form = _FORMS[word].match(rest)
        if form is None:
            if word not in _ONLY_WITH_IDS:
                yield word, None, rest.strip(" :-") or None
            continue
        for rule in re.split(r"[\s,]+", form["ids"].strip()):
            if rule:
                yield word, rule, form["reason"].strip(" :-") or None


@extracts(ast.Module)
def suppression(node: ast.Module, context: Context) -> Iterator[Suppression]:
    """
    Each rule that a comment silences, with the lines of the statement it stands on.

    >>> rows(suppression, "x = f(\\n  1,  # nosec B101\\n)\\ny = '# nosec'")
    Suppression(word='nosec', rule='B101', reason=None, covers_from=1, covers_to=3)
    >>> rows(suppression, "run(\\n  'a '  # noqa: S608\\n  f'{b} # nosec'\\n)")
    Suppression(word='noqa', rule='S608', reason=None, covers_from=1, covers_to=4)
    """
    source = context.source_bytes
    found = list(_QUICK.finditer(source))
    if not found:
        return
    strings, spans = _lay_out(context.survey)
    done: set[int] = set()
    for match in found:
        line = source.count(b"\n", 0, match.start()) + 1
        start = source.rfind(b"\n", 0, match.start()) + 1
        if line in done:
            continue
        comment = _comment(source, start, line, strings)
        if comment is None:
            continue
        done.add(line)
        first, last = _covered(line, spans, source[start:].split(b"\n", 1)[0].lstrip().startswith(b"#"))
        for word, rule, reason in silenced(comment):
            yield Suppression(word, rule, reason, first, last)


Span = tuple[int, int, int, int]


def _lay_out(survey: Survey) -> tuple[list[Span], list[tuple[int, int]]]:
    """Where string literals stand, and the first and last line of each statement (a compound one's header only)."""
    strings = [
        (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0) for node in survey.strings
    ]
    spans: list[tuple[int, int]] = []
    for node in survey.statements:
        if isinstance(node, ast.match_case):
            continue
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        line: int = node.lineno  # type: ignore[attr-defined]  # every statement has a line
        last = _first_line(body[0]) - 1 if body else node.end_lineno or line  # type: ignore[attr-defined]  # as above
        spans.append((line, max(line, last)))
    return sorted(strings), sorted(spans)


def _first_line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    own: int = node.lineno  # type: ignore[attr-defined]  # every statement has a line
    return int(min([own, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))]))


def _comment(source: bytes, start: int, line: int, strings: list[Span]) -> str | None:
    """The comment of a line, found by looking for the first # that is in no string."""
    text = source[start:].split(b"\n", 1)[0]
    offset = text.find(b"#")
    while offset >= 0:
        around = [span for span in strings if (span[0], span[1]) <= (line, offset) < (span[2], span[3])]
        if all(_stands_between(source, span, line, offset) for span in around):
            return text[offset:].decode("utf-8", "replace")
        offset = text.find(b"#", offset + 1)
    return None


def _stands_between(source: bytes, span: Span, line: int, offset: int) -> bool:
    """Whether a # within a literal of several lines is a comment between two of the texts it is joined of."""
    if span[0] == span[2]:
        return False
    rows = source.split(b"\n")[span[0] - 1 : span[2]]
    rows[-1] = rows[-1][: span[3]]
    rows[0] = b" " * span[1] + rows[0][span[1] :]
    try:
        for token in tokenize.tokenize(io.BytesIO(b"(\n" + b"\n".join(rows) + b"\n)\n").readline):
            if token.type == tokenize.COMMENT and token.start[0] == line - span[0] + 2:
                return len(token.line[: token.start[1]].encode()) == offset
    except (tokenize.TokenError, SyntaxError):
        return False
    return False


def _covered(line: int, spans: list[tuple[int, int]], alone: bool) -> tuple[int, int]:
    """The innermost statement around a line; a comment that stands alone between statements covers the next one."""
    around = [span for span in spans[: bisect_right(spans, (line, 1 << 30))] if span[1] >= line]
    if around:
        return max(around)
    following = spans[bisect_right(spans, (line, 1 << 30)) :] if alone else []
    return following[0] if following else (line, line)
