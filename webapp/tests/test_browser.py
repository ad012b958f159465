"""A real browser walks every page in both languages: clean console, no CSP violation, no serious finding of axe-core.

Screenshots go to the folder in WEBAPP_SCREENSHOTS, when it is set (docs/images holds them).
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cloudnova_webapp.users.rules import fold
from tests.live_server import LiveServer

AXE = Path(__file__).with_name("axe.min.js").read_text()
TEXTS = {
    "es": {"users": "Usuarios", "add": "Agregar usuario", "save": "Guardar", "edit": "Editar", "delete": "Eliminar",
           "undo": "Deshacer", "search": "Buscar", "next": "Siguiente", "previous": "Anterior", "last": "Última",
           "none": "Ningún usuario coincide con su búsqueda.", "missing": "Página no encontrada", "name": "Nombre",
           "email": "Correo", "invalid": "Esta no es una dirección de correo válida."},
    "en": {"users": "Users", "add": "Add user", "save": "Save", "edit": "Edit", "delete": "Delete", "undo": "Undo",
           "search": "Search", "next": "Next", "previous": "Previous", "last": "Last",
           "none": "No user matches your search.", "missing": "Page not found", "name": "Name", "email": "E-mail",
           "invalid": "This is not a valid e-mail address."},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium. It has no network to ask, so its own services are off."""
    path = shutil.which("chromium")
    assert path, "chromium is not installed: run the tests through test.sh"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"])
        yield browser
        browser.close()


