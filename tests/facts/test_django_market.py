"""What Django says about inherited models, forms and serialisers and nested addresses, and what our rows say."""

import pytest
from running import answer, facts, rows

UP = """
import os, re, django
os.environ["DJANGO_SETTINGS_MODULE"] = "market.settings"
django.setup()
from django.apps import apps
ours = [m for label in ("stock", "accounts") for m in apps.get_app_config(label).get_models() if not m._meta.auto_created]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("django_market", tmp_path_factory.mktemp("market"))


def told(question):
    return answer("django_market", UP + question)


def test_every_address_with_its_methods(store):
    question = """
from django.urls import get_resolver
def methods(view):
    if hasattr(view, "actions"):
        return [word.upper() for word in view.actions]
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if cls is None:
        closed = [c.cell_contents for c in (view.__closure__ or ()) if isinstance(c.cell_contents, (list, tuple))]
        inner = getattr(view, "__wrapped__", None)
        return (closed[0] if closed else methods(inner) if inner else ["*"])
    return [w.upper() for w in cls.http_method_names if hasattr(cls, w) and w in ("get", "post", "put", "patch", "delete")]
def walk(patterns, prefix=""):
    for p in patterns:
        text = prefix + str(p.pattern)
        if hasattr(p, "url_patterns"):
            yield from walk(p.url_patterns, text)
        elif "format" not in text:
            plain = re.sub(r"\\(\\?P<(\\w+)>\\[\\^/\\.\\]\\+\\)", r"{\\1}", text)
            plain = plain.rstrip("$") if text.startswith("api/") else plain
            yield from ([word, "/" + plain.replace("^", "")] for word in methods(p.callback))
answer = sorted(walk(get_resolver().url_patterns))
"""
    assert sorted(map(list, rows(store, "SELECT method, pattern FROM python_routes"))) == told(question)


def test_models_and_their_tables(store):
    ours = dict(rows(store, "SELECT name, table_name FROM python_orm_models WHERE NOT is_abstract"))
    assert ours == told("answer = {m.__name__: m._meta.db_table for m in ours}")


def test_columns_with_those_of_abstract_ancestors(store):
    ours = rows(
        store,
        """
        SELECT DISTINCT m.name, f.name, f.is_nullable = 'true', f.is_unique OR f.is_primary_key, f.is_primary_key FROM python_orm_models m
        JOIN python_class_hierarchies h ON h.class_site = m.site JOIN python_orm_models a ON h.ancestor LIKE '%.' || a.name AND a.is_abstract
        JOIN python_orm_fields f ON f.model = a.name WHERE NOT m.is_abstract AND NOT EXISTS (
            SELECT 1 FROM python_class_hierarchies n JOIN python_orm_models c ON n.ancestor LIKE '%.' || c.name AND NOT c.is_abstract
            WHERE n.class_site = m.site)
        UNION SELECT m.name, f.name, f.is_nullable = 'true', f.is_unique OR f.is_primary_key, f.is_primary_key
        FROM python_orm_models m JOIN python_orm_fields f ON f.model = m.name WHERE NOT m.is_abstract
        """,
    )
    question = """
library = set(f.name for f in __import__("django.contrib.auth.models", fromlist=["x"]).AbstractUser._meta.local_fields)
answer = sorted([m.__name__, f.name, f.null, f.unique, f.primary_key] for m in ours for f in m._meta.local_concrete_fields
    if not f.auto_created and not (m.__name__ == "Member" and f.name in library | {"password", "last_login", "is_superuser"}))
"""
    assert [[*row[:2], *map(bool, row[2:])] for row in ours] == told(question)


def test_relations_in_both_directions(store):
    question = """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
answer = sorted({(m.__name__, f.get_accessor_name() if f.auto_created else f.name, f.related_model.__name__) for m in ours
    for f in m._meta.get_fields(include_hidden=False) if f.is_relation and not isinstance(f, (GenericForeignKey, GenericRelation))
    and not (f.auto_created and f.hidden) and f.related_model._meta.app_label in ("stock", "accounts")
    and not getattr(getattr(f, "field", None), "name", "").endswith("_ptr") and not f.name.endswith("_ptr")
    and (f.model is m or f.auto_created) and f.model is m})
