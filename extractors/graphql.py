"""GraphQL: the types, resolvers and arguments of Strawberry, Graphene and Ariadne."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from extractors.statements import called
from schema.graphql import GraphqlArgument, GraphqlResolver, GraphqlType

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_STRAWBERRY: Final = {
    "type": "object",
    "input": "input",
    "interface": "interface",
    "enum": "enum",
    "experimental.pydantic.type": "object",
    "experimental.pydantic.input": "input",
    "django.type": "object",
    "django.input": "input",
    "federation.type": "object",
}
_FIELDS: Final = frozenset({"field", "mutation", "subscription", "django.field", "federation.field"})
_GRAPHENE: Final = {
    "ObjectType": "object",
    "InputObjectType": "input",
    "Interface": "interface",
    "Enum": "enum",
    "Union": "union",
    "Scalar": "scalar",
    "Mutation": "mutation",
    "ClientIDMutation": "mutation",
    "DjangoObjectType": "object",
    "SQLAlchemyObjectType": "object",
    "relay.ClientIDMutation": "mutation",
}
_GRAPHENES: Final = (
    "graphene.",
    "graphene_django.",
    "graphene_sqlalchemy.",
    "graphene_django.types.",
    "graphene.types.",
)


def camel(name: str) -> str:
    """
    A field's name as clients write it: both libraries turn snake_case into camelCase.

    >>> camel("all_users"), camel("_private_one"), camel("plain")
    ('allUsers', '_privateOne', 'plain')
    """
    head, *rest = name.lstrip("_").split("_")
    return "_" * (len(name) - len(name.lstrip("_"))) + head + "".join(part.capitalize() or "_" for part in rest)


def _strawberry(node: ast.expr, context: Context) -> str:
    name = context.name(called(node))
    return name.removeprefix("strawberry.") if name.startswith("strawberry.") else name.replace("strawberry_", "", 1)


def _arguments(node: Any, skipped: frozenset[str], context: Context) -> Iterator[At]:
    """The parameters that clients fill, by name or position."""
    given = node.args
    required = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    for position, argument in enumerate([*given.posonlyargs, *given.args]):
        if argument.arg not in skipped and not _is_info(argument, context):
            yield At(argument, _argument(node.name, argument, position < required, context))
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if argument.arg not in skipped and not _is_info(argument, context):
            yield At(argument, _argument(node.name, argument, default is None, context))


def _is_info(argument: ast.arg, context: Context) -> bool:
    annotation = argument.annotation
    plain = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return context.name(plain) in {
        "strawberry.Info",
        "strawberry.types.Info",
        "strawberry.Parent",
        "graphql.GraphQLResolveInfo",
    }


def _argument(resolver: str, argument: ast.arg, required: bool, context: Context) -> GraphqlArgument:
    return GraphqlArgument(resolver, argument.arg, context.source(argument.annotation) or None, required)


@extracts(ast.ClassDef, when=("strawberry", "strawberry_django"))
def strawberry_type(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    Each type of Strawberry with its resolvers and their arguments.

    >>> rows(strawberry_type, "import strawberry as s\\n@s.type\\nclass Query:\\n    name: str\\n    @s.field\\n    async def user_by(self, info: s.Info, id: int, q: str = '') -> str: ...\\n    size: int = s.field(resolver=get_size)\\n@s.input(name='In')\\nclass I: ...\\n@other.type\\nclass X: ...")
    GraphqlType(library='strawberry', name='Query', kind='object', model=None)
    GraphqlResolver(library='strawberry', type_name='Query', field='userBy', function='user_by', binding='method', is_async=True)
    GraphqlArgument(resolver='user_by', name='id', annotation='int', is_required=True)
    GraphqlArgument(resolver='user_by', name='q', annotation='str', is_required=False)
    GraphqlResolver(library='strawberry', type_name='Query', field='size', function='get_size', binding='argument', is_async=False)
    GraphqlType(library='strawberry', name='In', kind='input', model=None)
    """
    kind, decorator = None, None
    for decorator in node.decorator_list:  # the one that matched is used below
        kind = _STRAWBERRY.get(_strawberry(decorator, context))
        if kind is not None:
            break
    if kind is None or decorator is None:
        return
    given = context.keyword(decorator, "name") if isinstance(decorator, ast.Call) else None
    name = context.string(given) or node.name
    model = context.text(context.keyword(decorator, "model", 0)) if isinstance(decorator, ast.Call) else ""
    yield At(node, GraphqlType("strawberry", name, kind, model or None))
    for item in node.body:
        if isinstance(item, _FUNCTIONS):
            yield from _strawberry_method(item, name, context)
        elif isinstance(item, (ast.Assign, ast.AnnAssign)) and isinstance(item.value, ast.Call):
            yield from _strawberry_field(item, item.value, name, context)


