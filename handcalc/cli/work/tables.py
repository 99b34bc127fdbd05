"""Sweeps and runs as tables in files: ``--csv`` and ``--parquet``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from handcalc.cli.report import ReportedError
from handcalc.errors import require
from torchsim.sweeps.run import SweepRun

from .outputs import Output, write_all

TABLES = {"csv": SweepRun.csv, "parquet": SweepRun.parquet}
"""The kinds, as their options are called, and what writes each."""


def asked_tables(asked: Mapping[str, Any]) -> dict[str, Output]:
    """The files that were asked for, by their kind; what cannot be written is refused."""
    found = {
        kind: Output.at(f"--{kind}", asked[kind]) for kind in TABLES if asked[kind] is not None
    }
    for output in found.values():
        output.refuse_early()
    if "parquet" in found:
        require("frame", "pyarrow")
    return found


def write_tables(
    tables: Mapping[str, Output], run: SweepRun
) -> tuple[tuple[str, ...], ReportedError | None]:
    """Write them: what to say of it, and what could not be written."""
    return write_all((output, partial(TABLES[kind], run)) for kind, output in tables.items())