"""
    ours = rows(
        store,
        """
        SELECT DISTINCT coalesce(m.name, r.model), r.name, r.target FROM python_orm_relationships r
        LEFT JOIN python_orm_models a ON a.name = r.model AND a.is_abstract
        LEFT JOIN python_class_hierarchies h ON h.ancestor LIKE '%.' || a.name
        LEFT JOIN python_orm_models m ON m.site = h.class_site AND NOT m.is_abstract AND h.distance = 1
        WHERE r.kind != 'generic' AND r.target NOT IN ('ContentType') AND r.model NOT IN ('ContentType') AND (a.name IS NULL OR m.name IS NOT NULL)
        """,
    )
    # what another model's foreign key puts on an abstract model's owner is named by a pattern
    assert [list(row) for row in ours] == [row for row in told(question) if row[1] != "stock_product_set"]


def test_meta_is_inherited(store):
    question = """
answer = sorted([m.__name__, list(m._meta.ordering)] for m in ours if m._meta.ordering and not m._meta.proxy and m.__name__ != "Book")
"""
    ours = {}
    sql = """
    SELECT o.owner, o.value FROM python_django_meta_options o JOIN python_orm_models m ON m.name = o.owner AND NOT m.is_abstract
    WHERE o.option = 'ordering' ORDER BY o.owner, o.position
    """
    for owner, value in store.rows(sql):
        ours.setdefault(owner, []).append(value)
    assert [[owner, values] for owner, values in sorted(ours.items()) if owner != "CheapBook"] == told(question)


def test_managers(store):
    question = "answer = sorted([m.__name__, x.name] for m in ours for x in m._meta.local_managers if not x.auto_created and m.__name__ != 'Member')"
    assert [list(row) for row in rows(store, "SELECT model, attribute FROM python_django_manager_assignments")] == told(
        question
    )
    assert rows(store, "SELECT name, overrides_queryset FROM python_django_managers") == [("ProductManager", 1)]


def test_declared_fields_of_forms_with_the_inherited(store):
    question = """
from stock import forms, views
all = [v for module in (forms, views) for v in vars(module).values() if isinstance(v, type) and issubclass(v, __import__("django.forms").forms.BaseForm)
       and v.__module__.startswith("stock") and v.__name__ != "CategoryForm"]
answer = {f.__name__: sorted(set(f.declared_fields) - {"password1", "password2", "usable_password"}) for f in all}
"""
    ours = {}
    sql = """
    SELECT d.name, f.name FROM python_django_forms d LEFT JOIN python_class_hierarchies h ON h.class_site = d.site
    LEFT JOIN python_django_forms p ON h.ancestor LIKE '%.' || p.name LEFT JOIN python_django_form_fields f ON f.form IN (d.name, p.name)
    """
    for form, field in store.rows(sql):
        ours.setdefault(form, set()).update([field] if field else [])
    # a field set to None is taken away
    ours["ShortContactForm"].discard("urgent")
    assert {form: sorted(fields) for form, fields in ours.items()} == told(question)


def test_forms_say_what_is_required_and_checked(store):
    question = """
from stock import forms
all = [forms.MailForm, forms.ContactForm, forms.ShortContactForm, forms.ProductForm, forms.MemberForm]
answer = sorted([f.__name__, n, type(x).__name__, x.required] for f in all for n, x in f.declared_fields.items()
    if not any(n in getattr(b, "declared_fields", {}) for b in f.__mro__[1:]))
"""
    ours = rows(
        store, "SELECT form, name, type, required = 'true' FROM python_django_form_fields WHERE form != 'Search'"
    )
    assert [[*row[:3], bool(row[3])] for row in ours] == told(question)
    assert rows(store, "SELECT name, model FROM python_django_forms WHERE is_model_form") == [
        ("BookForm", "Book"),
        ("MemberForm", "Member"),
        ("ProductForm", "Product"),
    ]


def test_the_admin_registry(store):
    question = """
