"""Functions that answer requests, and what is done around and in them."""

from typing import NamedTuple

from schema.table import table


@table("python_handlers", index=("name",), derived=True)
class Handler(NamedTuple):
    """One function or method that answers requests; its site is the function's, or the class's whose library base answers."""

    name: str
    framework: str
    methods: str  #: sorted, with commas between: GET,POST
    pattern: str | None  #: of the first route
    guard: (
        str | None
    )  #: what asks who the user is: a decorator, a mixin, a permission, a dependency, a hook, a check in the body
    guard_kind: str | None  #: decorator, dependency, permission, mixin, default, hook or body
    change: str | None  #: the first call that changes what is stored
    uses_user: bool  #: the current user, or a session's, is mentioned in the body
    has_verification: bool  #: a signature, token or captcha is checked
