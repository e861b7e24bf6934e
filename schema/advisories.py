"""Known weaknesses of what a project depends on, where the user gives a list of advisories."""

from typing import NamedTuple

from schema.table import table


@table("python_advisories", index=("package",), derived=True)
class Advisory(NamedTuple):
    """One advisory that applies to one dependency as a manifest or lock states it; several records of one weakness are one."""

    package: str  #: normalised
    version: str | None  #: the one that is pinned or locked; NULL when a range is stated, all of which it applies to
    specifier: str | None
    identifier: str  #: a CVE's if there is one
    aliases: str | None  #: its other names, sorted, separated by a comma
    summary: str | None
    severity: float | None  #: CVSS 3 base score, or the middle of the word that the record gives
    fixed_in: str | None  #: the first release on the same line without this one
    safe_version: str | None  #: the first release that has none of those that apply to the dependency
    is_malicious: bool  #: the release was made to do harm
    is_accepted: bool  #: named by the setting `accepted-advisories`
    is_direct: bool  #: stated by the project, not only locked
    database_date: str  #: day of the newest record of the list


@table("python_advisory_lists", keyed=True, derived=True)
class AdvisoryList(NamedTuple):
    """The list of advisories that the run was given; no row without one."""

    records: int  #: of Python packages, without those withdrawn
    database_date: str  #: day of its newest record
