"""The figure as a widget in real notebooks: what is dragged in the page is the model in Python."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import PATIENCE
from tests.test_browser_figure import arrow, drag

pytestmark = pytest.mark.slow  # each starts a server and a kernel
SHOWN = 'handcalc.widget("1 0; 0 1; 0 -1")'
MOVED = 'ToyModel("23/20 -1/20; 1/2 7/10; 0 -1", b="0 0 0", activation="relu")'


@contextmanager
def serving(command: list[str], folder: Path, port: int) -> Iterator[str]:
    """A server that answers at its port, until the block ends."""
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, stdout=log, stderr=log
        )
        try:
            until = monotonic() + PATIENCE / 1000
            while monotonic() < until and process.poll() is None:
                with suppress(OSError):
                    urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                    break
                sleep(0.3)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """One that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1400, "height": 1400})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def move_arrows(page: Page) -> None:
    """The first by keys, the second by the pointer."""
    first = arrow(page, 1)
    first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(first).to_have_attribute("aria-valuetext", "23/20, minus 1/20")
    drag(page, 2, (0.52, 0.71))
    expect(arrow(page, 2)).to_have_attribute("aria-valuetext", "1/2, 7/10")


def test_marimo(browser: Browser, tmp_path: Path) -> None:
    pytest.importorskip("marimo", reason="marimo comes with the extra lecture")
    (tmp_path / "notebook.py").write_text(
        f"""import marimo

app = marimo.App()


@app.cell
def _():
    import handcalc
    import marimo as mo

    shown = mo.ui.anywidget({SHOWN})
    shown
    return mo, shown


@app.cell
def _(mo, shown):
    shown.value
    mo.plain_text(repr(shown.widget.model))
    return


if __name__ == "__main__":
    app.run()
""",
        encoding="utf-8",
    )
    port = free_port()
    command = ["marimo", "run", "notebook.py", "--headless", "--no-token", f"--port={port}"]
    with serving(command, tmp_path, port) as address:
        page = opened(browser, address)
        expect(page.get_by_text('ToyModel("1 0; 0 1; 0 -1"')).to_be_visible()
        move_arrows(page)
        expect(page.get_by_text(MOVED)).to_be_visible()
        page.close()


@pytest.mark.skipif(find_spec("jupyterlab") is None, reason="JupyterLab is not installed")
def test_jupyterlab(browser: Browser, tmp_path: Path) -> None:
    cells = [f"import handcalc\nshown = {SHOWN}\nshown", "print(repr(shown.model))"]
    code = [nbformat.v4.new_code_cell(source) for source in cells]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=code, metadata=kernel)
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    port = free_port()
    asked = ["--no-browser", "--allow-root", "--ServerApp.token=", "--ServerApp.password="]
    places = [f"--notebook-dir={tmp_path}", f"--LabApp.workspaces_dir={tmp_path}/workspaces"]
    command = ["jupyterlab", *asked, f"--ServerApp.port={port}", *places]
    with serving(command, tmp_path, port) as address:
        page = opened(browser, f"{address}/lab/tree/notebook.ipynb")
        for k in range(len(cells)):
            page.locator(".jp-CodeCell").nth(k).locator(".cm-content").click()
            page.keyboard.press("Shift+Enter")
        expect(page.get_by_text('ToyModel("1 0; 0 1; 0 -1"').last).to_be_visible()
        move_arrows(page)
        page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".jp-OutputArea-output").get_by_text(MOVED)).to_be_visible()
        page.close()
