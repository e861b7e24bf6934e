"""Classes and functions that mean something to Django and its REST framework."""

from typing import NamedTuple

from schema.table import table


@table("python_django_views", index=("name",), derived=True)
class DjangoView(NamedTuple):
    """One class-based view."""

    name: str
    view_type: str  #: list, detail, create, update, delete, form, template, redirect, api, viewset or other
    base: str
    model: str | None
    template: str | None
    form: str | None
    has_permission_check: bool
    overrides_queryset: bool
    overrides_dispatch: bool


@table("python_django_view_methods", derived=True)
class DjangoViewMethod(NamedTuple):
    """One HTTP method one view answers."""

    view: str
    method: str
    is_declared: bool  #: named in http_method_names, not only defined


@table("python_django_forms", index=("name",), derived=True)
class DjangoForm(NamedTuple):
    """One form."""

    name: str
    is_model_form: bool
    model: str | None
    fields: int
    has_clean: bool
    uses_all_fields: bool


@table("python_django_form_fields", derived=True)
class DjangoFormField(NamedTuple):
    """One declared field of one form."""

    form: str
    name: str
    type: str
    required: str | None  #: true or false
    max_length: int | None
    has_validators: bool
    has_clean: bool
    choices_constant: bool


@table("python_django_admins", derived=True)
class DjangoAdmin(NamedTuple):
    """One admin of one model."""

    name: str
    model: str | None
    inlines: int
    has_actions: bool


@table("python_django_admin_options", derived=True)
class DjangoAdminOption(NamedTuple):
    """One item of one option of an admin."""

    admin: str
    option: str
    position: int
    value: str


@table("python_django_middleware_classes", derived=True)
class DjangoMiddlewareClass(NamedTuple):
    """One middleware that is defined."""

    name: str
    style: str  #: class, function or mixin
    has_request: bool
    has_view: bool
    has_exception: bool
    has_template_response: bool
    has_response: bool
    is_async: bool


@table(
    "python_django_signals",
    derived=True,
    computed={
        "variable": (str, "name", "what it is assigned to: the same as `name`"),
    },
)
class DjangoSignal(NamedTuple):
    """One signal that is defined."""

    name: str
    kind: str  #: the class it is made from


@table("python_django_signal_connections", derived=True)
class DjangoSignalConnection(NamedTuple):
    """One connection made by a call."""

    signal: str
    receiver: str
    sender: str | None
    dispatch_uid: str | None
    is_weak: bool


@table("python_django_receivers", derived=True)
class DjangoReceiver(NamedTuple):
    """One signal, and one sender, that one function listens to."""

    function: str
    signal: str
    sender: str | None
    dispatch_uid: str | None
    is_weak: bool


@table("python_django_managers", derived=True)
class DjangoManager(NamedTuple):
    """One custom manager."""

    name: str
    base: str
    overrides_queryset: bool
    methods: int


@table("python_django_manager_assignments", derived=True)
class DjangoManagerAssignment(NamedTuple):
    """One manager on one model."""

    model: str
    attribute: str
    manager: str
    is_default: bool  #: the first one of the body, which Django takes as default


@table("python_django_querysets", derived=True)
class DjangoQueryset(NamedTuple):
    """One custom queryset."""

    name: str
    base: str
    methods: int
    has_as_manager: bool


@table("python_django_meta_options", derived=True)
class DjangoMetaOption(NamedTuple):
    """One option, or one item of an option, of an inner class Meta."""

    owner: str
    owner_kind: str  #: model, form, serializer or filter
    option: str
    position: int | None
    value: str


@table("python_django_template_tags", derived=True)
class DjangoTemplateTag(NamedTuple):
    """One template tag or filter."""

    name: str
    function: str
    kind: str  #: filter, simple_tag, inclusion_tag, simple_block_tag or tag
    is_safe: bool
    takes_context: bool


@table("python_django_management_commands", derived=True)
class DjangoManagementCommand(NamedTuple):
    """One command of manage.py."""

    name: str
    class_name: str
    arguments: int


@table("python_drf_serializers", index=("name",), derived=True)
class DrfSerializer(NamedTuple):
    """One serialiser of Django REST framework."""

    name: str
    kind: str  #: plain, model, hyperlinked or list
    model: str | None
    fields: int
    exposes_all: bool
    has_read_only_fields: bool
    has_validators: bool


@table("python_drf_serializer_fields", derived=True)
class DrfSerializerField(NamedTuple):
    """One field of one serialiser: declared, or an item of Meta.fields (type model)."""

    serializer: str
    name: str
    type: str
    read_only: bool
    write_only: bool
    required: str | None
    allow_null: bool
    source: str | None
    has_validator_method: bool


@table("python_drf_permissions", derived=True)
class DrfPermission(NamedTuple):
    """One class in one list of classes; "" for an empty list."""

    owner: str
    owner_kind: str  #: view, function, action (of a set of views) or settings
    permission: str
    position: int
    kind: str  #: permission, authentication or throttle


@table("python_django_function_views", derived=True)
class DjangoFunctionView(NamedTuple):
    """One function that answers requests in Django: because an address leads to it, or by what it takes and makes."""

    name: str
    framework_import: bool  #: its file imports Django; else only the list of addresses tells
    decorators: int
    has_request: bool  #: the first parameter is called so
    is_routed: bool
