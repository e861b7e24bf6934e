"""What GraphQL schemas say, and what our rows say."""

import pytest
from running import ROOT, answer, facts, rows

WALK = """
from {module} import schema
kinds = lambda t: {{c.__name__ for c in type(t).__mro__}}
graph = {graph}
answer = {{"types": sorted(n for n, t in graph.type_map.items() if kinds(t) & {{"GraphQLObjectType", "GraphQLInputObjectType"}} and not n.startswith("__")),
           "fields": sorted([n, f, sorted([a, str(v.type).endswith("!") and v.default_value is Undefined] for a, v in field.args.items())]
                            for n, t in graph.type_map.items() if "GraphQLObjectType" in kinds(t) and not n.startswith("__")
                            for f, field in t.fields.items() if {chosen})}}
"""
HEAD = "from graphql import Undefined\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("graphql_library", tmp_path_factory.mktemp("graphql"))


def resolvers(store, library):
    """Type, field and arguments of each resolver we found."""
    found = rows(
        store,
        f"SELECT r.type_name, r.field, r.function, r.site >> 24 FROM python_graphql_resolvers r WHERE library = '{library}'",
    )
    for type_name, field, function, file in found:
        arguments = rows(
            store,
            f"SELECT name, is_required FROM python_graphql_arguments WHERE resolver = '{function}' AND site >> 24 = {file}",
        )
        yield [type_name, field, [[name, bool(required)] for name, required in arguments]]


def types(store, library):
    """The names of the types we found."""
    return [
        name
        for (name,) in rows(
            store, f"SELECT name FROM python_graphql_types WHERE library = '{library}' AND kind <> 'schema'"
        )
    ]


def test_strawberry(store):
    pytest.importorskip("strawberry")
    # a plain attribute has strawberry's default resolver: those with arguments or a function of ours are told apart by name
    told = answer(
        "graphql_library", HEAD + WALK.format(module="library.berries", graph="schema._schema", chosen='f != "title"')
    )
    assert types(store, "strawberry") == told["types"]
    assert sorted(resolvers(store, "strawberry")) == told["fields"]


def test_ariadne(store):
    pytest.importorskip("ariadne")
    told = answer(
        "graphql_library", HEAD + WALK.format(module="library.aria", graph="schema", chosen="field.resolve is not None")
    )
    assert types(store, "ariadne") == told["types"]
    ours = {(type_name, field): arguments for type_name, field, arguments in resolvers(store, "ariadne")}
    assert sorted(ours) == sorted((type_name, field) for type_name, field, _ in told["fields"])
    for type_name, field, arguments in told["fields"]:
        # the schema says what clients must give, the function what it can do without
        assert [name for name, _ in ours[type_name, field]] == [name for name, _ in arguments]


@pytest.mark.proof
def test_graphene(store):
    told = answer(
        "graphql_library",
        HEAD + WALK.format(module="library.graphs", graph="schema.graphql_schema", chosen="n != 'Rename'"),
        python=ROOT / ".venv/graphene/bin/python",  # Strawberry's graphql-core is newer than Graphene can use
    )
    assert set(told["types"]) == set(types(store, "graphene"))
    ours = {(type_name, field): arguments for type_name, field, arguments in resolvers(store, "graphene")}
    told_fields = {(type_name, field): arguments for type_name, field, arguments in told["fields"]}
    assert ours.pop(("Rename", "Rename")) == told_fields.pop(("Mutation", "rename")) == [["name", True]]
    assert ours == told_fields


def test_sync_and_async_alike(store):
    assert rows(store, "SELECT library, function FROM python_graphql_resolvers WHERE is_async") == [
        ("ariadne", "add_book"),
        ("graphene", "resolve_person"),
        ("strawberry", "find"),
    ]
