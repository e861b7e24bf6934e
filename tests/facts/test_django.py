"""What Django and its REST framework say about a running project, and what our rows say."""

import pytest
from running import answer, facts, rows

UP = "import os, django\nos.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\ndjango.setup()\nfrom django.apps import apps\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("django_clinic", tmp_path_factory.mktemp("django"))


def test_models_and_their_tables(store):
    told = answer(
        "django_clinic",
        UP + "answer = {m.__name__: m._meta.db_table for m in apps.get_app_config('clinic').get_models()}",
    )
    assert dict(rows(store, "SELECT name, table_name FROM python_orm_models WHERE NOT is_abstract")) == told


def test_columns(store):
    told = answer(
        "django_clinic",
        UP
        + """
answer = sorted([m.__name__, f.name, type(f).__name__, f.null, f.unique, f.primary_key] for m in apps.get_app_config("clinic").get_models()
    for f in m._meta.local_concrete_fields if not f.auto_created and f.name != "created")
""",
    )
    ours = rows(
        store,
        "SELECT model, name, type, is_nullable = 'true', is_unique OR is_primary_key, is_primary_key FROM python_orm_fields WHERE model != 'Stamped'",
    )
    assert [[*row[:3], *map(bool, row[3:])] for row in ours] == told


def test_relations_in_both_directions(store):
    told = answer(
        "django_clinic",
        UP
        + """
answer = sorted([m.__name__, f.get_accessor_name() if f.auto_created else f.name, f.related_model.__name__] for m in apps.get_app_config("clinic").get_models()
    for f in m._meta.get_fields(include_hidden=False) if f.is_relation and not (f.auto_created and f.hidden))
""",
    )
    ours = rows(store, "SELECT model, name, target FROM python_orm_relationships")
    assert sorted(map(list, ours)) == told


def test_the_url_resolver(store):
    told = answer(
        "django_clinic",
        UP
        + """
from django.urls import get_resolver, URLPattern
import re
def walk(patterns, prefix=""):
    for p in patterns:
        text = prefix + str(p.pattern).replace("^", "")
        if isinstance(p, URLPattern):
            yield "/" + text
        elif "admin" not in text:
            yield from walk(p.url_patterns, text)
answer = sorted(walk(get_resolver().url_patterns))
""",
    )
    ours = {pattern for (pattern,) in store.rows("SELECT pattern FROM python_routes")}
    # the REST framework's routers make regular expressions of their own
    assert sorted(p for p in ours if "/api/" not in p) == [p for p in told if "/api/" not in p]
    assert sorted(p for p in ours if "/api/" in p) == [
        "/api/doctors/",
        "/api/doctors/{pk}/",
        "/api/doctors/{pk}/retire/",
    ]
    assert sum("/api/" in p for p in told) == 3


def test_methods_and_guards(store):
    assert rows(store, "SELECT pattern, method, has_auth FROM python_routes") == [
        ("/api/doctors/", "GET", 1),
        ("/api/doctors/{pk}/", "GET", 1),
        ("/api/doctors/{pk}/retire/", "POST", 1),
        ("/archive/(?P<year>[0-9]{4})/$", "*", 0),
        ("/doors/<int:number>/", "GET", 0),
        ("/doors/<int:number>/", "PUT", 0),
        ("/more/leave/<slug:key>/", "DELETE", 1),
        ("/more/leave/<slug:key>/", "POST", 1),
        ("/patients/", "GET", 1),
        ("/patients/new/", "POST", 0),
        ("/status/", "GET", 0),
    ]


def test_the_admin_registry(store):
    told = answer(
        "django_clinic",
        UP
        + "from django.contrib import admin\nanswer = sorted((type(a).__name__, m.__name__) for m, a in admin.site._registry.items() if m._meta.app_label == 'clinic')",
    )
    assert sorted(map(list, store.rows("SELECT name, model FROM python_django_admins"))) == told
    assert rows(store, "SELECT option, value FROM python_django_admin_options") == [
        ("list_display", "age"),
        ("list_display", "name"),
        ("search_fields", "name"),
    ]


def test_forms_and_serialisers(store):
    told = answer(
        "django_clinic",
        UP
        + """
from clinic import forms, views
answer = [sorted([f.__name__, n, type(x).__name__, x.required] for f in (forms.Search, forms.PatientForm) for n, x in f.declared_fields.items()),
    sorted([n, x.read_only, x.write_only] for n, x in views.DoctorSerializer().fields.items())]
""",
    )
    ours = [
        [*row[:3], row[3] == "true"]
        for row in rows(store, "SELECT form, name, type, required FROM python_django_form_fields")
    ]
    fields = [
        [name, bool(read), bool(write)]
        for name, read, write in rows(store, "SELECT name, read_only, write_only FROM python_drf_serializer_fields")
    ]
    assert [ours, fields] == told
    assert rows(store, "SELECT name, is_model_form, model, uses_all_fields FROM python_django_forms") == [
        ("PatientForm", 1, "Patient", 1),
        ("Search", 0, None, 0),
    ]


def test_managers_and_meta(store):
    told = answer(
        "django_clinic",
        UP + "from clinic.models import Patient\nanswer = sorted(m.name for m in Patient._meta.local_managers)",
    )
    assert [name for (name,) in rows(store, "SELECT attribute FROM python_django_manager_assignments")] == told
    assert rows(store, "SELECT option, position, value FROM python_django_meta_options WHERE owner = 'Patient'") == [
        ("db_table", None, "patient"),
        ("ordering", 0, "name"),
        ("ordering", 1, "-age"),
    ]
    assert rows(
        store, "SELECT name FROM python_django_managers UNION ALL SELECT name FROM python_django_querysets"
    ) == [("PatientManager",), ("PatientQuerySet",)]


def test_signals(store):
    assert rows(store, "SELECT function, signal, sender FROM python_django_receivers") == [
        ("note", "post_save", "Patient"),
        ("note", "pre_save", "Patient"),
        ("welcome", "admitted", None),
    ]
    assert rows(store, "SELECT signal, receiver, sender, is_weak FROM python_django_signal_connections") == [
        ("post_delete", "gone", "Doctor", 0)
    ]
    assert rows(store, "SELECT name FROM python_django_signals") == [("admitted",)]


def test_middleware_tags_and_commands(store):
    assert rows(store, "SELECT name, style FROM python_django_middleware_classes") == [("Timing", "class")]
    assert rows(store, "SELECT name, kind, is_safe, takes_context FROM python_django_template_tags") == [
        ("shout", "filter", 1, 0),
        ("who", "simple_tag", 0, 1),
    ]
    assert rows(store, "SELECT name, arguments FROM python_django_management_commands") == [("tidy", 1)]


def test_settings(store):
    told = answer(
        "django_clinic",
        UP + "from django.conf import settings\nanswer = [settings.MIDDLEWARE, settings.INSTALLED_APPS]",
    )
    ours = [
        [
            value
            for (value,) in store.rows(
                f"SELECT value FROM python_django_setting_items WHERE name = '{name}' ORDER BY position"
            )
        ]
        for name in ("MIDDLEWARE", "INSTALLED_APPS")
    ]
    assert ours == told
    assert rows(store, "SELECT name, origin FROM python_django_settings WHERE name IN ('SECRET_KEY', 'DEBUG')") == [
        ("DEBUG", "literal"),
        ("SECRET_KEY", "environment"),
    ]
