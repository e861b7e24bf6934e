"""What calls do, by kind: each table over an application that does all of it once."""

import pytest
from running import facts, rows

EXPECTED = {
    "library, method, url_source, verify, timeout, auth_kind, proxies_given FROM python_http_requests": [
        ("aiohttp", "GET", "url", "False", None, None, 0),
        ("aiohttp", "client", None, None, None, None, 0),
        ("httpx", "POST", '"https://api.example/a"', None, None, None, 0),
        ("httpx", "client", None, None, None, None, 1),
        ("requests", "GET", 'f"https://{host}/"', None, "3", "tuple", 0),
        ("requests", "PUT", '"https://api.example/"', "False", None, None, 0),
        ("requests", "client", None, None, None, None, 0),
        ("requests", "client", None, None, None, None, 0),
    ],
    "library, level, message_source, has_interpolation, arguments FROM python_log_calls": [
        ("logging", "info", '"asked %s"', 0, 1),
        ("logging", "warning", 'f"slow: {host}"', 1, 0),
    ],
    "library, has_html, recipients_kind FROM python_mail_sends": [
        ("django", 1, "list"),
        ("django", 1, "list"),
        ("smtplib", 0, "name"),
    ],
    "library, prompt_kind, has_tools FROM python_model_calls": [("openai", "list", 1)],
    "setting, value FROM python_tls_settings": [
        ("check_hostname", "False"),
        ("ciphers", "HIGH"),
        ("protocol", "ssl.PROTOCOL_TLS_SERVER"),
    ],
    "callee, host FROM python_network_binds": [("http.server.HTTPServer", "127.0.0.1")],
    "callee, is_cryptographic, target, seed_kind FROM python_random_uses": [
        ("random.randint", 0, "pin", None),
        ("random.seed", 0, None, "constant"),
        ("secrets.token_hex", 1, "key", None),
    ],
    "callee, loader, safe, input_kind FROM python_deserializations": [
        ("pickle.loads", None, "false", "name"),
        ("yaml.load", "yaml.SafeLoader", "true", "name"),
    ],
    "library, resolve_entities, is_defused FROM python_xml_parsers": [
        ("defusedxml", None, 1),
        ("lxml", "False", 0),
    ],
    "library, filter_name FROM python_archive_extractions": [("tarfile", "data"), ("zipfile", None)],
    "operation, algorithm, mode, key_kind, iv_kind, key_bits FROM python_crypto_operations": [
        ("cipher", "AES", "CBC", "name", "name", None),
        ("kdf", "sha256", None, "name", "missing", None),
        ("key", "rsa", None, "missing", "missing", 2048),
    ],
    "callee, mode, is_world_writable FROM python_permission_changes": [
        ("os.chmod", "0o777", 1),
        ("os.umask", "0o77", 0),
    ],
    "callee, kind, path_constant FROM python_temporary_files": [("tempfile.mkdtemp", "directory", "/var/tmp")],
    "callee, name_source FROM python_reflections": [("getattr", "name"), ("importlib.import_module", "name")],
    "callee, kind FROM python_markup_uses": [("bleach.clean", "clean"), ("markupsafe.Markup", "safe")],
    "callee, template, source_kind, autoescape FROM python_template_renders": [
        ("flask.render_template", "other.html", "file", None),
        ("flask.render_template", "page.html", "file", None),
        ("flask.render_template_string", None, "constant", None),
        ("jinja2.Environment", None, "environment", "True"),
        ("jinja2.Environment.from_string", None, "string", None),
    ],
    "template, name, source FROM python_template_context": [
        ("other.html", "user", "name"),
        ("page.html", "items", "[]"),
        ("page.html", "title", "name"),
        (None, "a", "1"),
    ],
    "library, construct, identifier, properties FROM python_cdk_constructs": [
        ("aws_cdk", "aws_cdk.aws_s3.Bucket", "files", 2)
    ],
    "table_name, operation FROM python_sql_query_tables": [
        ("orders", "INSERT"),
        ("shop.items", "SELECT"),
        ("users", "SELECT"),
    ],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return facts("uses", tmp_path_factory.mktemp("uses"))


@pytest.mark.parametrize("question", EXPECTED, ids=lambda question: question.rpartition("_")[2])
def test_uses(question, store):
    assert rows(store, f"SELECT {question}") == EXPECTED[question]
