"""What a file takes from elsewhere."""

from typing import NamedTuple

from schema.table import table


@table(
    "python_imports",
    index=("module",),
    hot=True,
    unique=True,
    computed={
        "kind": (
            str,
            "CASE WHEN is_star THEN 'star' WHEN name IS NULL THEN 'module' ELSE 'name' END",
            "module, name or star",
        )
    },
)
class Import(NamedTuple):
    """One name bound by an import."""

    module: str  #: absolute
    name: str | None  #: what is taken from the module, NULL for `import module`
    alias: str | None
    level: int  #: leading dots as written
    is_star: bool
    is_type_only: bool  #: under `if TYPE_CHECKING`
    is_conditional: bool  #: under `try` or another `if`
    is_lazy: bool  #: inside a function
