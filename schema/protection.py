"""What protects: authentication, hashing, tokens, CSRF. What is there, not whether it is good."""

from typing import NamedTuple

from schema.table import table


@table("python_auth_decorators", index=("auth_type",))
class AuthDecorator(NamedTuple):
    """One decorator, mixin or dependency-like guard that asks who is there; its site is the expression."""

    name: str  #: exact, else as written
    target: str
    target_kind: str  #: function, method or class
    auth_type: str  #: session, jwt, api_key, basic, role, permission or other
    position: int  #: 0 is the outermost


@table("python_auth_requirements")
class AuthRequirement(NamedTuple):
    """One permission, role or scope that an auth decorator asks for; same site as the decorator."""

    decorator: str
    position: int
    value: str


@table("python_password_hashes", unique=True)
class PasswordHash(NamedTuple):
    """One password hashed or verified."""

    library: str
    function: str  #: last segment of the callee
    operation: str  #: hash, verify or configure
    algorithm: str | None
    rounds: int | None
    salt: str | None  #: constant, given or automatic
    is_password_named: bool  #: an argument or the target is named like a password


@table("python_hashes", index=("algorithm",), unique=True)
class Hash(NamedTuple):
    """One digest made."""

    library: str
    algorithm: str | None  #: in lower case; NULL when not constant
    is_constant: bool  #: of constant data
    usedforsecurity: str | None  #: true, false or unknown; NULL when not given
    purpose: str | None  #: the target or argument's name


@table("python_jwt_operations")
class JwtOperation(NamedTuple):
    """One JWT operation, one row for each algorithm that is named."""

    library: str
    operation: str  #: encode, decode or unverified
    algorithm: str | None
    verify: str | None  #: true, false or unknown, of decoding
    has_expiry: str | None  #: true, false or unknown, of encoding
    key_kind: str  #: literal, environment, variable or missing
    algorithms_given: bool


@table("python_csrf_settings")
class CsrfSetting(NamedTuple):
    """One place that sets protection against cross-site requests."""

    framework: str
    kind: str  #: exempt, protect, generate, validate or configure
    target: str | None
    is_disabled: bool
