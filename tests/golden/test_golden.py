"""The facts of three fixture applications, as a reader of a diff sees them."""


def test_tasks(golden):
    golden(
        "celery_store", "python_celery_tasks", "python_task_calls", "python_task_schedules", "python_celery_settings"
    )


def test_tests(golden):
    golden(
        "tested_project",
        "python_tests",
        "python_pytest_fixtures",
        "python_pytest_fixture_uses",
        "python_pytest_markers",
        "python_unittest_cases",
        "python_mocks",
        "python_hypothesis_strategies",
    )


def test_command_line(golden):
    golden("command_line", "python_commands", "python_command_options", "python_environment_reads")


def test_the_language(golden):
    golden(
        "graphql_library",
        "python_functions",
        "python_parameters",
        "python_annotations",
        "python_graphql_types",
        "python_graphql_resolvers",
        "python_graphql_arguments",
    )


def test_routes(golden):
    golden(
        "flask_board",
        "python_route_declarations",
        "python_route_guards",
        "python_flask_hooks",
        "python_flask_extensions",
    )


def test_models(golden):
    golden("django_clinic", "python_orm_models", "python_orm_fields", "python_orm_relationships", "python_django_urls")
