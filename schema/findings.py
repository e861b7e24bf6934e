"""What was found and decided, so that the database answers for itself."""

from typing import NamedTuple

from schema.table import table


@table("python_findings", index=("rule",), derived=True)
class FindingRow(NamedTuple):
    """One finding of one rule; its path is in the flow steps."""

    rule: str
    message: str
    severity: float  #: 0.1 to 10.0, as code scanning counts
    precision: str
    fingerprint: str  #: the same when the function moves or is reformatted
    state: str  #: new, baseline, suppressed or out_of_scope
    reason: str | None  #: why it is not new
