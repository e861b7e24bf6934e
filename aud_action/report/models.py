"""The models as people read them: what is known of each library, and what a call is taken to be."""

from __future__ import annotations

import json as jsonlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from aud_action.taint.models import Models
from aud_action.taint.summaries import Summary
from aud_action.taint.watching import Row, Seen, Target

_ROLES = ("source", "sink", "sanitizer", "guard", "propagator", "clean", "entrypoint", "callback")
_UNKNOWN = (
    "no model speaks of it: an unknown call, which may return what it is given, reaches nothing and checks nothing"
)
_PLAIN = "a method of texts, lists and dictionaries, or a built-in, whose effect the analysis knows"


def _arguments(pattern: Any) -> str:
    if not pattern.call:
        return ""
    parts = [*map(str, pattern.positions), *(f"{name}=" for name in pattern.names)]
    flags = (("*", pattern.every), ("**", pattern.words), ("spread", pattern.spread), ("recv", pattern.receiver))
    return f"({', '.join([*parts, *(word for word, on in flags if on)])})"


def rows(models: Models) -> Iterator[dict[str, Any]]:
    """Every row of the models: file, role, match, and what it says."""
    for path, sources in models.sources.items():
        for one in sources:
            yield {"file": one.model, "role": "source", "match": path, "kind": one.kind, "text": one.text}
    for named in (*models.named_sources, *models.named_sinks):
        role = "source" if hasattr(named.model, "kind") else "sink"
        says = {"kind": named.model.kind} if role == "source" else {"class": named.model.flaw}
        yield {"file": named.model.model, "role": role, "match": f"/{named.pattern.pattern}/", **says}
    for path, sinks in models.sinks.items():
        for sink in sinks:
            yield {
                "file": sink.model, "role": "sink", "match": path + _arguments(sink.pattern), "class": sink.flaw,
                "when": {key: list(value) for key, value in sink.when.items()},
                "unless": {key: list(value) for key, value in sink.unless.items()},
                "receiver": sink.receiver, "confidence": sink.confidence,
            }  # fmt: skip
    yield from _effects(models)
    yield from _edges(models)


def _effects(models: Models) -> Iterator[dict[str, Any]]:
    """What calls do to what they are given."""
    for path, flows in models.flows.items():
        for flow in flows:
            role = "clean" if flow.clean else "sanitizer" if flow.clears else "propagator"
            match = path + _arguments(flow.pattern)
            yield {"file": flow.model, "role": role, "match": match, "clears": list(models.names(flow.clears))}
    for path, guards in models.guards.items():
        for guard in guards:
            match, on = path + _arguments(guard.pattern), "return" if guard.on is None else guard.on
            yield {
                "file": guard.model,
                "role": "guard",
                "match": match,
                "clears": list(models.names(guard.clears)),
                "on": on,
            }


def _edges(models: Models) -> Iterator[dict[str, Any]]:
    """Which functions libraries call."""
    for path, callbacks in models.callbacks.items():
        yield from (
            {"file": one.model, "role": "callback", "match": path, "function": one.function} for one in callbacks
        )
    for how, table in (("decorator", models.decorators), ("base", models.classes), ("call", models.registrations)):
        for path, entries in table.items():
            yield from (
                {"file": one.model, "role": "entrypoint", "match": path, "how": how, "kind": one.kind}
                for one in entries
            )


def listing(models: Models, word: str = "") -> str:
    """One line a file with its numbers; with a word, each row of the files and paths that begin with it."""
    found = _chosen(models, word)
    if not word:
        counts: dict[str, Counter[str]] = {name: Counter() for name in models.library}
        for row in found:
            counts[row["file"]][row["role"]] += 1
        width = max(map(len, counts))
        return "".join(
            f"{name:{width}}  {models.library[name]}\n{'':{width}}  {_numbers(counts[name])}\n" for name in counts
        )
    return "".join(f"{row['role']:10}  {row['match']}  {_says(row)}  [{row['file']}]\n" for row in found)


def _chosen(models: Models, word: str) -> list[dict[str, Any]]:
    """Every row; with a word, those of that file, and of that library with what its classes inherit."""
    if not word:
        return list(rows(models))
    owners = [key for key in models.bases if key.startswith(f"{word}.")]
    words = {word, *(base for owner in owners for base in models.ancestors(owner))}
    starts = tuple(f"{one}{after}" for one in words for after in (".", "("))
    file = word if word.endswith(".toml") else f"{word}.toml"
    return [
        row for row in rows(models) if row["file"] == file or row["match"] in words or row["match"].startswith(starts)
    ]


def _numbers(counts: Counter[str]) -> str:
    words = {"sanitizer": "sanitizers", "clean": "clean results", "entrypoint": "entry points"}
    told = [
        f"{counts[role]} {words.get(role, role + 's') if counts[role] != 1 else role}"
        for role in _ROLES
        if counts[role]
    ]
    return ", ".join(told) or "names only"


