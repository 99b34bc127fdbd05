"""A quick proof at the command line and in Python, and the files that are kept of proofs."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from handcalc import Proof, certify

PAIR = ["optimum", "--features=2", "--hidden=1", "--sparsity=1/2", "--prove", "--jobs=1"]


def words(text: str) -> str:
    return " ".join(text.split())


def kept_files(suffix: str = ".npz") -> list[Path]:
    folder = Path(os.environ["HANDCALC_STATE_DIR"]) / "proofs"
    return sorted(folder.glob(f"*{suffix}"))


@cache
def pair() -> Proof:
    return certify(2, 1, "1/2", threads=1)


def boxes() -> int:
    return pair().certificate.cover.boxes
