"""What is done to databases, files and processes."""

from typing import NamedTuple

from schema.table import table


@table("python_sql_queries", index=("construction",), hot=True, unique=True)
class SqlQuery(NamedTuple):
    """One query handed to a database."""

    method: str  #: last segment as written
    kind: str  #: execute, many, script, raw, text, read or copy
    statement: str | None  #: SELECT, INSERT, …, of the text
    text: str | None  #: with {} where a value is put in; NULL when not known
    construction: str  #: constant, fstring, percent, format, concat, join, template, variable or unknown
    parameterised: str  #: true, false, or none when nothing is put in
    driver: str | None  #: the library, when the receiver is known
    is_multiple: bool  #: several statements in one text


@table("python_sql_query_inputs")
class SqlQueryInput(NamedTuple):
    """One value put into the text of the query at the same site, or bound to it."""

    position: int
    source: str
    name: str | None
    place: str  #: value, identifier, limit, like, parameter or unknown
    quote: str | None  #: the quote around it


@table("python_file_operations", index=("operation",), unique=True)
class FileOperation(NamedTuple):
    """One operation on a path."""

    callee: str
    operation: str  #: open, read, write, delete, list, move, permission, serve, extract or create
    mode: str | None
    path_source: str
    path_kind: str  #: constant, joined, fstring, concat, variable, basename or other


@table("python_subprocess_calls", unique=True)
class SubprocessCall(NamedTuple):
    """One process started."""

    callee: str
    shell: str  #: true, false, implied or unknown
    form: str  #: the shape of the command: constant, list, fstring, concat, format, variable, …
    program: str | None  #: the first word, when constant
    has_dash_c: bool  #: `sh -c` and the like in a list
    env_given: bool
    cwd_source: str | None


@table("python_code_executions", unique=True)
class CodeExecution(NamedTuple):
    """One execution of text as code."""

    callee: str
    input_source: str
    input_kind: str  #: the shape of the expression; constant when its value is known
    has_globals: bool
