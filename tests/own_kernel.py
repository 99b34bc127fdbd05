"""Notebooks run in a kernel of this Python, whatever kernels and start-up files a machine has."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from tests.guarded import ROOT

__all__ = ["executed", "run"]


def executed(cells: Iterable[str], folder: Path) -> Any:
    """A notebook of cells of code after a run; ``folder`` is for what belongs to the kernel."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return run(made, folder)


def run(notebook: Any, folder: Path) -> Any:
    """A notebook after a run."""
    spec = folder / "kernels" / "handcalc"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    described = {"argv": argv, "display_name": "handcalc", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("HANDCALC_STATE_DIR", str(folder / "state"))
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("MPLBACKEND", raising=False)
        nbclient.NotebookClient(notebook, kernel_name="handcalc", timeout=300).execute()
    return notebook
