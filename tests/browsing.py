"""Pages in the system's own browser, watched: whom they ask, and what they complain about."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.cli_runs import ROOT

HARM = "<img src=x onerror='window.harmed=1'><script>window.harmed=1</script>"
PATIENCE = 60_000  # milliseconds that something may take to show, where others work as well
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (  # it asks nobody by itself, so that what is asked was asked by a page
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_OURS = {"127.0.0.1", "localhost", ""}  # a file, a blob and data have no host


def browser_program() -> str | None:
    """The Chromium or Chrome of this machine."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def started() -> Iterator[Browser]:
    """A browser that is open until the block ends."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=browser_program(), args=QUIET)
        yield browser
        browser.close()


def assert_unharmed(page: Page) -> None:
    """``HARM`` was shown as a text, and not done."""
    assert page.evaluate("window.harmed") is None
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("main script")).to_have_count(0)


class Visits:
    """Opens pages; when it ends, none of them may have asked another host, or have complained."""

    def __init__(self, browser: Browser, *scripts: str) -> None:
        self._browser, self._scripts = browser, scripts
        self._contexts: list[BrowserContext] = []
        self.foreign: list[str] = []
        self.complaints: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for context in self._contexts:
            context.close()
        if kind is None:
            assert self.foreign == []
            assert self.complaints == []

    def __call__(self, url: str | None = None, **options: Any) -> Page:
        """A page with a profile of its own, such as ``viewport`` and ``color_scheme`` say."""
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        for script in self._scripts:
            context.add_init_script(script)
        context.on("request", lambda request: self._look_at(request.url))
        context.on("console", lambda said: self._hear(said.type, said.text))
        context.on("weberror", lambda found: self.complaints.append(str(found.error)))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if url is not None:
            page.goto(url)
        return page

    def _look_at(self, url: str) -> None:
        if (urlsplit(url).hostname or "") not in _OURS:
            self.foreign.append(url)

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


# --------------------------------------------------------------------------------------------------
# The published classroom.


def built_site(folder: Path) -> Path:
    """The site as the documented command builds it into a new folder."""
    if browser_program() is None or shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("the site is built with npm and looked at in Chromium")
    command = [sys.executable, "site/build.py", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        pytest.skip(
            f"the site could not be built, perhaps without a registry: {built.stderr[-300:]}"
        )
    print(built.stdout)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Any server of static files; a test may hear what it answers."""

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def served(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """The address of a folder, as any server of static files has it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
