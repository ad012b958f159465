"""Configuration: every wrong value ends in one clear line."""

import subprocess
import sys

import pytest

from cloudnova_webapp.settings import SettingsError, load
from tests.live_server import COMMAND, SOURCE

GOOD = {"DATABASE_HOST": "mysql", "DATABASE_PASSWORD": "p", "SECRET_KEY": "k" * 32, "WRITE_ACCESS": "open"}


def test_defaults():
    settings = load(GOOD)
    assert (settings.database.port, settings.database.name, settings.database.user) == (3306, "app", "webapp")
    assert settings.default_language == "es" and settings.cookie_secure and settings.fault_token is None
    assert settings.trusted_proxy_hops == 0


def test_login_is_the_default_and_the_instance_name_comes_from_the_pod():
    with pytest.raises(SettingsError, match="ADMIN_PASSWORD is not set"):
        load({**GOOD, "WRITE_ACCESS": ""})
    assert load({**GOOD, "POD_NAME": "webapp-0"}).instance_name == "webapp-0"


@pytest.mark.parametrize(("change", "message"), [
    ({"DATABASE_HOST": ""}, "DATABASE_HOST is not set: give it a value"),
    ({"DATABASE_PORT": "x"}, "DATABASE_PORT is 'x': give a whole number from 1 to 65535"),
    ({"DATABASE_PORT": "70000"}, "DATABASE_PORT is '70000'"),
    ({"DATABASE_PASSWORD": ""}, "DATABASE_PASSWORD is not set: set DATABASE_PASSWORD_FILE to a file that holds it"),
    ({"DATABASE_CA_FILE": "/nowhere"}, "DATABASE_CA_FILE is '/nowhere': there is no such file"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY has 5 characters: give at least 32"),
    ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY and SECRET_KEY_FILE are both set"),
    ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE is '/nowhere': it cannot be read"),
    ({"WRITE_ACCESS": "maybe"}, "WRITE_ACCESS is 'maybe': give one of open, login"),
    ({"WRITE_ACCESS": "login", "ADMIN_PASSWORD": "short"}, "ADMIN_PASSWORD has 5 characters"),
    ({"FAULT_INJECTION": "on"}, "FAULT_TOKEN is not set"),
    ({"FAULT_INJECTION": "yes"}, "FAULT_INJECTION is 'yes'"),
    ({"TRUSTED_PROXY_HOPS": "-1"}, "TRUSTED_PROXY_HOPS is '-1'"),
    ({"DEFAULT_LANGUAGE": "fr"}, "DEFAULT_LANGUAGE is 'fr': give one of es, en"),
    ({"WEB_WORKERS": "0"}, "WEB_WORKERS is '0'"),
    ({"WEB_THREADS": "1"}, "WEB_THREADS is '1'"),
    ({"DATABASE_POOL_SIZE": "4"}, "DATABASE_POOL_SIZE is 4 and WEB_THREADS is 4: give fewer"),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'"),
])
def test_wrong_values_are_named(change, message):
    with pytest.raises(SettingsError) as caught:
        load({**GOOD, **change})
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r", "\n\r\n"])
def test_line_ends_after_a_secret_do_not_count(end, tmp_path):
    """Notepad and PowerShell write CR LF; MySQL's prepare.sh cuts the same ones."""
    (tmp_path / "password").write_bytes(f"S3cret-of-webapp{end}".encode())
    from_file = {"DATABASE_PASSWORD": "", "DATABASE_PASSWORD_FILE": str(tmp_path / "password")}
    assert load({**GOOD, **from_file}).database.password == "S3cret-of-webapp"
    assert load({**GOOD, "DATABASE_PASSWORD": f"S3cret-of-webapp{end}"}).database.password == "S3cret-of-webapp"


@pytest.mark.parametrize("content", [b"two\r\nlines", b"a\0b", b"\xef\xbb\xbfmarked", b"tab\t", "\x85".encode()])
def test_what_nobody_types_is_refused_and_never_printed(content, tmp_path):
    (tmp_path / "password").write_bytes(content)
    with pytest.raises(SettingsError, match="DATABASE_PASSWORD has a byte order mark or a control character") as caught:
        load({**GOOD, "DATABASE_PASSWORD": "", "DATABASE_PASSWORD_FILE": str(tmp_path / "password")})
    assert "lines" not in str(caught.value) and "marked" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfep\0", b"contrase\xf1a"])
def test_what_is_no_utf8_is_refused(content, tmp_path):
    (tmp_path / "password").write_bytes(content)
    with pytest.raises(SettingsError, match="DATABASE_PASSWORD_FILE is .* it cannot be read as text") as caught:
        load({**GOOD, "DATABASE_PASSWORD": "", "DATABASE_PASSWORD_FILE": str(tmp_path / "password")})
    assert "contrase" not in str(caught.value).replace("DATABASE_PASSWORD_FILE", "")


def test_secrets_come_from_files(tmp_path):
    (tmp_path / "key").write_text("s" * 40 + "\n")
    assert load({**GOOD, "SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "s" * 40


@pytest.mark.parametrize("command", [COMMAND, [sys.executable, "-m", "cloudnova_webapp", "check"],
                                     [sys.executable, "-m", "cloudnova_webapp", "migrate"]])
def test_every_command_ends_with_one_line_and_code_1(command, tmp_path):
    result = subprocess.run(command, env={"PYTHONPATH": str(SOURCE), **GOOD, "DATABASE_PORT": "0"}, cwd=tmp_path,
                            capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert (result.stdout + result.stderr).splitlines() == [
        "cloudnova-webapp: DATABASE_PORT is '0': give a whole number from 1 to 65535"]


def test_help_lists_the_commands(tmp_path):
    result = subprocess.run([sys.executable, "-m", "cloudnova_webapp", "--help"], env={"PYTHONPATH": str(SOURCE)},
                            cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert result.returncode == 0
    for command in ("migrate", "check", "serve"):
        assert command in result.stdout
