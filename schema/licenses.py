"""Under which terms the project and its dependencies may be used, as far as the repository says so."""

from typing import NamedTuple

from schema.table import table


@table("python_licenses", index=("package",))
class License(NamedTuple):
    """One statement of one licence; what nobody states has no row, and nothing is guessed."""

    package: str | None  #: normalised; NULL for a licence's own text, which speaks of what stands beside it
    expression: str | None  #: as SPDX writes it; NULL when what is stated has no such name
    status: str  #: declared (an expression), classified (by a classifier), recognised (by its text) or unknown
    source: str  #: pyproject, setup.cfg, setup.py, text, metadata or sbom
    stated: str | None  #: what was understood, or wasn't
