"""What GitHub runs for a repository: steps of workflows and actions, what their scripts are made of, what they may do."""

from typing import NamedTuple

from schema.table import table


@table("python_workflow_steps", index=("uses",))
class WorkflowStep(NamedTuple):
    """One step of a job or of a composite action, or a job that calls another workflow; its site is the line it begins at."""

    workflow: str  #: its name; the file's where it has none
    trigger: str  #: the events that start it, sorted, separated by a space; "" for an action
    job: str  #: the job's key; "" in an action
    position: int  #: from 0 within the job; -1 for a job that calls another workflow
    uses: str | None  #: what it calls, without the version: `actions/checkout`, `./build`, `docker://alpine`
    ref: str | None  #: the version it is called at: what stands behind `@`, or behind an image's `:`
    runs: bool  #: a shell script
    checks_out_head: bool  #: it fetches what a pull request, or the run that started this one, would merge
    condition: str | None  #: the job's `if` and the step's own, joined by `&&`


@table("python_workflow_expressions", index=("context",))
class WorkflowExpression(NamedTuple):
    """One value that becomes part of a script before the script runs; its site is the line."""

    trigger: str  #: as of its step
    job: str
    position: int  #: of its step
    place: str  #: run, or script (JavaScript)
    context: (
        str  #: where the value comes from: `github.event.issue.title`, looked up where the expression says `env.TITLE`
    )


@table("python_workflow_permissions")
class WorkflowPermission(NamedTuple):
    """One permission of a workflow's token, as stated."""

    trigger: str
    job: str | None  #: NULL where it is stated for all jobs
    resource: str  #: contents, packages, …; `*` for all
    access: str  #: read, write or none
