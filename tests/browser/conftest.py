"""A real browser at a real server: Chromium, and the product's own WSGI entry over the test database."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from fairhand.kit import database
from fairhand.people.models import Account
from fairhand.settings import PACKAGE
from fairhand.wsgi import application
from tests.web.conftest import BACKEND
from tests.web.scene import Scene, make_scene
from tests.world import World

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
ASSETS = PACKAGE / "web" / "static" / "build" / ".vite" / "manifest.json"
PHONE, DESK = (390, 844), (1440, 900)
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Server(ThreadingMixIn, WSGIServer):
    """A thread a request, each with its own database connections, which end with it."""

    daemon_threads = False
    block_on_close = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            database.drop_direct()
            connections.close_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away, or opens a line that it never uses, is no fault."""


class Handler(WSGIRequestHandler):
    timeout = 3  # seconds for lines that the browser opens ahead and never uses

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def committed_scene(committed_world: World) -> Scene:
    return make_scene(committed_world)


@pytest.fixture
def site(committed_world: World) -> Iterator[str]:
    """The address of the product, served from here."""
    server = Server(("127.0.0.1", 0), Handler)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module; while it runs, its loop makes Django think that all is async."""
    path = os.environ.get("FAIRHAND_CHROMIUM") or shutil.which("chromium")
    assert path, "The browser tests need Chromium: install Debian's, or set FAIRHAND_CHROMIUM."
    assert ASSETS.exists(), "The browser code is not built: run `npm run build` in workbench/."
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """Somebody at a browser; what its console complains about is collected."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal with a status of its own is told to the console by Chromium, too.
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, address: str) -> Page:
        self.page.goto(self.site + address)
        return self.page

    def sign_in(self, account: Account) -> None:
        """Have the session that signing in gives."""
        client = Client()
        client.force_login(account, backend=BACKEND)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        self.page.context.add_cookies([{"name": name, "value": value, "url": self.site}])

    def shot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def check(self) -> None:
        """Nobody is kept out (axe-core), and the console is quiet."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        assert self.complaints == []


Visit = Callable[..., Any]


@pytest.fixture
def visit(chromium: Browser, site: str) -> Visit:
    """Open a browser window of a size and theme, for as long as a block lasts."""

    @contextmanager
    def window(
        size: tuple[int, int] = PHONE, *, dark: bool = False, lang: str = "en-GB"
    ) -> Iterator[Visitor]:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=lang,
            timezone_id="Europe/Rome",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        yield Visitor(context.new_page(), site)
        context.close()

    return window