def _strawberry_method(item: Any, owner: str, context: Context) -> Iterator[At]:
    for decorator in item.decorator_list:
        if _strawberry(decorator, context) in _FIELDS:
            given = context.keyword(decorator, "name") if isinstance(decorator, ast.Call) else None
            field = context.string(given) or camel(item.name)
            is_async = isinstance(item, ast.AsyncFunctionDef)
            yield At(item, GraphqlResolver("strawberry", owner, field, item.name, "method", is_async))
            yield from _arguments(item, frozenset({"self", "root", "info"}), context)
            return


def _strawberry_field(item: Any, call: ast.Call, owner: str, context: Context) -> Iterator[At]:
    resolver = context.keyword(call, "resolver", 0)
    target = item.targets[0] if isinstance(item, ast.Assign) else item.target
    if resolver is None or _strawberry(call, context) not in _FIELDS or not isinstance(target, ast.Name):
        return
    function = context.binding(resolver.id) if isinstance(resolver, ast.Name) else None
    is_async = isinstance(function, ast.AsyncFunctionDef)
    field = context.string(context.keyword(call, "name")) or camel(target.id)
    function_name = context.text(resolver) or context.source(resolver)
    yield At(call, GraphqlResolver("strawberry", owner, field, function_name, "argument", is_async))
    if isinstance(function, _FUNCTIONS):
        yield from _arguments(function, frozenset({"self", "root", "info"}), context)


def _graphene(node: ast.ClassDef, context: Context, depth: int = 0) -> str | None:
    """The kind of a Graphene type, through classes of this file."""
    for base in node.bases:
        name = context.name(base)
        if name.startswith(_GRAPHENES):
            kind = _GRAPHENE.get(name.rpartition(".")[2])
            if kind is not None:
                return kind
        known = context.binding(base.id) if isinstance(base, ast.Name) and depth < 20 else None
        if isinstance(known, ast.ClassDef) and known is not node:
            kind = _graphene(known, context, depth + 1)
            if kind is not None:
                return kind
    return None