from django.contrib import admin
answer = [sorted((type(a).__name__, m.__name__) for m, a in admin.site._registry.items() if m._meta.app_label == "stock"),
    sorted({(type(a).__name__, word, str(value)) for m, a in admin.site._registry.items() if m._meta.app_label == "stock" and type(a).__name__ != "ModelAdmin"
        for word in ("list_display", "list_filter", "search_fields") for value in vars(type(a)).get(word, ())})]
"""
    ours = sorted(map(list, store.rows("SELECT name, model FROM python_django_admins WHERE model IS NOT NULL")))
    sql = """
    SELECT DISTINCT admin, option, value FROM python_django_admin_options WHERE option IN ('list_display', 'list_filter', 'search_fields')
    AND admin != 'Common'
    """
    assert [ours, sorted(map(list, store.rows(sql)))] == told(question)


def test_serialisers(store):
    question = """
from stock.api import serializers as s
answer = sorted([c.__name__, n, bool(x.read_only), bool(x.write_only)] for c in (s.ProductSerializer, s.BookSerializer, s.OrderSerializer)
    for n, x in c().fields.items())
"""
    ours = rows(
        store,
        """
        SELECT s.name, f.name, f.read_only, f.write_only FROM python_drf_serializers s JOIN python_drf_serializer_fields f ON f.serializer = s.name
        WHERE s.name != 'CategorySerializer'
        UNION SELECT s.name, f.name, f.read_only, f.write_only FROM python_drf_serializers s
        JOIN python_class_hierarchies h ON h.class_site = s.site JOIN python_drf_serializers p ON h.ancestor LIKE '%.' || p.name
        JOIN python_drf_serializer_fields f ON f.serializer = p.name AND f.type != 'model'
        """,
    )
    assert [[*row[:2], *map(bool, row[2:])] for row in ours] == told(question)


def test_signals(store):
    question = """
from django.db.models import signals
from stock import signals as own
def names(signal):
    for entry in signal.receivers:
        receiver = entry[1]() if not callable(getattr(entry[1], "__name__", None)) and type(entry[1]).__name__ == "ReferenceType" else entry[1]
        if getattr(receiver, "__module__", "") == "stock.signals":
            yield receiver.__name__
answer = sorted([word, n] for word, signal in (("post_save", signals.post_save), ("post_delete", signals.post_delete), ("m2m_changed", signals.m2m_changed), ("sold", own.sold)) for n in names(signal))
"""
    ours = rows(
        store,
        "SELECT signal, function FROM python_django_receivers UNION ALL SELECT signal, receiver FROM python_django_signal_connections",
    )
    assert [list(row) for row in ours] == told(question)


def test_settings_that_are_put_together(store):
    question = "from django.conf import settings\nanswer = [list(settings.MIDDLEWARE), list(settings.INSTALLED_APPS)]"
    sql = "SELECT value FROM python_django_setting_items WHERE name = '{}' ORDER BY position"
    middleware, installed = (
        [value for (value,) in store.rows(sql.format(name))] for name in ("MIDDLEWARE", "INSTALLED_APPS")
    )
    assert [middleware, installed] == told(question)


def test_guards(store):
    guarded = {
        (method, pattern) for method, pattern in store.rows("SELECT method, pattern FROM python_routes WHERE has_auth")
    }
    assert {pattern for _, pattern in guarded} == {
        "/account/<int:pk>/",
        "/account/<int:pk>/edit/",
        "/api/books/",
        "/api/me/",
        "/api/v1/products/",
        "/api/v1/products/cheap/",
        "/api/v1/products/{name}/",
        "/api/v1/products/{name}/hide-it/",
        *(f"/{shop}/{page}/<uuid:pk>/" for shop in ("stock", "second") for page in ("sell", "resell", "buy")),
    }
