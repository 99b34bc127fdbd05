"""Tensors and data in one file that knows its own checksum: safetensors with a sealed header.

The header's metadata has one key, ``handcalc``, whose text is JSON: ``sha256``, ``schema`` and the
data. The checksum is that of the whole file with zeros in the checksum's own place, so that no bit
can change unnoticed. Any reader of safetensors opens such a file. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, cast

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from handcalc.errors import InputError
from torchsim.storage.documents import SCHEMA, Document, check_schema, from_data, read
from torchsim.storage.folders import CHECKPOINT, SHARDS

_KEY = "handcalc"
_BLANK = "0" * 64
_DIGEST = re.compile("[0-9a-f]{64}")
_LENGTH = 8  # bytes that say how long the header is, lowest first


class Header(Document, frozen=True, kw_only=True):
    """The data of a sealed file."""

    sha256: str


Data = TypeVar("Data", bound=Header)


@dataclass(frozen=True, slots=True, eq=False)
class TensorFile(Generic[Data]):
    """What a sealed file holds: ``tensors`` on the CPU, ``data``, and ``sha256`` of the file."""

    tensors: dict[str, Tensor]
    data: Data
    sha256: str


def seal(tensors: Mapping[str, Tensor], data: Mapping[str, object]) -> bytes:
    """The bytes of a file with these tensors, from any device, and data that JSON can hold.

    The same tensors and data give the same bytes.

    >>> import torch
    >>> seal({"b": torch.zeros(2)}, {"step": 3}) == seal({"b": torch.zeros(2)}, {"step": 3})
    True
    """
    text = json.dumps({"sha256": _BLANK, "schema": SCHEMA, **data})
    # on the CPU, each in memory that it shares with no other, as safetensors wants them
    own = {k: each.detach().to("cpu", copy=True).contiguous() for k, each in tensors.items()}
    blank = save(own, metadata={_KEY: text})
    return blank.replace(_BLANK.encode(), sha256(blank).hexdigest().encode(), 1)


def unseal(file: Path, kind: type[Data], raw: bytes | None = None) -> TensorFile[Data]:
    """What a sealed file holds, with data of this kind; ``raw`` is its content, if it is at hand.

    Errors: ``damaged`` for a file that is not as it was written, ``schema``, ``run_file``,
    ``no_file``, ``unreadable``.
    """
    raw = read(file) if raw is None else raw
    data = _data(file, raw)
    given = str(data["sha256"])
    if sha256(raw.replace(given.encode(), _BLANK.encode(), 1)).hexdigest() != given:
        refuse_damaged(file, "its checksum is not that of what it holds")
    check_schema(file, data.get("schema"))
    try:
        tensors = load(raw)
    except (SafetensorError, KeyError, ValueError) as error:
        refuse_damaged(file, f"its tensors cannot be read ({error})")
    return TensorFile(tensors, from_data(kind, data, str(file)), sha256(raw).hexdigest())


def refuse_damaged(file: Path, why: str) -> NoReturn:
    """Say that a file is damaged, and how to begin anew; the file stays where it is."""
    if file.parent.name == SHARDS:
        do = "Restore it from a copy, or ask for the same sweep again: it trains these cells anew."
        raise InputError("damaged", f"{file} is damaged: {why}. {do}")
    anew = "delete it" if file.name == CHECKPOINT else "train with --fresh"
    raise InputError(
        "damaged",
        f"{file} is damaged: {why}. Restore it from a copy. To begin anew, {anew}, or train in "
        "another folder.",
        suggestion="--out ANOTHER_FOLDER",
    )


def _data(file: Path, raw: bytes) -> dict[str, Any]:
    """The data of the header, unchecked but for its checksum's form."""
    end = _LENGTH + int.from_bytes(raw[:_LENGTH], "little")
    try:
        header: Any = json.loads(raw[_LENGTH:end])
        data = json.loads(header["__metadata__"][_KEY])
        if _DIGEST.fullmatch(data["sha256"]):
            return cast("dict[str, Any]", data)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    refuse_damaged(file, "it is cut short, or was not written by torchsim")
