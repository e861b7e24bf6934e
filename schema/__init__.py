"""What is known: the tables. Whoever asks the package for one of its names has all of them declared."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schema.table import SITE_BITS, TABLES, VIEWS, Column, Table, View, fingerprint, shown, statements

OWNER = "aud-action"

__all__ = ["OWNER", "SITE_BITS", "TABLES", "VIEWS", "Column", "Table", "View", "fingerprint", "shown", "statements"]


def __getattr__(name: str) -> Any:
    """Declare the tables when they are first asked for: a run in which nothing has changed needs none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module in iter_modules(__path__):
        import_module(f"schema.{module.name}")
    declared = import_module("schema.table")
    globals().update({each: getattr(declared, each) for each in __all__ if each not in globals()})
    return globals()[name]
