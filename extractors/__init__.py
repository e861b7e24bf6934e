"""How it is known: generators from AST nodes to rows. Importing the package registers all of them."""

from importlib import import_module
from pkgutil import walk_packages

from extractors.context import At, Context, constant_text
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts

OWNER = "aud-action"

for _module in walk_packages(__path__, "extractors."):
    import_module(_module.name)

__all__ = ["NOT_CONSTANT", "OWNER", "At", "Context", "constant_text", "extracts"]
