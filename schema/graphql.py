"""What a GraphQL schema offers."""

from typing import NamedTuple

from schema.table import table


@table("python_graphql_types", index=("name",))
class GraphqlType(NamedTuple):
    """One type of a GraphQL schema."""

    library: str  #: graphene, strawberry or ariadne
    name: str
    kind: str  #: object, input, interface, enum, mutation, subscription, union, scalar or schema
    model: str | None


@table("python_graphql_resolvers")
class GraphqlResolver(NamedTuple):
    """One resolver of one field."""

    library: str
    type_name: str | None
    field: str  #: as clients write it
    function: str
    binding: str  #: method, decorator, call or argument
    is_async: bool


@table("python_graphql_arguments")
class GraphqlArgument(NamedTuple):
    """One argument of one resolver; its site is the argument."""

    resolver: str
    name: str
    annotation: str | None
    is_required: bool
