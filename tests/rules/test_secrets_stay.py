"""No report holds a secret of the scanned code in full."""

import subprocess
import sys

import pytest

SECRETS = {
    "assigned": ("DB_PASSWORD = 'Tr0ub4dor&3'", "Tr0ub4dor&3"),
    "argument": ("connect(host='db', password='Tr0ub4dor&3')", "Tr0ub4dor&3"),
    "default": ("def connect(user, password: str = 'Tr0ub4dor&3'): ...", "Tr0ub4dor&3"),
    "dict": ("config = {'api_key': 'k3jd83kQ02mz93wd'}", "k3jd83kQ02mz93wd"),
    "comparison": ("if password == 'm4st3r-0verride': ...", "m4st3r-0verride"),
    "fallback": ("import os\nkey = os.environ.get('SECRET_KEY', 'not-so-secret')", "not-so-secret"),
    "setting": ("app.config['SECRET_KEY'] = 'not-so-secret'", "not-so-secret"),
    "token": ("client('ghp_a8Kd02mNq1Zx7Pw4Rt9Yb3Vc6Hj5Lf0Gs2Du')", "ghp_a8Kd02mNq1Zx7Pw4Rt9Yb3Vc6Hj5Lf0Gs2Du"),
    "address": ("create_engine('postgresql://shop:k3j-d83.Q@db.corp/shop')", "k3j-d83.Q"),
    "header": ("h = {'Authorization': 'Bearer k3jd83kQ02mz93wdQ'}", "k3jd83kQ02mz93wdQ"),
    "position": ("import jwt\njwt.encode(claims, 'k3jd83kQ02mz93wd')", "k3jd83kQ02mz93wd"),
    "account": ("User.objects.create_superuser('admin', 'a@b.c', 'Tr0ub4dor3')", "Tr0ub4dor3"),
    "tuple": (
        "import requests\nrequests.get('http://h.io', auth=('u', 'Tr0ub4dor&3'))\npassword = 'Tr0ub4dor&3'",
        "Tr0ub4dor&3",
    ),
    "key": (
        "KEY = '''-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7Zk3mQ9vX1pL4rT8wY2uB5nC6dE0fG7hJ9kM3sN\n-----END RSA PRIVATE KEY-----'''",
        "Zk3mQ9vX1pL4rT8wY2uB5nC6dE0fG7hJ9kM3sN",
    ),
    "command": ("import os\nos.system(f\"mysql --password='Tr0ub4dor&3' {name}\")", "Tr0ub4dor&3"),
}
FORMATS = ("sarif", "markdown", "json", "html", "junit", "gitlab", "db")


@pytest.mark.parametrize("name", SECRETS)
def test_no_report_holds_the_secret(name, tmp_path):
    text, secret = SECRETS[name]
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "shop.py").write_text(text + "\n")
    outputs = [part for form in FORMATS for part in (f"--{form}", tmp_path / f"out.{form}")]
    command = [sys.executable, "-m", "aud_action", "scan", tmp_path / "code", "--fail-on", "never", *outputs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "shop.py" in done.stdout
    assert secret not in done.stdout
    assert [form for form in FORMATS if secret.encode() in (tmp_path / f"out.{form}").read_bytes()] == []
