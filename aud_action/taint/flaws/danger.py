"""What makes a text dangerous at a sink: for most classes any hole, for some only a hole at the right place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from aud_action.taint.values.concat import many_forms
from aud_action.taint.values.harmless import quoted
from aud_action.taint.values.pieces import Cleared
from aud_action.taint.values.value import ANY, STRUCTURED, Form, Taint, Value, all_taints, forms_of


class Live(NamedTuple):
    """A taint that matters at a sink."""

    taint: Taint
    confidence: int  #: percent
    flaw: str
    before: str = "?"  #: "" when nothing stands before it
    quote: str = ""  #: the quote it stands between
    last: bool = False  #: whether nothing stands behind it


AUTHORITY = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]+[/?#]")
_SCHEME_ONLY = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?[^/?#]*$")


def live(value: Value, flaw: str, shape: str) -> Iterator[Live]:
    """The taints of an argument that matter for a class."""
    if shape == "url":
        yield from _url(value, flaw)
    elif shape == "redirect":
        yield from _redirect(value, flaw)
    elif shape == "argv":
        yield from _argv(value, flaw)
    elif shape == "structured":
        yield from _structured(value, flaw)
    elif shape == "whole":
        yield from (Live(taint, 100, flaw) for taint in value.taints)
    elif shape in _SHAPES:
        yield from _SHAPES[shape](value, flaw)
    else:
        yield from _text(value, flaw)


def _structured(value: Value, flaw: str, depth: int = 5) -> Iterator[Live]:
    """What may be a dictionary where a text is meant; a text is one."""
    if value.kind in ("str", "bytes", "number", "bool"):
        return
    yield from (Live(taint, 100, flaw) for taint in value.taints if taint.state & STRUCTURED)
    for key, item in (value.items or {}).items() if depth else ():
        if key != "$eq":  # compares with what follows, whatever it is
            yield from _structured(item, flaw, depth - 1)


def _text(value: Value, flaw: str) -> Iterator[Live]:
    """Any hole, with what it stands behind and between."""
    for form in _forms(value):
        for index, piece in enumerate(form):
            if isinstance(piece, str):
                continue
            before = "?" if any(form[:index]) else ""
            quote, last = quoted(form, index), not any(form[index + 1 :])
            yield from (Live(taint, 100, flaw, before, quote, last) for taint in piece)


def _holes(form: Form) -> Iterator[tuple[str | None, tuple[Taint, ...]]]:
    """Each hole with the literal text before it; None where something unknown stands before."""
    before: str | None = ""
    for piece in form:
        if isinstance(piece, str):
            before = None if before is None else before + piece
        else:
            yield before, piece
            before = None


def _forms(value: Value) -> tuple[Form, ...]:
    return forms_of(value) if value.items is None else ((all_taints(value),),)


def _url(value: Value, flaw: str) -> Iterator[Live]:
    """A hole in the authority chooses the host; behind it only path and query."""
    for form in _forms(value):
        known = ""
        opaque = False
        for piece in form:
            if isinstance(piece, str):
                known += piece
                continue
            if not opaque and _SCHEME_ONLY.match(known):
                yield from (Live(taint, 100, flaw, "") for taint in piece)
            elif opaque and "/" not in known.lstrip("/") and not known:
                yield from (Live(taint, 60, flaw, "") for taint in piece)
            else:
                yield from (Live(taint, 100, "ssrf-partial", "") for taint in piece)
            opaque = True
            known = ""


def _redirect(value: Value, flaw: str) -> Iterator[Live]:
    """A hole at the very start, or right behind a scheme or a single slash, chooses where the browser goes."""
    for form in _forms(value):
        for before, taints in _holes(form):
            if before is None:
                break
            if before in ("", "http://", "https://", "//") or (
                re.fullmatch(r"(?:https?:)?//[^/?#]+", before) is not None
            ):
                yield from (Live(taint, 100, flaw, "") for taint in taints)
            elif before == "/":
                yield from (Live(taint, 60, flaw, "/") for taint in taints)
            if before or taints:
                break


_SHELLS = {"sh", "bash", "zsh", "ksh", "dash", "cmd", "cmd.exe", "powershell", "pwsh", "su", "ssh"}
_READS_NO_MORE = {"sh", "bash", "zsh", "ksh", "dash"}
"""Shells: what stands behind their code is `$0`, `$1` and so on to it, and no option."""
_RUNS_CODE = {"-c", "/c", "/C", "-Command", "-e", "-lc", "-ic", "-exec"}


def _argv(value: Value, flaw: str) -> Iterator[Live]:
    """A list for exec: the program, an interpreter's code, or an element that may begin with a dash."""
    if value.items is None or value.kind not in ("list", "tuple"):
        yield from _line(value, flaw)
        return
    before: list[str] = []
    ended = False
    for key, item in value.items.items():
        known = _likely(item)
        ended = ended or known == "--"
        if key == 0 or (before and before[-1] in _RUNS_CODE and _shell(before)):
            ended = ended or (key != 0 and before[-1][-1:] == "c" and _program(before) in _READS_NO_MORE)
            yield from (Live(taint, 100, "command-injection", "") for taint in all_taints(item))
        elif key == ANY and len(value.items) == 1 and not item.consts:  # `text.split()`: the first word is the program
            yield from (Live(taint, 80, "command-injection", "") for taint in _leading(item))
        elif not ended and not _is_value(before) and item is not value.items.get(0):
            sure = 60 if key == ANY else 45 if _may_be_value(before) else 80
            yield from (Live(taint, sure, flaw, "") for taint in _leading(item))
        ended = ended or _first_operand(before, known)
        before.append(known)
    yield from (Live(taint, 60, flaw, "") for taint in value.taints)


