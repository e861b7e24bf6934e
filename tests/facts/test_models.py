"""What SQLAlchemy, Pydantic, Marshmallow and WTForms themselves say about a fixture, and what our rows say."""

import pytest
from running import answer, facts, rows


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("models", tmp_path_factory.mktemp("models"))


MAPPERS = """
import tables
from sqlalchemy import inspect
from sqlalchemy.orm import configure_mappers
configure_mappers()
classes = [value for value in vars(tables).values() if isinstance(value, type) and hasattr(value, "__mapper__")]
mappers = {c.__name__: inspect(c) for c in classes}
"""


def test_every_mapped_class_is_a_model_and_no_other(store):
    told = answer("models", MAPPERS + "answer = {n: m.local_table.name for n, m in mappers.items()}")
    ours = rows(store, "SELECT name, table_name FROM python_orm_models WHERE style != 'table' AND NOT is_abstract")
    assert dict(ours) == told


def test_every_table_of_the_metadata_is_known(store):
    told = answer(
        "models", MAPPERS + "answer = sorted({t for m in mappers.values() for t in m.local_table.metadata.tables})"
    )
    ours = {name for (name,) in store.rows("SELECT table_name FROM python_orm_models WHERE table_name IS NOT NULL")}
    assert sorted(ours) == told


COLUMNS = (
    MAPPERS
    + """
answer = sorted(
    [n, m.get_property_by_column(c).key, c.primary_key, bool(c.nullable), bool(c.unique), bool(c.foreign_keys)]
    for n, m in mappers.items() for c in m.local_table.columns
)
"""
)


def test_columns_agree_with_the_mappers(store):
    ours = rows(
        store,
        """
        SELECT m.name, f.name, f.is_primary_key, f.is_nullable, f.is_unique, f.is_foreign_key
        FROM python_orm_models m JOIN python_class_hierarchies h ON h.class_site = m.site JOIN python_orm_fields f
          ON f.model = replace(replace(h.ancestor, 'tables.', ''), m.name, '-') WHERE m.style != 'table' AND NOT m.is_abstract
        UNION SELECT m.name, f.name, f.is_primary_key, f.is_nullable, f.is_unique, f.is_foreign_key
        FROM python_orm_models m JOIN python_orm_fields f ON f.model = m.name WHERE m.style != 'table' AND NOT m.is_abstract
        """,
    )
    told = answer("models", COLUMNS)
    assert sorted([m, f, bool(p), n == "true", bool(u), bool(k)] for m, f, p, n, u, k in ours) == told


RELATIONS = (
    MAPPERS
    + """
answer = sorted(
    [n, r.key, {"ONETOMANY": "one_to_many", "MANYTOONE": "many_to_one", "MANYTOMANY": "many_to_many"}[r.direction.name], r.mapper.class_.__name__]
    for n, m in mappers.items() for r in m.relationships
)
"""
)


def test_relationships_agree_with_the_mappers_in_both_directions(store):
    ours = [list(row) for row in rows(store, "SELECT model, name, kind, target FROM python_orm_relationships")]
    told = answer("models", RELATIONS)
    told = [[m, n, "one_to_one" if (m, n) == ("Customer", "profile") else k, t] for m, n, k, t in told]
    # which side of one-to-one a foreign key stands on is told by uselist at the other end
    assert sorted(ours) == sorted(told)


def test_pydantic_models_and_fields(store):
    question = """
import shapes, pydantic
models = [v for v in vars(shapes).values() if isinstance(v, type) and issubclass(v, pydantic.BaseModel) and v.__module__ == "shapes" and "[" not in v.__name__]
answer = {m.__name__: sorted(set(m.model_fields) & set(m.__annotations__)) for m in models}
"""
    ours = {name: [] for (name,) in store.rows("SELECT name FROM python_pydantic_models")}
    for model, name in rows(store, "SELECT DISTINCT model, name FROM python_pydantic_fields"):
        ours[model].append(name)
    assert ours == answer("models", question)


def test_pydantic_options_validators_and_constraints(store):
    assert rows(store, "SELECT name, extra, is_frozen FROM python_pydantic_models WHERE extra IS NOT NULL") == [
        ("Address", "forbid", 1)
    ]
    assert rows(store, "SELECT model, field, kind, mode FROM python_validators WHERE kind != 'validates'") == [
        ("Account", "name", "field_validator", None),
        ("Account", "password", "field_validator", None),
        ("Account", None, "model_validator", "after"),
        ("Admin", "level", "validator", "before"),
        ("Old", "x", "attrs", None),
    ]
    assert rows(store, "SELECT field FROM python_validators WHERE kind = 'validates'") == [("mail",), ("name",)]
    assert rows(store, "SELECT constraint_source FROM python_pydantic_fields WHERE name = 'name'") == [
        ("max_length=20",),
        ("min_length=1",),
    ]


def test_marshmallow_fields(store):
    question = """
import shapes, marshmallow
schemas = [v for v in vars(shapes).values() if isinstance(v, type) and issubclass(v, marshmallow.Schema) and v.__module__ == "shapes"]
answer = sorted([s.__name__, n, type(f).__name__, f.required, bool(f.allow_none), f.load_only, f.dump_only] for s in schemas for n, f in s._declared_fields.items() if not any(n in b.__dict__.get("_declared_fields", {}) for b in s.__mro__[1:]))
"""
    ours = rows(
        store, "SELECT schema, name, type, required, allow_none, load_only, dump_only FROM python_marshmallow_fields"
    )
    assert [[*row[:2], {"Str": "String"}.get(row[2], row[2]), *map(bool, row[3:])] for row in ours] == answer(
        "models", question
    )
    assert rows(store, "SELECT unknown, has_validators FROM python_marshmallow_schemas") == [
        ("INCLUDE", 0),
        ("INCLUDE", 1),
    ]


def test_wtforms_fields(store):
    question = """
import shapes, wtforms
forms = [v for v in vars(shapes).values() if isinstance(v, type) and issubclass(v, wtforms.Form) and v.__module__ == "shapes"]
answer = sorted([f.__name__, n, u.field_class.__name__] for f in forms for n, u in vars(f).items() if hasattr(u, "field_class"))
"""
    assert [list(row) for row in rows(store, "SELECT form, name, type FROM python_wtforms_fields")] == answer(
        "models", question
    )
    assert rows(store, "SELECT name FROM python_wtforms_fields WHERE has_validator_method") == [("name",)]


def test_dataclass_fields(store):
    question = """
import shapes, dataclasses, attr
answer = [[f.name, f.init, f.kw_only] for f in dataclasses.fields(shapes.Money)]
answer += [[f.name, f.init, f.kw_only] for c in (shapes.Size, shapes.Old) for f in attr.fields(c)] + [[n, True, False] for n in shapes.Pair._fields]
"""
    ours = store.rows("SELECT name, is_init, is_keyword_only FROM python_dataclass_fields ORDER BY site")
    assert [[name, bool(init), bool(keyword)] for name, init, keyword in ours] == answer("models", question)
    assert rows(store, "SELECT name, is_frozen, has_slots FROM python_dataclasses WHERE library = 'dataclasses'") == [
        ("Money", 1, 1)
    ]
