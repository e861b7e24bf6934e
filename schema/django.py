"""Django's own: addresses, settings, migrations."""

from typing import NamedTuple

from schema.table import table


@table("python_django_urls")
class DjangoUrl(NamedTuple):
    """One entry of one list of addresses."""

    pattern: str | None
    kind: str  #: path, re_path, include, router, admin or handler
    target: str
    name: str | None
    namespace: str | None
    position: int


@table("python_django_settings", index=("name",))
class DjangoSetting(NamedTuple):
    """One upper-case name of a settings module."""

    name: str
    value_source: str
    constant: str | None
    constant_type: str | None
    origin: str  #: literal, environment or computed
    module_kind: str  #: base, dev, test or prod, by the file's name


@table("python_django_setting_items", index=("name",))
class DjangoSettingItem(NamedTuple):
    """One item of one list-, tuple- or dict-valued setting."""

    name: str
    position: int
    key: str | None  #: dotted, for dicts
    value: str


@table("python_django_migrations")
class DjangoMigration(NamedTuple):
    """One operation of a migration."""

    app: str
    operation: str
    target: str | None
    is_raw: bool  #: SQL or Python of its own
    is_reversible: bool
