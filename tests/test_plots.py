"""Figures are files: drawn whatever backend or settings matplotlib is told to use elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli_runs import surroundings

_DRAW = """
import os
from handcalc.views.plots.style import rendered, styled
with styled():
    from matplotlib.figure import Figure
    figure = Figure(figsize=(1, 1))
    figure.text(0, 0, "x_1 % & done")
    for kind in ("png", "svg"):
        print(len(rendered(figure, kind, "Nothing.")) > 1000)
print(os.environ.get("MPLBACKEND"))
import matplotlib
print(matplotlib.rcParams._get_backend_or_none())
"""


def drawn(folder: Path, backend: str | None) -> list[str]:
    """What a process of its own says that draws, and asks which backend pyplot would take."""
    env = surroundings(MPLCONFIGDIR=os.environ.get("MPLCONFIGDIR", str(folder)))
    env.pop("MPLBACKEND", None)
    if backend is not None:
        env["MPLBACKEND"] = backend
    done = subprocess.run(
        [sys.executable, "-c", _DRAW], cwd=folder, env=env, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("backend", "taken"),
    [
        ("no_such_backend", "None"),
        pytest.param(
            "module://ipympl.backend_nbagg",
            "None",
            marks=pytest.mark.skipif(
                find_spec("ipympl") is not None, reason="where ipympl is installed, it is taken"
            ),
        ),
        ("module://no.such.module", "module://no.such.module"),
        ("svg", "svg"),
        (None, "None"),
    ],
)
def test_a_figure_is_drawn_whatever_backend_is_asked_for(
    tmp_path: Path, backend: str | None, taken: str
) -> None:
    """One that exists is still what pyplot takes afterwards."""
    assert drawn(tmp_path, backend) == ["True", "True", str(backend), taken]


def test_the_settings_of_the_folder_make_no_difference(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nbackend: nonsense\n")
    assert drawn(tmp_path, None)[:2] == ["True", "True"]


def test_settings_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AssertionError, match="matplotlib does not start here: UnicodeDecodeError"):
        drawn(tmp_path, None)
