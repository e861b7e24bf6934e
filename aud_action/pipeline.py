"""The story on one page: find, extract, derive, match, decide."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aud_action.advisories.age import ADVISORIES, age
from aud_action.cache.answer import Answer
from aud_action.cache.kept import Kept
from aud_action.findings import Finding, Result, Unanalysed
from aud_action.findings.decision import decide
from aud_action.findings.fingerprint import stamp
from aud_action.findings.scope import Change, How
from aud_action.findings.source import Sources
from aud_action.findings.suppression import QUERY, Comment
from aud_action.rules import PageError, Rule, book, load
from aud_action.settings import Settings, WrongInput
from aud_action.spelling import nearest

if TYPE_CHECKING:  # imported by who needs them: a run in which nothing has changed needs no table and no extractor
    from aud_action.cache.past import Past
    from aud_action.derive.reading import Record
    from aud_action.indexing import Outcome, Task
    from aud_action.store import Store

Phase = Callable[[str, int], None]
_UNANALYSED: Final = """
SELECT f.path, e.at_line, e.extractor || ': ' || e.message, 0 FROM python_extraction_errors e
JOIN files f ON f.id = e.site >> 24
UNION ALL
SELECT f.path, s.line, 'data flow: ' || g.reason, 1 FROM python_flow_gaps g
JOIN sites s ON s.id = g.site JOIN files f ON f.id = g.site >> 24 ORDER BY 1, 2, 3
"""
_TESTS: Final = "SELECT count(*) FROM files WHERE is_test"
_ALL_TESTS: Final = (
    "every file is a test by its path: no data was followed, and few rules look there; "
    "scan the folder that holds them itself"
)
_UNITS = {"seconds": "s", "megabytes": "MB"}


def _silent(_phase: str, _count: int) -> None:
    """Nobody watches."""


def index(
    settings: Settings, database: Path, watch: Phase = _silent, shard: str = ""
) -> tuple[Store, list[str], dict[str, float]]:
    """
    Extract and derive into a database; the store, why it is incomplete, and what was measured.

    shard: `i/n` writes the facts of that part alone, for a later merge.
    """
    from aud_action.indexing import Task, indexed
    from aud_action.sharding import parsed, write
    from aud_action.store import Store

    part = parsed(shard)
    with closing(Kept(settings)) as kept:
        files = kept.find()
        task = Task(settings, files, kept, watch)
        outcome = write(task, part, database) if part else indexed(task, database, database, Store.counts)
    store = Store(database)
    if not part:
        _note(store, outcome.metrics | _measured(outcome.value))
    return store, outcome.incomplete, outcome.metrics


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
    """The rules to run: what `select` names, or all; without what `ignore` names. Raises WrongInput for a name of no rule."""
    words: dict[str, set[str]] = {}
    for rule in known.values():
        for word in (rule.id, *rule.aliases):
            words.setdefault(word.lower(), set()).add(rule.id)
    ignored = {word for some in settings.per_file_ignores.values() for word in some} - {"*"}
    for option, given, names in (
        ("select", settings.select, words),
        ("ignore", settings.ignore, words),
        ("per-file-ignores", sorted(ignored), words),
        ("severity", settings.severity, known),
    ):
        for word in given:
            if word.lower() not in names:
                raise WrongInput(f"{option}: unknown rule {word!r}{nearest(word, names)}")
    wanted = set().union(*(words[word.lower()] for word in settings.select)) or set(known)
    unwanted = set().union(*(words[word.lower()] for word in settings.ignore))
    return [rule for rule in known.values() if rule.id in wanted - unwanted]


def unanalysed(store: Store) -> Iterator[Unanalysed]:
    """Each file that was not, or not wholly, analysed."""
    rows = store.rows(_UNANALYSED)
    return iter(dict.fromkeys(Unanalysed(path, line, reason, bool(passage)) for path, line, reason, passage in rows))


def scan(
    settings: Settings,
    database: Path | None = None,
    watch: Phase = _silent,
    change: Change | None = None,
    how: How = "changed-lines",
    shards: Sequence[Path] = (),
    scheduler: str = "",
) -> Result:
    """
    The whole run. Raises WrongInput before anything is written.

    change: what alone counts as new. shards: databases of `index(…, shard)` to merge, instead of reading files.
    scheduler: address of a Dask cluster that reads the files.
    """
    known = rules(settings)
    pages = chosen(settings, known)
    with closing(Kept(settings)) as kept:
        files = kept.find()
        told = None if shards else kept.answer(pages)
        incomplete: list[str] = []
        metrics = {"files_from_cache": float(len(files))}
        stands = database is not None and told is not None and (kept.stands(database) or kept.restored(database))
        if told is None or not (stands or database is None):
            from aud_action.indexing import Task

            task = Task(settings, files, kept, watch, scheduler)
            told, incomplete, metrics, _ = _anew(task, database, shards, pages, known, told)
        result = Result(
            findings=told.findings,
            files=told.tables["files"],
            tests=told.tests,
            unanalysed=told.unanalysed,
            incomplete=tuple(incomplete),
            metrics=metrics | _measured(told.tables),
            tables=told.tables,
            notes=(*kept.notes, *_notes(told)),
        )
        result = decide(result, told.comments, known, {page.id for page in pages}, settings, change, how)
        if database:
            _write(result, database)
            if not (incomplete or shards):
                kept.left(database)
    return result


def _notes(told: Answer) -> Iterator[str]:
    """What a reader should know of what was found."""
    yield from age(told.advisories)
    if 0 < told.tests == told.tables["files"]:
        yield _ALL_TESTS


def _anew(
    task: Task,
    database: Path | None,
    shards: Sequence[Path],
    pages: list[Rule],
    known: dict[str, Rule],
    told: Answer | None,
) -> Outcome[Answer]:
    """The answer from a database: made of shards, or of what is kept and what changed. told: when it is known already."""
    import tempfile

    from aud_action.derive.moving import shift
    from aud_action.indexing import indexed
    from aud_action.sharding import merged

    def conclude(store: Store) -> Answer:
        return told or _matched(task, store, pages, known)

    def unmoved(past: Past, record: Record, grown: Mapping[str, int]) -> Answer | None:
        before = task.kept.before(past, pages)
        if before is None or record.touched.keys() & before.reads:
            return None
        shifts = {file.path: shift(record.moves[file.number]) for file in task.files if file.number in record.moves}
        moved = before.moved(shifts)
        return None if moved is None else _restamped(task, moved, grown, past.changed)

    with tempfile.TemporaryDirectory(prefix="aud-") as folder:
        scratch = Path(folder) / "aud.db"
        if shards:
            return merged(task, shards, database or scratch, conclude)
        outcome = indexed(task, database, scratch, conclude, unmoved)
    if not outcome.incomplete:
        task.kept.remember(pages, outcome.value)
    return outcome


def _restamped(task: Task, before: Answer, grown: Mapping[str, int], changed: frozenset[str]) -> Answer:
    """The same findings, where the text of some files is another."""
    findings = before.findings
    if any(place.path in changed for one in findings for place in one.places):
        findings = stamp(findings, Sources(task.settings.root))
    tables = {name: count + grown.get(name, 0) for name, count in before.tables.items()}
    return before._replace(findings=findings, tables=tables)


def _write(result: Result, database: Path) -> None:
    """Put what was decided into the database."""
    from aud_action.store import Store
    from schema import TABLES
    from schema.findings import FindingRow

    with closing(Store(database)) as store:
        _note(store, result.metrics)
        store.clear(TABLES[FindingRow])
        store.add((_row(finding) for finding in result.findings), TABLES[FindingRow])


def _note(store: Store, metrics: dict[str, float]) -> None:
    """Put what was measured into the database."""
    from schema import TABLES
    from schema.ground import RunMetric

    named = ((*name.rpartition("_")[::2], value) for name, value in sorted(metrics.items()))
    rows = [RunMetric(f"{name}_{unit}".strip("_"), _UNITS.get(unit, ""), None, value) for name, unit, value in named]
    store.clear(TABLES[RunMetric])
    store.add(((number, *row) for number, row in enumerate(rows, 1)), TABLES[RunMetric])


def _matched(task: Task, store: Store, pages: list[Rule], known: dict[str, Rule]) -> Answer:
    """What the rules find in the database."""
    from aud_action.derive.reading import DISTANCE
    from aud_action.matching import match, superseded

    task.watch("match", len(pages))
    reader = store.reader()
    with closing(reader):
        raw = list(match(reader, task.settings, pages))
    findings = stamp(superseded(raw, known), Sources(task.settings.root))
    comments = tuple(Comment(*row) for row in store.rows(QUERY))
    reads = reader.columns.union(*map(store.columns, (QUERY, _UNANALYSED, ADVISORIES, _TESTS)))
    ours = book()
    if all(page == ours.get(page.id) for page in pages):  # they compare lines, and tell no number of one
        reads = {DISTANCE.get(column, column) for column in reads}
    advisories = next(store.rows(ADVISORIES), None)
    tests = next(store.rows(_TESTS))[0]
    gaps = tuple(unanalysed(store))
    return Answer("", findings, gaps, comments, store.counts(), tests, frozenset(reads), advisories)


def _row(finding: Finding) -> tuple[object, ...]:
    """A finding as the database keeps it; its columns are FindingRow's."""
    from schema.findings import FindingRow

    row = FindingRow(*(getattr(finding, name) for name in FindingRow._fields))
    return (finding.site, *row._replace(reason=finding.reason or None))


def _measured(counts: dict[str, int]) -> dict[str, float]:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "rows": float(sum(counts.values())),
        "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "peak_megabytes": max(own.ru_maxrss, children.ru_maxrss) / 1024,
    }