@pytest.fixture(params=["es", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Both languages."""
    return request.param


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """Both themes."""
    return request.param


@pytest.fixture
def page(browser: Browser, language: str, theme: str) -> Iterator[Page]:
    """A new browser profile; fails the test when the console was not clean at its end."""
    context = browser.new_context(locale={"es": "es-CO", "en": "en-GB"}[language], color_scheme=theme,
                                  viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    # Aborted: the test went on to the next page before this one's icon was there.
    page.on("requestfailed", lambda request: request.failure == "net::ERR_ABORTED" or complaints.append(
        f"{request.failure}: {request.url}"))
    yield page
    context.close()
    # Chromium reports the status of a page that is an error on purpose; everything else is a fault.
    unexpected = [text for text in complaints if "the server responded with a status of" not in text]
    assert not unexpected


@pytest.fixture
def people(mysql, database: str) -> None:
    """Sixty users with different names: of this region, and some in other scripts."""
    first = ["Andrés", "Beatriz", "Camila", "Diego", "Esteban", "Fernanda", "Gabriela", "Íñigo", "José", "Luisa"]
    last = ["Álvarez", "Castaño", "Gutiérrez", "Núñez", "Ríos"]
    names = [f"{given} {family}" for given in first for family in last]
    names += ["Zoë Laurent", "Siân O’Brien", "Jürgen Groß", "Nguyễn Thị Lan", "Αλέξης Παππάς", "Олена Шевченко",
              "王秀英", "佐藤 陽子", "ليلى حداد", "यश पटेल"]
    for number, name in enumerate(names):
        address = fold(name).replace(" ", ".")
        email = f"{address if address.isascii() else f'usuario{number}'}@ejemplo.co"
        mysql.query(f"INSERT INTO {database}.users (name, email, search, created_at) VALUES (%s, %s, %s, %s)",
                    (name, email, fold(f"{name}\n{email}").encode(), f"2026-0{number % 9 + 1}-1{number % 9}"))


def check(page: Page, name: str, language: str, theme: str) -> None:
    """Judge the page that is open, and keep its picture."""
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    # Outside of the page's CSP, because the test itself brings axe; what the page does is judged by its own console.
    page.evaluate(AXE)
    findings = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [(finding["id"], finding["nodes"][0]["html"]) for finding in findings
               if finding["impact"] in ("serious", "critical")]
    assert not serious, f"{name}: {serious}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if folder := os.environ.get("WEBAPP_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/webapp-{name}-{language}-{theme}.png")


def test_every_page(page: Page, live: LiveServer, people, language: str, theme: str):
    """The way of a visitor through all pages, with keyboard and mouse."""
    text = TEXTS[language]
    page.goto(live.url)
    check(page, "home", language, theme)

    page.get_by_role("navigation").get_by_role("link", name=text["users"]).click()
    check(page, "users", language, theme)
    assert page.locator("tbody tr").count() == 25
    page.get_by_role("link", name=text["next"]).click()
    page.get_by_role("link", name=text["last"]).click()
    expect(page.get_by_role("link", name=text["next"])).to_have_count(0)
    page.get_by_role("link", name=text["previous"]).click()
    page.get_by_role("link", name=text["email"]).click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text(text["email"])

    page.locator("#q").fill("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_text(text["none"])).to_be_visible()
    check(page, "none", language, theme)
    page.locator("#q").fill("ríos")
    page.locator("#match").select_option("contains")
    page.get_by_role("button", name=text["search"]).click()
    assert page.locator("tbody tr").count() > 0

    page.get_by_role("navigation").get_by_role("link", name=text["users"]).click()
    page.get_by_role("link", name=text["add"]).click()
    check(page, "add", language, theme)
    page.get_by_label(text["name"]).fill("Aaron <b>Bold</b>")
    page.get_by_label(text["email"]).fill("not an address")
    page.get_by_role("button", name=text["save"]).click()
    expect(page.get_by_text(text["invalid"])).to_be_visible()
    expect(page.get_by_label(text["name"])).to_have_value("Aaron <b>Bold</b>")
    expect(page.get_by_label(text["email"])).to_be_focused()
    check(page, "invalid", language, theme)
    page.get_by_label(text["email"]).fill("aaron@ejemplo.co")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Aaron <b>Bold</b>")
    check(page, "added", language, theme)

    row = page.locator("tr", has_text="aaron@ejemplo.co")
    row.get_by_role("link", name=text["edit"]).click()
    check(page, "edit", language, theme)
    page.get_by_label(text["name"]).fill("Aaron Otero")
    page.get_by_role("button", name=text["save"]).click()
    row.get_by_role("link", name=text["delete"]).click()
    check(page, "delete", language, theme)
    page.get_by_role("button", name=text["delete"]).click()
    expect(row).to_have_count(0)
    check(page, "undo", language, theme)
    page.get_by_role("button", name=text["undo"]).click()
    expect(row).to_contain_text("Aaron Otero")

    page.goto(f"{live.url}/nothing")
    expect(page.get_by_role("heading", name=text["missing"])).to_be_visible()
    check(page, "missing", language, theme)


def test_keyboard_language_and_theme_switches(page: Page, live: LiveServer, language: str, theme: str):
    page.goto(f"{live.url}/users?q=a")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    other = "en" if language == "es" else "es"
    page.locator(f"a[hreflang={other}]").click()
    assert page.locator("html").get_attribute("lang") == other and page.url.endswith("/users?q=a")
    page.locator("#theme").click()
    opposite = "dark" if theme == "light" else "light"
    expect(page.locator("html")).to_have_attribute("data-bs-theme", opposite)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", opposite)


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_small_screens(page: Page, live: LiveServer, people, language: str, theme: str):
    page.set_viewport_size({"width": 360, "height": 740})
    for path, name in (("/", "home-phone"), ("/users", "users-phone"), ("/users/new", "add-phone")):
        page.goto(live.url + path)
        check(page, name, language, theme)


@pytest.mark.parametrize(("language", "theme"), [("es", "light"), ("en", "dark")], indirect=True)
def test_login_and_database_failure(page: Page, mysql, database, language: str, theme: str):
    environment = mysql.environment(database)
    with LiveServer(environment, WRITE_ACCESS="login", ADMIN_PASSWORD="correct horse battery") as server:
        page.goto(f"{server.url}/users/new")
        check(page, "login", language, theme)
        page.locator("#user").fill("admin")
        page.locator("#password").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        check(page, "login-wrong", language, theme)
        page.locator("#user").fill("admin")
        page.locator("#password").fill("correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_url("**/users/new?")
    with LiveServer({**environment, "DATABASE_PORT": "1"}) as server:
        for path, name in (("/", "home-down"), ("/users", "users-down")):
            page.goto(server.url + path)
            check(page, name, language, theme)


def test_without_scripts_everything_works(browser: Browser, live: LiveServer, database):
    context = browser.new_context(locale="es-CO", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live.url}/users/new")
    page.get_by_label("Nombre").fill("Sin Script")
    page.get_by_label("Correo").fill("sin@ejemplo.co")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator("tbody")).to_contain_text("Sin Script")
    expect(page.locator("#theme")).to_be_hidden()
    context.close()
