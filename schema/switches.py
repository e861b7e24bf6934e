"""Branches that an option of whoever runs the program opens."""

from typing import NamedTuple

from schema.table import table


@table("python_switches", index=("kind",))
class Switch(NamedTuple):
    """One branch that is only run with an option set, or only without; its site is the test."""

    kind: str  #: debug (what is told while debugging) or verification (certificates and names of hosts are checked)
    name: str  #: the last name of the option: `verify_ssl` of `self.verify_ssl`, `insecure` of `options["insecure"]`
    is_on: bool  #: the branch is run while debugging, or with verification
    opens: str  #: the option's value that opens the branch: True or False
    first_line: int
    last_line: int