@extracts(ast.ClassDef, when=("graphene", "graphene_django", "graphene_sqlalchemy"))
def graphene_type(node: ast.ClassDef, context: Context) -> Iterator[At]:
    """
    Each type of Graphene with its resolvers and their arguments.

    >>> rows(graphene_type, "import graphene as g\\nclass Query(g.ObjectType):\\n    user = g.String(id=g.Int(required=True), q=g.String())\\n    def resolve_user(root, info, id, q=None): ...\\nclass Add(g.Mutation):\\n    class Arguments:\\n        name = g.String(required=True)\\n    def mutate(self, info, name): ...\\nclass Other:\\n    def resolve_x(self): ...")
    GraphqlType(library='graphene', name='Query', kind='object', model=None)
    GraphqlResolver(library='graphene', type_name='Query', field='user', function='resolve_user', binding='method', is_async=False)
    GraphqlArgument(resolver='resolve_user', name='id', annotation='g.Int(required=True)', is_required=True)
    GraphqlArgument(resolver='resolve_user', name='q', annotation='g.String()', is_required=False)
    GraphqlType(library='graphene', name='Add', kind='mutation', model=None)
    GraphqlResolver(library='graphene', type_name='Add', field='Add', function='mutate', binding='method', is_async=False)
    GraphqlArgument(resolver='mutate', name='name', annotation='g.String(required=True)', is_required=True)
    """
    kind = _graphene(node, context)
    if kind is None:
        return
    meta = next((item for item in node.body if isinstance(item, ast.ClassDef) and item.name == "Meta"), None)
    options = _assigned(meta) if meta is not None else {}
    name = context.string(options.get("name")) or node.name
    yield At(node, GraphqlType("graphene", name, kind, context.text(options.get("model")) or None))
    fields = _assigned(node)
    for item in node.body:
        if not isinstance(item, _FUNCTIONS):
            continue
        is_mutation = kind == "mutation" and item.name in {"mutate", "mutate_and_get_payload"}
        if is_mutation or (item.name.startswith("resolve_") and kind in {"object", "interface"}):
            field = name if is_mutation else item.name.removeprefix("resolve_")
            row = GraphqlResolver(
                "graphene", name, camel(field), item.name, "method", isinstance(item, ast.AsyncFunctionDef)
            )
            yield At(item, row)
            declared = _declared(node) if is_mutation else _field_arguments(fields.get(field))
            yield from (At(value, _graphene_argument(item.name, key, value, context)) for key, value in declared)


def _assigned(node: ast.ClassDef) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for item in node.body:
        if isinstance(item, ast.Assign):
            found |= {target.id: item.value for target in item.targets if isinstance(target, ast.Name)}
    return found


_OPTIONS: Final = frozenset(
    "description required default_value deprecation_reason name source resolver args of_type type_ interfaces "
    "filterset_class fields extra_filter_meta max_limit enforce_first_or_last".split()
)


