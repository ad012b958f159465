"""The pages, through Flask's client and a real MySQL."""

import re

import pytest

from tests.conftest import https, make_app


def form(client, address: str) -> dict[str, str]:
    """The hidden fields of the form at `address`."""
    text = client.get(address).get_data(as_text=True)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))


def add(client, name: str, email: str):
    """Send the form for a new user."""
    return client.post("/users/new", data={**form(client, "/users/new"), "name": name, "email": email})


def test_start_page_tells_instance_version_and_database(client):
    page = client.get("/")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "webapp-test-1" in text and "Disponible" in text and "1.0.0" in text


def test_start_page_says_what_the_application_is_for(client):
    text = client.get("/").get_data(as_text=True)
    assert "<h1" in text and re.search(r"<h1[^>]*>Registro de usuarios</h1>", text)
    assert "Nombres y correos en un solo lugar" in text and "no responde" not in text
    english = client.get("/", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert re.search(r"<h1[^>]*>Register of users</h1>", english)


@pytest.mark.parametrize(("language", "message"), [
    ("es", "La base de datos no responde en este momento."), ("en", "The database does not answer right now."),
])
def test_a_banner_on_the_start_page_says_that_the_database_is_down(mysql, database, language, message):
    page = https(make_app(mysql, database, DATABASE_PORT="1")).get("/", headers={"Accept-Language": language})
    text = page.get_data(as_text=True)
    assert page.status_code == 503
    banner = re.search(r'<div class="alert alert-danger[^"]*" role="alert">(.*?)</div>', text)[1]
    assert message in banner
    assert text.index(banner) < text.index("<h1")


def test_add_edit_delete_undo(client):
    assert add(client, "Ana Ruiz", "ana@example.com").location == "/users"
    text = client.get("/users").get_data(as_text=True)
    assert "Ana Ruiz" in text and "Se agregó" in text
    user_id = re.search(r"/users/(\d+)/edit", text)[1]

    address = f"/users/{user_id}/edit"
    changed = client.post(address, data={**form(client, address), "name": "Ana Díaz", "email": "ana@example.com"})
    assert changed.status_code == 303
    assert "Ana Díaz" in client.get("/users").get_data(as_text=True)

    address = f"/users/{user_id}/delete"
    assert client.post(address, data=form(client, address)).status_code == 303
    page = client.get("/users").get_data(as_text=True)
    undo = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "undo" in undo and f"/users/{user_id}/edit" not in page
    assert client.post("/users/restore", data=undo).status_code == 303
    page = client.get("/users").get_data(as_text=True)
    assert f"/users/{user_id}/edit" in page and "Ana Díaz" in page


@pytest.mark.parametrize(("name", "email", "message"), [
    ("", "a@example.com", "obligatorio"), ("Ana", "no-address", "no es una dirección"),
    ("x" * 101, "a@example.com", "demasiado largo"), ("Ana\x07", "a@example.com", "no está permitido"),
])
def test_errors_stand_beside_the_field_and_keep_what_was_typed(client, name, email, message):
    page = add(client, name, email)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert message in text and 'aria-invalid="true"' in text and f'value="{email}"' in text


def test_duplicate_address_is_told_at_its_field(client):
    add(client, "Ana", "ana@example.com")
    page = add(client, "Other", "ANA@example.com")
    assert page.status_code == 422 and "ya tiene" in page.get_data(as_text=True)


def test_edit_does_not_overwrite_a_change_made_meanwhile(client, mysql, database):
    add(client, "Ana", "ana@example.com")
    user_id = mysql.query(f"SELECT id FROM {database}.users")[0][0]
    mine = form(client, f"/users/{user_id}/edit")
    mysql.query(f"UPDATE {database}.users SET name = 'Theirs', version = version + 1")
    page = client.post(f"/users/{user_id}/edit", data={**mine, "name": "Mine", "email": "ana@example.com"})
    assert page.status_code == 409
    text = page.get_data(as_text=True)
    assert "Theirs" in text and 'value="Mine"' in text
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert client.post(f"/users/{user_id}/edit",
                       data={**again, "name": "Mine", "email": "ana@example.com"}).status_code == 303
    assert mysql.query(f"SELECT name FROM {database}.users") == (("Mine",),)


def test_undo_is_refused_when_the_address_is_taken_again_or_the_copy_is_forged(client, mysql, database):
    add(client, "Ana", "ana@example.com")
    user_id = mysql.query(f"SELECT id FROM {database}.users")[0][0]
    client.post(f"/users/{user_id}/delete", data=form(client, f"/users/{user_id}/delete"))
    undo = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', client.get("/users").text))
    add(client, "Thief", "ana@example.com")
    client.post("/users/restore", data=undo)
    assert "no se puede recuperar" in client.get("/users").text
    assert client.post("/users/restore", data={**undo, "undo": undo["undo"] + "x"}).status_code == 400


def test_unknown_users_and_paths_are_404_in_the_visitors_language(client):
    for path in ("/users/999999/edit", "/users/999999/delete", "/nothing"):
        page = client.get(path, headers={"Accept-Language": "en"})
        assert page.status_code == 404 and "Page not found" in page.text
        assert page.headers["X-Request-Id"] in page.text


def test_language_by_header_switch_and_default(client):
    assert 'lang="es"' in client.get("/").text
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert 'lang="es"' in client.get("/", headers={"Accept-Language": "fr"}).text
    back = client.get("/language/en", headers={"Referer": "https://localhost/users?q=a"})
    assert back.location == "/users?q=a"
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "es"}).text


@pytest.mark.parametrize("target", ["https://evil.example//evil.example", "https://localhost/\\evil.example", "//evil.example", "javascript:x", ""])
def test_redirects_never_leave_the_site(client, target):
    assert client.get("/language/en", headers={"Referer": target}).location == "/"
