"""The ground every other table stands on: files, places, and what went wrong."""

from typing import NamedTuple

from schema.table import table


@table("files", index=("path",), hot=True, keyed=True)
class File(NamedTuple):
    """One file of the run; `id` is the file's number, a hash of its path."""

    path: str  #: relative to the root, `/` between parts
    content_id: str  #: git blob id, else sha256, of the bytes
    bytes: int
    lines: int
    status: str  #: parsed, failed or skipped
    syntax: str | None  #: 3, or the first Python that reads it (3.10, 3.11, 3.12); 2 by its marks; NULL when unknown
    is_test: bool
    is_generated: bool  #: a program wrote it, as its top or its name says
    package: str | None  #: dotted module name, NULL when the path is not importable


@table("sites", hot=True, keyed=True)
class Site(NamedTuple):
    """One place that facts speak of; `id` is `file << 24 | n`."""

    file: int
    kind: str  #: the AST class, `Module` for the file itself
    line: int  #: 1-based
    col: int  #: 1-based, in UTF-16 units as SARIF counts
    end_line: int
    end_col: int  #: exclusive
    scope: int | None  #: site of the enclosing function, class or module


@table("scopes", hot=True, keyed=True)
class Scope(NamedTuple):
    """The qualified name of one module, class or function; `id` is its site."""

    name: str  #: `package.module`, `package.module.Class.method`
    kind: str  #: module, class, function or lambda
    parent: int | None


@table("python_extraction_errors", index=("kind",))
class ExtractionError(NamedTuple):
    """One thing that went wrong with one file: its facts have a gap here."""

    extractor: str  #: read, decode, parse, or the extractor's name
    kind: str  #: the exception's class, or limit, timeout
    message: str
    at_line: int | None


@table("python_suppressions")
class Suppression(NamedTuple):
    """One rule silenced on one statement by a comment."""

    word: str  #: aud, nosec, noqa, nosemgrep, lgtm or codeql
    rule: str | None  #: as written; NULL silences every rule
    reason: str | None
    covers_from: int  #: first line of the statement
    covers_to: int  #: last line of the statement


@table("run_metrics", keyed=True, derived=True)
class RunMetric(NamedTuple):
    """One measured value of this run."""

    name: str
    unit: str
    label: str | None
    value: float


@table("file_metrics", keyed=True)
class FileMetric(NamedTuple):
    """What one file cost; `id` is the file."""

    parse_ns: int
    extract_ns: int
    rows: int
    errors: int
