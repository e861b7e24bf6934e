"""Flask's own: applications and blueprints."""

from typing import NamedTuple

from schema.table import table


@table("python_flask_apps")
class FlaskApp(NamedTuple):
    """One application object that is created."""

    factory: str | None  #: the function that creates it, when it isn't made at module level
    variable: str | None
    import_name: str | None
    is_returned: bool


@table("python_flask_blueprints", index=("name",))
class FlaskBlueprint(NamedTuple):
    """A Blueprint that is created."""

    name: str  #: first argument, "" when not a constant
    variable: str | None
    import_name: str | None
    url_prefix: str | None
    template_folder: str | None
