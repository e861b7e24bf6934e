"""What a notebook consists of."""

from typing import NamedTuple

from schema.table import table


@table("python_notebook_cells")
class NotebookCell(NamedTuple):
    """One cell; what a code cell does is in the tables of Python, at its lines of the file."""

    position: int  #: from 0
    kind: str  #: code, markdown or raw; the language or the magic of a cell that holds no Python: r, bash, sql, …
    magics: int  #: lines of magic, shell or help, which are read as if nothing happened there
    lines: int