def _field_arguments(value: ast.expr | None) -> list[tuple[str, ast.expr]]:
    """The arguments a field declares: its keywords that are types, and those in `args={…}`."""
    if not isinstance(value, ast.Call):
        return []
    found = [(keyword.arg, keyword.value) for keyword in value.keywords if keyword.arg and keyword.arg not in _OPTIONS]
    given = next((keyword.value for keyword in value.keywords if keyword.arg == "args"), None)
    if isinstance(given, ast.Dict):
        pairs = zip(given.keys, given.values, strict=True)
        found += [
            (key.value, part) for key, part in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
    return found


def _declared(node: ast.ClassDef) -> list[tuple[str, ast.expr]]:
    for item in node.body:
        if isinstance(item, ast.ClassDef) and item.name in {"Arguments", "Input"}:
            return list(_assigned(item).items())
    return []


def _graphene_argument(resolver: str, name: str, value: ast.expr, context: Context) -> GraphqlArgument:
    required = isinstance(value, ast.Call) and context.constant(context.keyword(value, "required")) is True
    wrapped = isinstance(value, ast.Call) and context.text(value.func).endswith("NonNull")
    return GraphqlArgument(resolver, name, context.source(value), required or wrapped)


_ARIADNE: Final = {
    "ObjectType": "object",
    "QueryType": "object",
    "MutationType": "object",
    "SubscriptionType": "subscription",
    "InterfaceType": "interface",
    "UnionType": "union",
    "ScalarType": "scalar",
    "EnumType": "enum",
    "InputType": "input",
}
_ROOTS: Final = {"QueryType": "Query", "MutationType": "Mutation", "SubscriptionType": "Subscription"}


@extracts(ast.Call, callee=_ARIADNE, when="ariadne")
def ariadne_type(node: ast.Call, context: Context) -> Iterator[GraphqlType]:
    """
    Each type Ariadne binds resolvers to.

    >>> rows(ariadne_type, "from ariadne import QueryType, ObjectType\\nquery = QueryType()\\nuser = ObjectType('User')")
    GraphqlType(library='ariadne', name='Query', kind='object', model=None)
    GraphqlType(library='ariadne', name='User', kind='object', model=None)
    """
    name = context.name(node.func)
    word = name.rpartition(".")[2]
    if name.startswith("ariadne."):
        given = _ROOTS.get(word) or context.string(context.keyword(node, "name", 0))
        if given:
            yield GraphqlType("ariadne", given, _ARIADNE[word], None)


def _ariadne_owner(node: ast.expr, context: Context) -> str | None:
    """The GraphQL type a variable stands for; "" when it is none of Ariadne's."""
    made = context.binding(node.id) if isinstance(node, ast.Name) else None
    word = context.name(node).rpartition(".")[2]
    if not context.name(node).startswith("ariadne."):
        return ""
    return _ROOTS.get(word) or (
        context.string(context.keyword(made, "name", 0)) if isinstance(made, ast.Call) else None
    )


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, when="ariadne", decorated=True)
def ariadne_resolver(node: Any, context: Context) -> Iterator[At]:
    """
    Each resolver that a decorator binds.

    >>> rows(ariadne_resolver, "from ariadne import QueryType, ObjectType\\nquery = QueryType()\\nuser = ObjectType('User')\\n@query.field('users')\\ndef list_users(_, info, limit, q=None): ...\\n@user.field('name')\\nasync def name(obj, *_): ...\\n@form.field('x')\\ndef f(): ...")
    GraphqlResolver(library='ariadne', type_name='Query', field='users', function='list_users', binding='decorator', is_async=False)
    GraphqlArgument(resolver='list_users', name='limit', annotation=None, is_required=True)
    GraphqlArgument(resolver='list_users', name='q', annotation=None, is_required=False)
    GraphqlResolver(library='ariadne', type_name='User', field='name', function='name', binding='decorator', is_async=True)
    """
    for decorator in node.decorator_list:
        func = called(decorator)
        if (
            not isinstance(decorator, ast.Call)
            or not isinstance(func, ast.Attribute)
            or func.attr not in {"field", "source"}
        ):
            continue
        owner = _ariadne_owner(func.value, context)
        field = context.string(context.keyword(decorator, "name", 0))
        if owner == "" or field is None:
            continue
        row = GraphqlResolver("ariadne", owner, field, node.name, "decorator", isinstance(node, ast.AsyncFunctionDef))
        yield At(decorator, row)
        first = node.args.args[:2]
        yield from _arguments(node, frozenset(argument.arg for argument in first), context)


@extracts(ast.Call, callee={"set_field", "set_source"}, when="ariadne")
def ariadne_binding(node: ast.Call, context: Context) -> Iterator[GraphqlResolver]:
    """
    Each resolver that a call binds.

    >>> rows(ariadne_binding, "from ariadne import QueryType\\nquery = QueryType()\\nquery.set_field('users', list_users)")
    GraphqlResolver(library='ariadne', type_name='Query', field='users', function='list_users', binding='call', is_async=False)
    """
    owner = _ariadne_owner(node.func.value, context) if isinstance(node.func, ast.Attribute) else ""
    field = context.string(context.keyword(node, "name", 0))
    function = context.keyword(node, "resolver", 1)
    if owner != "" and field is not None and function is not None:
        made = context.binding(function.id) if isinstance(function, ast.Name) else None
        name = context.text(function) or context.source(function)
        yield GraphqlResolver("ariadne", owner, field, name, "call", isinstance(made, ast.AsyncFunctionDef))


@extracts(ast.Call, callee={"Schema", "make_executable_schema"}, when=("graphene", "strawberry", "ariadne"))
def graphql_schema(node: ast.Call, context: Context) -> Iterator[GraphqlType]:
    """
    Each schema that is made.

    >>> rows(graphql_schema, "import strawberry\\nschema = strawberry.Schema(query=Query)\\nOther.Schema()")
    GraphqlType(library='strawberry', name='schema', kind='schema', model=None)
    """
    library = context.name(node.func).partition(".")[0]
    if library in {"graphene", "strawberry", "ariadne"}:
        yield GraphqlType(library, context.variable(node) or "", "schema", None)