def _line(value: Value, flaw: str) -> Iterator[Live]:
    """A program with its words as one text: what stands behind a shell's `-c` is code, what stands first the program."""
    for form in _forms(value):
        words = form[0].split() if form and isinstance(form[0], str) else []
        if len(words) > 1 and _shell(words) and _RUNS_CODE & set(words):
            yield from (Live(taint, 100, "command-injection", "") for _, taints in _holes(form) for taint in taints)
    said = "command-injection" if value.kind == "str" else flaw  # a text, and no list of words: the program it names
    yield from (Live(taint, 80, said, "") for taint in _leading(value))


def _likely(item: Value) -> str:
    """What an element is; of several constants, the one with which the next may be code."""
    words = [str(one) for one in item.consts or ()]
    runs = [one for one in words if one in _RUNS_CODE or one.rsplit("/", 1)[-1] in _SHELLS]
    return runs[0] if runs else words[0] if len(words) == 1 else ""


_VALUED = {
    "ssh": "BbcDEeFIiJLlmOoPpQRSWw", "grep": "efmABCdD", "curl": "AbcCdDeEFHKmoQrTuUwxXyYz", "wget": "OoaietTQUPDlRABI",
    "ping": "cWwiIstTQpl", "tar": "fCTX", "git": "cCm", "psql": "cdfhpUvo", "mysql": "ehuPD", "head": "nc", "tail": "nc",
    "sort": "kto", "cut": "dfcb", "sed": "ef", "dig": "bcfkpqtxy", "whois": "hp", "traceroute": "fgimNpqsw", "unzip": "dx",
    "ssh-keygen": "abCDeEfFGIJKlmMnNOPrRsStTVwWYz", "scp": "cDFiJloPSX", "sftp": "bBcDFiJlloPRsSX", "pg_dump": "bEfFhjnNtTUpsSZ",
    "gpg": "ruoN", "kubectl": "cfnlo", "docker": "cehlpuvw", "pandoc": "foHABTtVcM", "pdftotext": "flrxyWH", "pdftoppm": "flrxyWH",
    "tshark": "abBcCdDeEfFHiIjJKmMNoOPrRsStTuUwWXYz", "tcpdump": "BcCEFGijmMrsTVwWyzZ", "zip": "bPst", "mount": "LoOtU", "tesseract": "lc",
}  # fmt: skip
"""Programs, and which of their options take the next argument for their value."""
_FLAGGED = frozenset(
    "rsync hg svn bzr npm yarn pip cargo go make ls cat cp mv rm chmod chown systemctl journalctl jq awk ffuf nmap sqlmap".split()
)
"""More programs most of whose long options stand alone."""
_ALL_VALUED = frozenset({"ffmpeg", "ffprobe", "find", "openssl", "convert", "magick"})
"""Programs whose options, written with one dash, take the next argument for their value."""
_PRINTING = frozenset({"echo", "printf", "basename", "dirname", "sleep", "expr"})
"""Programs whose options do no harm."""


def _first_operand(before: list[str], known: str) -> bool:
    """Whether an element is the first that is no option: such a program takes nothing behind it for one."""
    if not before:
        return known in _PRINTING
    return _program(before) == "ssh" and not _is_value(before) and not known.startswith("-")


