"""What mappers and validators say about mixins, inheritance and aliases, and what our rows say."""

import pytest
from running import answer, facts, rows

MAPPERS = """
import workshop
from sqlalchemy import inspect
from sqlalchemy.orm import configure_mappers
configure_mappers()
mappers = {v.__name__: inspect(v) for v in vars(workshop).values() if isinstance(v, type) and hasattr(v, "__mapper__")}
"""
OWN_AND_MIXED = """
SELECT m.name, f.name, f.is_primary_key, f.is_nullable = 'true', f.is_unique, f.is_foreign_key FROM python_orm_models m
JOIN python_class_hierarchies h ON h.class_site = m.site JOIN python_orm_fields f ON h.ancestor LIKE '%.' || f.model
WHERE h.distance = 1 AND m.style != 'table' AND f.model NOT IN (SELECT name FROM python_orm_models)
UNION SELECT m.name, f.name, f.is_primary_key, f.is_nullable = 'true', f.is_unique, f.is_foreign_key
FROM python_orm_models m JOIN python_orm_fields f ON f.model = m.name WHERE m.style NOT IN ('table', 'imperative')
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("orm_workshop", tmp_path_factory.mktemp("workshop"))


def told(question):
    return answer("orm_workshop", question)


def test_models_and_tables(store):
    question = MAPPERS + "answer = {n: m.local_table.name for n, m in mappers.items()}"
    ours = dict(
        rows(store, "SELECT name, table_name FROM python_orm_models WHERE style != 'table' AND orm = 'sqlalchemy'")
    )
    assert ours == told(question)
    question = MAPPERS + "answer = sorted({t for m in mappers.values() for t in m.local_table.metadata.tables})"
    tables = {name for (name,) in store.rows("SELECT table_name FROM python_orm_models WHERE table_name IS NOT NULL")}
    assert sorted(tables) == told(question)


def test_columns_of_classes_and_their_mixins(store):
    question = (
        MAPPERS
        + """
own = lambda n, m: [(m._columntoproperty[c].key, c) for c in m.local_table.columns if c in m._columntoproperty]
answer = sorted([n, key, c.primary_key, bool(c.nullable), bool(c.unique), bool(c.foreign_keys)] for n, m in mappers.items()
    if n not in ("Scrap",) for key, c in own(n, m) if not (n == "Guest" and key != "until") and not (n == "Person" and key == "until"))
"""
    )
    ours = rows(store, OWN_AND_MIXED)
    assert [[*row[:2], *map(bool, row[2:])] for row in ours] == told(question)


def test_relationships_in_both_directions(store):
    question = (
        MAPPERS
        + """
words = {"ONETOMANY": "one_to_many", "MANYTOONE": "many_to_one", "MANYTOMANY": "many_to_many"}
answer = sorted([n, r.key, words[r.direction.name], r.mapper.class_.__name__] for n, m in mappers.items() for r in m.relationships
    if not (m.inherits and r.key in m.inherits.relationships))
"""
    )
    ours = rows(
        store,
        """
        SELECT coalesce(m.name, r.model), r.name, r.kind, r.target FROM python_orm_relationships r
        LEFT JOIN python_class_hierarchies h ON h.ancestor LIKE '%.' || r.model AND h.distance = 1 AND r.model NOT IN (SELECT name FROM python_orm_models)
        LEFT JOIN python_orm_models m ON m.site = h.class_site
        """,
    )
    singles = {("Job", "plan"), ("Plan", "job")}
    ours = [[m, n, "one_to_one" if (m, n) in singles else k, t] for m, n, k, t in ours]
    assert ours == [[m, n, "one_to_one" if (m, n) in singles else k, t] for m, n, k, t in told(question)]


def test_pydantic_fields(store):
    question = """
import forms, pydantic
models = [v for v in vars(forms).values() if isinstance(v, type) and issubclass(v, pydantic.BaseModel) and v.__module__ == "forms" and "[" not in v.__name__]
answer = {m.__name__: sorted(set(m.model_fields) & set(m.__annotations__)) for m in models}
"""
    ours = {
        name: [] for (name,) in store.rows("SELECT name FROM python_pydantic_models WHERE base NOT LIKE '%dataclass%'")
    }
    for model, name in rows(store, "SELECT DISTINCT model, name FROM python_pydantic_fields"):
        if model in ours:
            ours[model].append(name)
    assert ours == told(question)


def test_pydantic_options_and_constraints(store):
    assert rows(store, "SELECT name FROM python_pydantic_models WHERE is_frozen") == [
        ("Box",),
        ("Cat",),
        ("Dog",),
        ("Owner",),
        ("Strict",),
    ]
    assert rows(store, "SELECT field, method, kind, mode FROM python_validators WHERE model = 'Owner'") == [
        ("born", "_checked", "field_validator", "after"),
        ("born", "_written", "field_serializer", None),
        ("name", "_checked", "field_validator", "after"),
        (None, "_first", "model_validator", "before"),
    ]
    assert rows(store, "SELECT name FROM python_pydantic_fields WHERE is_secret") == [("secret",)]
    assert rows(
        store,
        "SELECT name, constraint_source FROM python_pydantic_fields WHERE model = 'Owner' AND constraint_source IS NOT NULL",
    ) == [
        ("code", "conint(ge=1, le=9)"),
        ("name", "AfterValidator(upper)"),
        ("name", "Field(max_length=5)"),
        ("pets", "max_length=3"),
    ]


def test_marshmallow_fields(store):
    question = """
import forms, marshmallow
schemas = [v for v in vars(forms).values() if isinstance(v, type) and issubclass(v, marshmallow.Schema) and v.__module__ == "forms"]
answer = sorted([s.__name__, n, type(f).__name__, f.required, bool(f.allow_none), f.load_only, f.dump_only] for s in schemas for n, f in s._declared_fields.items()
    if not any(n in b.__dict__.get("_declared_fields", {}) for b in s.__mro__[1:]))
"""
    ours = rows(
        store, "SELECT schema, name, type, required, allow_none, load_only, dump_only FROM python_marshmallow_fields"
    )
    # a method's field is for output by nature
    assert [[*row[:2], {"Str": "String"}.get(row[2], row[2]), *map(bool, row[3:])] for row in ours] == told(question)


def test_wtforms_fields(store):
    question = """
import forms, wtforms
all = [v for v in vars(forms).values() if isinstance(v, type) and issubclass(v, wtforms.Form) and v.__module__ == "forms"]
answer = sorted([f.__name__, n, u.field_class.__name__] for f in all for n, u in vars(f).items() if hasattr(u, "field_class"))
"""
    assert [list(row) for row in rows(store, "SELECT form, name, type FROM python_wtforms_fields")] == told(question)
    assert rows(store, "SELECT name, csrf FROM python_wtforms_forms WHERE csrf IS NOT NULL") == [
        ("LongSignUp", "false")
    ]
