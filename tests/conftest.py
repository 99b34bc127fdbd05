"""What every test stands on: a terminal that never changes, and a state folder of its own."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from handcalc.cli.classroom.server import Classroom
from handcalc.cli.program import answer_in_json
from handcalc.processes.signals import STOPPING
from tests.cli_runs import Shell

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browsing import Visits

# The tests run in several processes at once: threads of torch's on top would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# sympy makes many small objects that live long, and walking over them again and again takes a tenth
# of the time of all tests; the command line switches this off, too.
gc.set_threshold(100_000, 20, 50)

# A shell starts what runs in the background with Ctrl-C ignored, and nohup has SIGHUP ignored.
for _number in STOPPING:
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every run, on a CI machine too, for which Hypothesis would take a profile of
# its own; `python -m pytest --hypothesis-profile=explore` looks further.
_default = settings.get_profile("default")
settings.register_profile(
    "repeatable", _default, max_examples=60, derandomize=True, deadline=None, database=None
)
settings.register_profile("explore", _default, max_examples=2000, deadline=None)
settings.load_profile("repeatable")

_CHANGES_THE_OUTPUT = (
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "HANDCALC_STUDENT",
    "LINES",
    "MPLBACKEND",
    "NO_COLOR",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "TERM",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of what is looked over for garbage."""
    gc.freeze()


@pytest.fixture(scope="session")
def _states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("states")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, _states: Iterator[Path]) -> None:
    """80 columns, no setting of the person who runs the tests, and nothing of theirs touched."""
    for name in _CHANGES_THE_OUTPUT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(next(_states)))


@pytest.fixture(scope="session")
def compiled_losses() -> None:
    """The loops of the loss are compiled, of which a command would tell, once on a machine."""
    from handcalc.superposition.numeric import compile_losses

    compile_losses()


@pytest.fixture(scope="session")
def compiled_proofs() -> None:
    """The same for the loops of proofs, and of their check."""
    from handcalc.superposition.certificates.proving import compile_loops

    compile_loops()


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs command lines inside this process."""
    return Shell(capsys)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's browser; for one file, since no other event loop runs beside its own."""
    from tests.browsing import browser_program, started

    if browser_program() is None:
        pytest.skip("there is no Chromium or Chrome on this machine")
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """A classroom that is open, with a record of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDCALC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        with Classroom(answer_in_json) as room:
            Thread(target=room.serve_forever, daemon=True).start()
            yield room
            room.shutdown()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published classroom, built; it takes npm and PyPI, and minutes."""
    from tests.browsing import built_site

    return built_site(tmp_path_factory.mktemp("site") / "built")


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    """Where it is served."""
    from tests.browsing import served

    with served(site_folder) as address:
        yield address


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Opens pages that may ask no other host, and complain about nothing."""
    from tests.browsing import Visits

    with Visits(browser) as visits:
        yield visits


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a real terminal."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(theirs)
    os.close(ours)