def _says(row: dict[str, Any]) -> str:
    said = row.get("class") or row.get("kind") or ", ".join(row.get("clears", ())) or row.get("how") or ""
    conditions = [f"when {key} is {_values(one)}" for key, one in row.get("when", {}).items()]
    conditions += [f"unless {key} is {_values(one)}" for key, one in row.get("unless", {}).items()]
    if row.get("receiver"):
        conditions.append(f"of an object called like /{row['receiver']}/")
    return " ".join([str(said), *conditions])


def _values(values: Iterable[Any]) -> str:
    return " or ".join(str(one).removeprefix("class:") for one in values)


def as_json(models: Models, word: str = "") -> str:
    """Every row, one JSON array."""
    return jsonlib.dumps(_chosen(models, word), indent=2) + "\n"


def explained(path: str, line: int, seen: Iterable[Seen], files: dict[int, str]) -> str:
    """What each call of a line is taken to be."""
    text: list[str] = []
    for one in seen:
        text.append(f"{path}:{line}:{one.place.col}  {one.text}(…)")
        for target in one.targets:
            text += [f"  {part}" for part in _target(target, files)]
        text.append("")
    return "\n".join(text)


def _target(target: Target, files: dict[int, str]) -> Iterator[str]:
    where = f" at {files.get(target.place.file, '?')}:{target.place.line}" if target.place else ""
    if target.kind == "library":
        yield f"is `{target.name}` of a library" + _because(target)
    elif target.kind == "class":
        yield f"makes a `{target.name}`{where}" + _because(target)
    elif target.kind == "function":
        yield f"is `{target.name}`{where}" + _because(target)
    else:
        yield f"is not known: nothing says what `{target.name}` is"
    for row in target.rows:
        yield f"  {_row(row)}"
    if target.summary is not None:
        yield from (f"  {one}" for one in said(target.summary, files))
    elif not target.rows:
        yield f"  {_PLAIN if target.built_in else _UNKNOWN}"


def _because(target: Target) -> str:
    return f" ({'; '.join(target.through)})" if target.through else ""


def _row(row: Row) -> str:
    source = f"  [{row.model}: {row.path}]" if row.model else ""
    words = ", ".join(row.arguments)
    arrives = f"; {' and '.join(row.carries)} arrives there" if row.carries else ""
    if row.role == "sink":
        text = f"sink for {row.says}: " + (words or "no argument of this call")
        return text + arrives + ("" if row.holds else "; not here, its conditions don't hold") + source
    if row.role == "source":
        return f"source: yields {row.says} data" + ("" if row.holds else "; off, see --threat-model") + source
    if row.role == "sanitizer":
        return f"sanitizer: makes {words or 'its argument'} harmless for {row.says}{source}"
    if row.role == "guard":
        return f"guard: clears {words or 'its argument'} of {row.says}{source}"
    if row.role == "clean":
        return f"its result carries nothing of its arguments{source}"
    if row.role == "propagator":
        return f"its result carries {words or 'its arguments'} ({row.says or 'as they are'}){source}"
    if row.role == "stop":
        return "never returns"
    if row.role == "entrypoint":
        return f"registers an entry point with {row.says or 'no'} parameters{source}"
    return f"{row.role}: {row.says}{source}"


def said(summary: Summary, files: dict[int, str]) -> Iterator[str]:
    """A function's summary in words."""
    empty = True
    for one in summary.reaches:
        empty = False
        yield f"gives `{one.parameter}` to `{one.callee}` at {files.get(one.place.file, '?')}:{one.place.line}: {one.flaw}"
    for text in summary.sources:
        empty = False
        yield f"returns {text}"
    for name, classes in summary.returns.items():
        empty = False
        yield f"returns what it is given as `{name}`" + (f", harmless for {', '.join(classes)}" if classes else "")
    for side, told in summary.checks.items():
        for name, classes in told.items():
            empty = False
            when = "once it returned" if side == "return" else f"when it answers {side}"
            yield f"checks `{name}`: {when}, it is harmless for {', '.join(classes)}"
    if not summary.ends:
        yield "never returns"
    elif empty:
        yield "nothing that it is given comes back, reaches a sink or is checked"


def explained_as_json(path: str, line: int, seen: Iterable[Seen], files: dict[int, str]) -> str:
    """The same for programs."""
    calls = [
        {
            "path": path, "line": line, "column": one.place.col, "call": one.text,
            "targets": [
                {
                    "kind": target.kind, "name": target.name,
                    "at": f"{files.get(target.place.file, '?')}:{target.place.line}" if target.place else None,
                    "through": target.through, "models": [row._asdict() for row in target.rows],
                    "summary": list(said(target.summary, files)) if target.summary else None,
                    "known": bool(target.rows or target.summary or target.built_in),
                }
                for target in one.targets
            ],
        }
        for one in seen
    ]  # fmt: skip
    return jsonlib.dumps(calls, indent=2) + "\n"
