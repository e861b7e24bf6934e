"""The story on one page: find, extract, derive, match, decide."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from aud_action.derive import derive
from aud_action.files import SourceFile, find
from aud_action.findings import Finding, Result, Unanalysed
from aud_action.findings.decision import decide
from aud_action.findings.fingerprint import stamp
from aud_action.findings.scope import Change, How
from aud_action.findings.source import Sources
from aud_action.findings.suppression import QUERY, Comment
from aud_action.matching import match, superseded
from aud_action.rules import PageError, Rule, book, load
from aud_action.settings import Settings, WrongInput, nearest
from aud_action.store import Store
from aud_action.workers import Limits, run
from extractors.registry import FLOW
from schema import TABLES
from schema.findings import FindingRow

Phase = Callable[[str, int], None]


def _silent(_phase: str, _count: int) -> None:
    """Nobody watches."""


def index(settings: Settings, database: Path, watch: Phase = _silent) -> tuple[Store, list[str], dict[str, float]]:
    """Extract and derive into a database; the store, why it is incomplete, and what was measured."""
    started = time.perf_counter()
    files = find(settings)
    watch("extract", len(files))
    deadline = time.monotonic() + settings.timeout if settings.timeout else None
    limits = Limits(settings.max_file_size, settings.file_timeout, frozenset({FLOW} if settings.taint else ()))
    with tempfile.TemporaryDirectory(prefix="aud-", dir=database.parent) as folder:
        extraction = run(files, folder, settings.processes, limits, lambda count: watch("file", count), deadline)
        extracted = time.perf_counter()
        store = Store.from_shards(database, extraction.shards)
    watch("derive", 0)
    store.index()
    merged = time.perf_counter()
    incomplete = extraction.incomplete + derive(store, settings)
    metrics = {
        "extract_seconds": extracted - started,
        "merge_seconds": merged - extracted,
        "derive_seconds": time.perf_counter() - merged,
    }
    return store, incomplete + _missing(store, files), metrics


def _missing(store: Store, files: list[SourceFile]) -> list[str]:
    """A file that was found must be in the database: a gap is never silent."""
    lacking = len(files) - next(store.rows("SELECT count(*) FROM files"))[0]
    return [f"{lacking} files were not reached"] if lacking > 0 else []


def rules(settings: Settings) -> dict[str, Rule]:
    """The house's rules and the user's own, by id. Raises WrongInput."""
    folder = settings.root / (settings.rules or ".aud/rules")
    if settings.rules and not folder.is_dir():
        raise WrongInput(f"rules: {folder} is not a folder")
    try:
        return {**book(), **(load(folder) if folder.is_dir() else {})}
    except (PageError, UnicodeDecodeError, OSError) as error:
        raise WrongInput(f"rules: {error}") from error


def chosen(settings: Settings, known: dict[str, Rule]) -> list[Rule]:
    """The rules to run: what `select` names, or all; without what `ignore` names. Raises WrongInput."""
    words: dict[str, set[str]] = {}
    for rule in known.values():
        for word in (rule.id, *rule.aliases):
            words.setdefault(word.lower(), set()).add(rule.id)
    for option, given in (("select", settings.select), ("ignore", settings.ignore)):
        for word in given:
            if word.lower() not in words:
                raise WrongInput(f"{option}: unknown rule {word!r}{nearest(word, words)}")
    wanted = set().union(*(words[word.lower()] for word in settings.select)) or set(known)
    unwanted = set().union(*(words[word.lower()] for word in settings.ignore))
    return [rule for rule in known.values() if rule.id in wanted - unwanted]


def unanalysed(store: Store) -> Iterator[Unanalysed]:
    """Each file that was not, or not wholly, analysed."""
    query = """
        SELECT f.path, e.at_line, e.extractor || ': ' || e.message FROM python_extraction_errors e
        JOIN files f ON f.id = e.site >> 24 ORDER BY f.path, e.id
    """
    return (Unanalysed(*row) for row in store.rows(query))


def scan(
    settings: Settings,
    database: Path | None = None,
    watch: Phase = _silent,
    change: Change | None = None,
    how: How = "changed-lines",
) -> Result:
    """The whole run. Raises WrongInput before anything is written. `change`: what alone counts as new."""
    known = rules(settings)
    pages = chosen(settings, known)
    with tempfile.TemporaryDirectory(prefix="aud-") as folder:
        store, incomplete, metrics = index(settings, database or Path(folder) / "aud.db", watch)
        try:
            watch("match", len(pages))
            started = time.perf_counter()
            findings = stamp(superseded(match(store, settings, pages), known), Sources(settings.root))
            metrics["match_seconds"] = time.perf_counter() - started
            counts = store.counts()
            result = Result(
                findings=findings,
                files=counts["files"],
                unanalysed=tuple(unanalysed(store)),
                incomplete=tuple(incomplete),
                metrics=metrics | _measured(counts),
                tables=counts,
            )
            comments = [Comment(*row) for row in store.rows(QUERY)]
            result = decide(result, comments, known, {page.id for page in pages}, settings, change, how)
            store.clear(TABLES[FindingRow])
            store.add((_row(finding) for finding in result.findings), TABLES[FindingRow])
            return result
        finally:
            store.close()


def _row(finding: Finding) -> tuple[object, ...]:
    """A finding as the database keeps it; its columns are FindingRow's."""
    row = FindingRow(*(getattr(finding, name) for name in FindingRow._fields))
    return (finding.site, *row._replace(reason=finding.reason or None))


def _measured(counts: dict[str, int]) -> dict[str, float]:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "rows": float(sum(counts.values())),
        "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "peak_megabytes": max(own.ru_maxrss, children.ru_maxrss) / 1024,
    }
