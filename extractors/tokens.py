"""Credentials by format: keys and tokens that providers give a shape of their own, anywhere in a file's text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.credentials import entropy, is_credential, masked
from extractors.registry import extracts
from schema.formats import FORMATS
from schema.secrets import Secret

_KEY_BYTES: Final = 8192  #: within which a private key ends
_SHORTEST: Final = 12  #: bytes of the shortest text that has one of these formats, an address or an option with a value
_COMMENT: Final = re.compile(rb"#[^\n]+")
_COMPILED: Final = tuple((prefix.decode("ascii"), kind, re.compile(pattern)) for prefix, kind, pattern in FORMATS)
_URL: Final = re.compile(
    rb"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|mssql|oracle|cockroachdb|clickhouse|ftp|sftp|ssh|smtp|ldaps?|https?)"
    rb"(?:\+[a-z0-9]+)?://([A-Za-z0-9_.%-]*):([^\s:/@\"'<>{}$%#?\\]{4,80})@([A-Za-z0-9_.-]+)"
)
_OPTION: Final = re.compile(
    rb"(?i)--?(?:password|passwd|passphrase|pwd|secret|token|api-?key)[= ][\"']?([^\s\"'{}$<>\\%]{6,80})"
)
_DASHED: Final = re.compile(rb"-(?:[pP][aAwW]|[sS][eE]|[tT][oO]|[aA][pP])")  #: found far sooner than an option
_WEAK: Final = re.compile(
    rb"(?i)^(?:pass(?:word|wd)?|pwd|(?:super|top)[-_]?secret|secret|user(?:name)?|test(?:ing)?|example|changeme|postgres|mysql|root|admin|guest|redis|mongo|token|key|foo|bar|tiger|x+|\*+|\.+|your.*|my.*|.*example.*|.*placeholder.*)\d{0,3}$"
)
_LOCAL: Final = re.compile(
    rb"(?i)^(?:localhost|127\.|0\.0\.0\.0|::1|example\.|.*\.example(?:\.|$)|.*\.test$|.*\.invalid$|[a-z]{0,8}host(?:name)?$|server$|h$|db$|proxy|my[\w-]{0,16}(?:host|domain|server)\.)"
)
_SHAM: Final = re.compile(
    rb"(?i)example|dummy|fake|placeholder|x{6}|0{8}|1234567|abcdef|(.)\1{7}|your|test_?key|redacted|1234-1234"
)
_CUT: Final = re.compile(rb"\.\.\.|\xe2\x80\xa6|\*\*\*|xxx")  #: what stands behind the first letters of an example


def place(source: bytes, start: int, stop: int) -> ast.AST:
    """A node for a stretch of the text, so that it has a site like any other: it ends on its first line."""
    line_start = source.rfind(b"\n", 0, start) + 1
    line_stop = source.find(b"\n", start)
    stop = min(stop, len(source) if line_stop < 0 else line_stop)
    line = source.count(b"\n", 0, start) + 1
    return ast.Constant(
        None, lineno=line, col_offset=start - line_start, end_lineno=line, end_col_offset=stop - line_start
    )


@extracts(ast.Module)
def credential_text(node: ast.Module, context: Context) -> Iterator[At]:
    """
    Each text in the file, comments included, that has a provider's format, and each address with a password in it.

    >>> rows(credential_text, "client('ghp_' + x)\\nT = 'ghp_a8Kd02mNq1Zx7Pw4Rt9Yb3Vc6Hj5Lf0Gs2Du'  # or xoxb-4426949411-aEM7...")
    Secret(kind='github-token', name=None, place='format', masked='ghp_…', length=40, entropy=5.22)
    >>> rows(credential_text, "create_engine('postgresql://shop:k3j-d83.Q@db.corp/shop')")
    Secret(kind='password', name='shop', place='url', masked='k3…', length=9, entropy=2.95)
    """
    source, told = context.source_bytes, _told(context)
    words = told.decode("latin-1")  # looked through in half the time
    for prefix, kind, pattern in _COMPILED:
        # a file is four times as long as what it tells; a private key may go on from one text to the next
        if prefix in words and (kind == "private-key" or pattern.search(told)):
            for match in pattern.finditer(source):
                text = match.group()
                if not (_SHAM.search(text) or _CUT.match(source, match.end())) and not (
                    kind == "openai-key" and text.startswith(b"sk-ant-")
                ):
                    context.secrets.update(_hidden(source, match, kind))
                    yield _row(source, match.start(), match.end(), kind, None, "format", text)
    for match in _OPTION.finditer(source) if _DASHED.search(told) else ():
        if is_credential("password", match[1].decode("latin-1")):
            context.secrets.add(match[1].decode("latin-1"))
    if "@" in words and "://" in words and _URL.search(told):
        for match in _URL.finditer(source):
            user, password, host = match.groups()
            if not (_WEAK.match(password) or _LOCAL.match(host)) and password != user:
                name = user.decode("ascii") or None
                context.secrets.add(password.decode("utf-8", "replace"))
                yield _row(source, match.start(), match.end(), "password", name, "url", password)


def _told(context: Context) -> bytes:
    """The long texts and the comments of a file, joined: a fifth of its bytes, and all that can hold a credential."""
    long: list[Any] = [text for text in context.survey.texts if len(text) >= _SHORTEST]
    texts = "\n".join([text for text in long if text.__class__ is str]).encode("utf-8", "replace")
    plain = [text for text in long if text.__class__ is bytes]
    return b"\n".join([texts, *plain, *_COMMENT.findall(context.source_bytes)])


def _hidden(source: bytes, match: re.Match[bytes], kind: str) -> Iterator[str]:
    """What no row may hold of a credential: all of it; of a key of several lines, each line."""
    if kind != "private-key":
        yield match.group().decode("utf-8", "replace")
        return
    body = source[match.start() : match.start() + _KEY_BYTES].partition(b"-----END")[0]
    yield from (line.decode("ascii") for line in re.findall(rb"[A-Za-z0-9+/]{30,}={0,2}", body))


def _row(source: bytes, start: int, stop: int, kind: str, name: str | None, origin: str, secret: bytes) -> At:
    text = secret.decode("utf-8", "replace")
    shown = "-----BEGIN…" if kind == "private-key" else masked(text)
    row = Secret(kind, name, origin, shown, len(text), round(entropy(text), 2))
    return At(place(source, start, stop), row)