def _program(before: list[str]) -> str:
    return before[0].rsplit("/", 1)[-1] if before else ""


def _is_value(before: list[str]) -> bool:
    """Whether the program takes what comes next for the value of an option, whatever it begins with."""
    if len(before) < 2 or before[-1][:1] != "-":
        return False
    return _program(before) in _ALL_VALUED or before[-1][-1:] in _VALUED.get(_program(before), "")


def _may_be_value(before: list[str]) -> bool:
    """Whether a long option goes before, of a program of which nothing is known: `label --size LARGE`."""
    program = _program(before)
    is_known = program in _VALUED or program in _FLAGGED or program in _SHELLS
    return len(before) > 1 and not is_known and re.fullmatch(r"--[a-z][\w-]*", before[-1]) is not None


def _shell(before: list[str]) -> bool:
    program = before[0].rsplit("/", 1)[-1]
    return program in _SHELLS or program.startswith(("python", "perl", "ruby", "node", "php")) or "sh" in before


def _leading(value: Value) -> Iterator[Taint]:
    """Taints that may stand at the beginning of a text."""
    for form in _forms(value):
        for piece in form:
            if isinstance(piece, str):
                if piece:
                    break
                continue
            yield from piece
            break


def known(value: Value, bit: int) -> bool:
    """Whether every part of a text is known: a literal, a number, or a client's data; what comes from elsewhere is cleared of a class."""
    if value.items is not None or many_forms(value):
        return False
    return all(one.mask & bit if isinstance(one, Cleared) else one != () for form in forms_of(value) for one in form)


_HEADERS_END = re.compile(r"\r?\n\r?\n")
_SERVED = re.compile(
    r"(?:^|[/\\])(?:static|public|media|www|htdocs|html|webroot|templates|assets|uploads?)(?:[/\\]|$)", re.IGNORECASE
)
_GUIDES = {"system", "developer"}


def _mail(value: Value, flaw: str) -> Iterator[Live]:
    """A whole message: a hole before the empty line is among the headers, one behind it in the body."""
    for form in _forms(value):
        known = ""
        for piece in form:
            if isinstance(piece, str):
                known += piece
            elif not _HEADERS_END.search(known):
                yield from (Live(taint, 100 if known else 40, flaw) for taint in piece)


def _page(value: Value, flaw: str) -> Iterator[Live]:
    """A page; a dictionary is sent as JSON, which no browser takes for one."""
    return iter(()) if value.kind == "dict" else _text(value, flaw)


def _upload(value: Value, flaw: str) -> Iterator[Live]:
    """A path whose name the client chooses: sure in a folder that a web server serves."""
    for form in _forms(value):
        known = ""
        for piece in form:
            if isinstance(piece, str):
                known += piece
            else:
                yield from (Live(taint, 100 if _SERVED.search(known) else 40, flaw) for taint in piece)


def _prompt(value: Value, flaw: str) -> Iterator[Live]:
    """What a model takes as its orders: a text, or messages of the roles that give orders."""
    if value.items is None:
        yield from (Live(taint, 100, flaw) for taint in value.taints)
        return
    if value.kind == "dict":
        role = value.items.get("role")
        if role is None or (role.consts and set(role.consts) & _GUIDES):
            for name in ("content", "text", "parts"):
                yield from _spoken(value.items.get(name), flaw)
        return
    if value.kind == "tuple" and 0 in value.items and value.items[0].consts:
        if set(value.items[0].consts) & _GUIDES:
            yield from _spoken(value.items.get(1), flaw)
        return
    for item in value.items.values():
        if item.items is not None:  # a message as a whole, such as the last answer, says what its role is
            yield from _prompt(item, flaw)


_SCRIPTS = {"$where", "$function", "$accumulator", "$expr"}


def _query(value: Value, flaw: str) -> Iterator[Live]:
    """Code for a database: a text that is all code, or what stands in a query where code is expected."""
    if value.items is None:
        yield from _text(value, flaw)
        return
    for key, item in value.items.items():
        if key in _SCRIPTS:
            yield from _spoken(item, flaw)
        elif item.items is not None:
            yield from _query(item, flaw)


def _spoken(value: Value | None, flaw: str) -> Iterator[Live]:
    if value is not None:
        yield from (Live(taint, 100, flaw) for taint in all_taints(value))


_SHAPES: dict[str, Callable[[Value, str], Iterator[Live]]] = {
    "mail": _mail,
    "upload": _upload,
    "prompt": _prompt,
    "query": _query,
    "page": _page,
}
