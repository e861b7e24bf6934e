"""What a program says about its types."""

from typing import NamedTuple

from schema.table import table


@table("python_protocols", unique=True)
class Protocol(NamedTuple):
    """One protocol."""

    name: str
    is_runtime_checkable: bool
    members: int
    type_parameters: int


@table("python_protocol_members")
class ProtocolMember(NamedTuple):
    """One member of one protocol."""

    protocol: str
    name: str
    kind: str  #: method, property or attribute
    signature: str | None  #: `(self, x: int) -> str`, of methods and properties
    annotation: str | None


@table("python_type_parameters")
class TypeParameter(NamedTuple):
    """One type parameter of one class, function or alias; its site is the parameter."""

    owner: str
    owner_kind: str  #: class, function or alias
    name: str
    kind: str  #: TypeVar, ParamSpec or TypeVarTuple; "" when a base names something unknown
    bound: str | None
    constraints: str | None
    default_source: str | None
    position: int
    syntax: str  #: bracket or base


@table("python_type_variables", unique=True)
class TypeVariable(NamedTuple):
    """One type variable declared by a call."""

    name: str
    kind: str  #: TypeVar, ParamSpec or TypeVarTuple
    bound: str | None
    constraints: str | None  #: separated by a comma
    default_source: str | None
    variance: str  #: invariant, covariant, contravariant or inferred


@table("python_new_types", unique=True)
class NewType(NamedTuple):
    """One `NewType`."""

    name: str
    base: str  #: as written


@table("python_type_aliases")
class TypeAlias(NamedTuple):
    """One alias of a type; its site is the name."""

    name: str
    value: str
    kind: str  #: statement (`type X = …`), annotated (`X: TypeAlias = …`) or implicit


@table("python_typed_dicts", unique=True)
class TypedDict(NamedTuple):
    """One TypedDict; fields are its own."""

    name: str
    is_total: bool
    is_closed: bool
    fields: int
    syntax: str  #: class or call


@table("python_typed_dict_fields")
class TypedDictField(NamedTuple):
    """One field of one TypedDict."""

    typed_dict: str
    name: str
    annotation: str
    is_required: bool
    is_read_only: bool


@table("python_literals")
class LiteralValue(NamedTuple):
    """One value that a Literal allows; its site is the value."""

    name: str | None  #: of the parameter, function, attribute or alias it stands at
    place: str  #: parameter, return, attribute, variable, alias or other
    position: int
    value: str
    type: str


@table("python_overloads")
class Overload(NamedTuple):
    """One overload variant of one function."""

    function: str
    position: int  #: among the variants of its scope
    signature: str
    is_async: bool


@table("python_enums", unique=True)
class Enum(NamedTuple):
    """One enumeration."""

    name: str
    base: str  #: exact
    is_flag: bool
    members: int


@table("python_enum_members")
class EnumMember(NamedTuple):
    """One member of one enumeration."""

    enum: str
    name: str
    value: str | None  #: the constant, `auto()`, or NULL


@table("python_named_tuples", unique=True)
class NamedTupleType(NamedTuple):
    """One named tuple."""

    name: str
    syntax: str  #: class or call
    fields: int
