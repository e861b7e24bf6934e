"""What is known: the tables. Importing the package declares all of them."""

from importlib import import_module
from pkgutil import iter_modules

from schema.table import SITE_BITS, TABLES, VIEWS, Column, Table, View, fingerprint, statements, table, view

OWNER = "aud-action"

for _module in iter_modules(__path__):
    import_module(f"schema.{_module.name}")

__all__ = [
    "OWNER",
    "SITE_BITS",
    "TABLES",
    "VIEWS",
    "Column",
    "Table",
    "View",
    "fingerprint",
    "statements",
    "table",
    "view",
]
