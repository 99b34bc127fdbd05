"""A certificate: what is claimed, and all that a check of it needs; kept as one file."""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError, require
from handcalc.storage.files import reason, write
from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief, counted

if TYPE_CHECKING:
    import numpy as np

    from handcalc.superposition.certificates.cover import Cover, Region

Status: TypeAlias = Literal["proved", "bounded", "unfinished"]
VERSION = 1
_DAMAGED = "is no certificate, or a damaged one"
_ARRAYS = {
    "codes": "uint8",
    "touches": "uint8",
    "biases": "int32",
    "cuts": "int8",
    "margins": "float32",
    "low": "float64",
    "high": "float64",
    "region_biases": "float64",
}
BROKEN = (
    OSError, EOFError, LookupError, TypeError, ValueError, ArithmeticError, NotImplementedError,
    AttributeError, MemoryError, RecursionError, SyntaxError, zipfile.BadZipFile, zlib.error,
    struct.error,
)  # fmt: skip
"""What reading a damaged zip of arrays may raise."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Certificate(Displayed):
    """A cover of all embeddings up to rows of length ``side``, and the model that it is about.

    ``model`` is near the best there is; every leaf of ``cover`` loses more, by its margin, unless
    it lies in one of ``regions``, around the copies of the model. What that proves is for
    ``check_certificate`` to say.
    """

    claim: CertifiedClaim
    model: ToyModel
    side: Fraction
    regions: tuple[Region, ...]
    cover: Cover

    def __repr__(self) -> str:
        problem = self.claim.problem
        size = f"{problem.features} features in {counted(problem.hidden, 'dimension')}"
        return abridged(f"<Certificate: {size}, {self.cover.boxes:,} boxes>")

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all. Errors: those of the file system."""
        write(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """As a zip of arrays, with the claim in the array ``claim``, as JSON."""
        import numpy as np

        problem = self.claim.problem
        stated = {
            "version": VERSION,
            "features": problem.features,
            "hidden": problem.hidden,
            "distribution": problem.distribution.name,
            "sets": getattr(problem.distribution, "sets", None),
            "sparsities": [str(S) for S in getattr(problem.distribution, "sparsity", None) or ()],
            "importance": [str(each) for each in problem.importance],
            "interval": self.claim.interval and [str(each) for each in self.claim.interval],
            "side": str(self.side),
            "W": [[str(cell) for cell in row] for row in self.model.W],
            "b": [str(cell) for cell in self.model.b],
        }
        n, m = problem.features, problem.hidden
        ends = np.array([(each.low, each.high) for each in self.regions]).reshape(-1, 2, n, m)
        packed = BytesIO()
        np.savez_compressed(
            packed,
            claim=np.frombuffer(json.dumps(stated).encode(), np.uint8),
            codes=self.cover.codes,
            touches=self.cover.touches,
            biases=self.cover.biases,
            cuts=self.cover.cuts,
            margins=self.cover.margins,
            low=ends[:, 0],
            high=ends[:, 1],
            region_biases=np.array([each.biases for each in self.regions]).reshape(-1, n, 2),
        )
        return packed.getvalue()


def load_certificate(path: str | Path) -> Certificate:
    """A certificate from a file; nothing of it is believed until it is checked.

    Args:
        path: The file, as ``Certificate.save`` writes it.

    Returns:
        The certificate, for ``check_certificate``.

    Raises:
        InputError: ``not_found``; ``damaged``; ``version`` for one of another version;
            ``missing_extra`` without numpy.

    Examples:
        >>> try:
        ...     load_certificate("no such file")
        ... except InputError as error:
        ...     print(error)
        no such file cannot be read: No such file or directory.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError("not_found", f"{path} cannot be read: {reason(error)}.") from error
    try:
        return from_bytes(content)
    except InputError as error:
        if error.code == "missing_extra":
            raise
        raise InputError(error.code, f"{path} {error}") from error


def from_bytes(content: bytes) -> Certificate:
    """A certificate from the bytes of its file.

    Errors: ``damaged``, ``version``; ``missing_extra`` without numpy.
    """
    require("optimum", "numpy")
    import numpy as np

    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            stated: dict[str, Any] = json.loads(arrays["claim"].tobytes())
            version = stated["version"]
            found = {name: arrays[name] for name in _ARRAYS} if version == VERSION else {}
        return _read(stated, found) if found else _refuse_version(version)
    except InputError as error:
        if error.code == "version":
            raise
        raise InputError("damaged", f"{_DAMAGED}: {error}") from error
    except BROKEN as error:
        raise InputError("damaged", f"{_DAMAGED}.") from error


def _read(stated: dict[str, Any], found: dict[str, np.ndarray[Any, Any]]) -> Certificate:
    from handcalc.superposition.certificates.cover import Cover, Region

    problem = _problem(stated)
    n, m = problem.features, problem.hidden
    leaves, copies = len(found["margins"]), len(found["low"])
    shapes = {
        "codes": (len(found["codes"]),),
        "touches": (leaves, len(free_entries(n, m))),
        "biases": (leaves, n),
        "cuts": (leaves,),
        "margins": (leaves,),
        "low": (copies, n, m),
        "high": (copies, n, m),
        "region_biases": (copies, n, 2),
    }
    for name, dtype in _ARRAYS.items():
        if found[name].dtype != dtype or found[name].shape != shapes[name]:
            raise InputError("damaged", f"its {name} have not the shape or kind that they should.")
    interval = None
    if stated["interval"] is not None:
        low, high = map(_fraction, stated["interval"])
        interval = low, high
    model = ToyModel(stated["W"], stated["b"])
    if (model.n, model.m) != (n, m):
        raise InputError("damaged", "its model has another shape than its problem.")
    ends = zip(found["low"], found["high"], found["region_biases"], strict=True)
    return Certificate(
        CertifiedClaim(problem, interval),
        model,
        _fraction(stated["side"]),
        tuple(Region(*each) for each in ends),
        Cover(*(found[name] for name in ("codes", "touches", "biases", "cuts", "margins"))),
    )


def _refuse_version(version: object) -> NoReturn:
    raise InputError("version", f"is of version {brief(version)}; this one reads {VERSION}.")


def _problem(stated: dict[str, Any]) -> Problem:
    n, m = stated["features"], stated["hidden"]
    name, sparsities = stated["distribution"], stated["sparsities"]
    drawn: Distribution
    if name == OneActive.name:
        drawn = OneActive(n)
    elif name == SparseUniform.name:
        drawn = SparseUniform(sparsities)
    elif name in (Correlated.name, Anticorrelated.name):
        drawn = (Correlated if name == Correlated.name else Anticorrelated)(
            stated["sets"], sparsities
        )
    else:
        raise InputError("damaged", f"no distribution is {brief(name)}.")
    return Problem.of(n, m, importance=stated["importance"], distribution=drawn)


def _fraction(text: object) -> Fraction:
    """A fraction as ``to_bytes`` writes it: no power of ten that takes for ever."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,999}(/\d{1,999})?", text):
        raise InputError("damaged", f"no fraction is {brief(text)}.")
    return Fraction(text)
