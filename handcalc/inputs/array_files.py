"""Arrays in files, as the text that one would type: ``.npy``, ``.npz`` and ``.safetensors``.

A file is told by what it holds, and where its name alone promises arrays, it is damaged. Integers
are taken as they are; a float is taken as the shortest decimal that reads back as the same float of
its kind, so that 0.1 in float32, which is 13421773/134217728, is 1/10. Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, Final

from handcalc.errors import InputError, require

if TYPE_CHECKING:
    import numpy as np


MOST_BYTES = 1 << 27
"""The largest file, and the largest array in one, that is read."""

_NPY, _ZIP = b"\x93NUMPY", b"PK\x03\x04"
_SUFFIXES = (".npy", ".npz", ".safetensors")
_HEADER = 8  # bytes of a safetensors file that say how long its header is, lowest first
_MOST_CELLS = 250_000
_MOST_DIGITS = 9  # of the number of an entry
_SHOWN = 12  # arrays that a refusal names
_LONGEST = 60  # characters of a name in it
_TYPES: Final = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
_FOREIGN: Final = (
    (b"\x80", "pickled objects, which can run any program, so they are never opened"),
    (b"\x89HDF", "HDF5, as MATLAB and Keras write it"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"%PDF", "a PDF file"),
    (b"{\\rtf", "a text with styles (RTF)"),
    (b"\xd0\xcf\x11\xe0", "an Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_DAMAGES: Final = (
    *(ValueError, OSError, EOFError, KeyError, MemoryError, SyntaxError, TokenError),
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError),
)
"""What numpy and zipfile raise for bytes that are not what a file's beginning promises."""
_ENCRYPTED = 0x1  # in the flags of a zip file's member
_SAVE = "Save it with numpy.save, numpy.savez or safetensors, or as text."


@dataclass(frozen=True, slots=True, eq=False)
class StoredArray:
    """An array of a file, under its ``name`` there ("" in an .npy); ``kind`` names its numbers."""

    name: str
    kind: str
    values: np.ndarray[Any, Any]

    @property
    def described(self) -> str:
        """The name with the shape, as in "W (3 × 2)"."""
        shape = " × ".join(map(str, self.values.shape)) or "one number"
        return f"{self.name} ({shape})" if self.name else shape

    def text(self) -> str:
        """The numbers as one types them: a row's with blanks, rows with semicolons.

        Errors: ``InputError`` with codes ``not_finite``, ``no_numbers``, ``size``.
        """
        if self.values.size > _MOST_CELLS:
            raise InputError("size", f"{self.described} is more than {_MOST_CELLS:,} numbers.")
        if not self.values.size:
            raise InputError("empty", f"{self.described} holds no number.")
        write = self._writer()
        rows = self.values.reshape(-1, self.values.shape[-1] if self.values.ndim else 1)
        texts = [[write(cell) for cell in row] for row in rows]
        for row, cells in enumerate(texts):
            if "" in cells:
                column = cells.index("")
                value = rows[row, column]
                value = _from_bfloat16(value) if self.kind == "bfloat16" else value
                place = f"place {column + 1}"
                where = f"row {row + 1}, column {column + 1}" if len(rows) > 1 else place
                raise InputError(
                    "not_finite",
                    f"{self.name or 'The array'} holds {value} in {where}; every number must be "
                    "finite.",
                )
        return "; ".join(" ".join(cells) for cells in texts)

    def _writer(self) -> Callable[[Any], str]:
        """What writes one number, "" for one that is none."""
        kind = self.values.dtype.kind
        if self.kind == "bfloat16":
            return _bfloat16_text
        if kind in "iu":
            return str
        if kind == "f":
            return _float_text
        what = "True and False" if kind == "b" else f"values of type {self.kind}"
        raise InputError(
            "no_numbers",
            f"{self.name or 'The array'} holds {what}, and numbers are asked for. Save it as "
            "integers or floats.",
        )


def is_array_file(raw: bytes, name: str = "") -> bool:
    r"""Whether bytes are an array file, and no text; ``name`` is that of the file.

    Errors: ``not_text`` for what is neither, ``damaged_file`` where only the name promises arrays.

    >>> is_array_file(b"1 0; 0 1"), is_array_file(b"\x93NUMPY\x01\x00")
    (False, True)
    """
    if raw.startswith((_NPY, _ZIP)):
        return True
    length = int.from_bytes(raw[:_HEADER], "little")
    if raw[_HEADER : _HEADER + 1] == b"{" and 2 <= length <= len(raw) - _HEADER:
        return True
    for beginning, what in _FOREIGN:
        if raw.startswith(beginning):
            raise InputError("not_text", f"It is {what}. {_SAVE}")
    suffix = next((each for each in _SUFFIXES if name.lower().endswith(each)), None)
    if suffix is not None:
        said = f"It is damaged: its name ends in {suffix}, and it does not begin as such a file"
        raise InputError("damaged_file", f"{said} does. Save it again, or copy it again.")
    return False


def arrays_in(raw: bytes) -> dict[str, StoredArray]:
    """The arrays of a file by name. Errors: ``damaged_file``, ``not_text``, ``missing_extra``."""
    require("optimum", "numpy")
    try:
        if raw.startswith(_NPY):
            return {"": _of_npy("", raw)}
        if raw.startswith(_ZIP):
            return _of_npz(raw)
        return _of_safetensors(raw)
    except InputError:
        raise
    except _DAMAGES as error:
        message = f"It is damaged: {error}. Save it again, or copy it again."
        raise InputError("damaged_file", message) from None


def chosen(arrays: Mapping[str, StoredArray], choice: str, name: str, axes: int) -> StoredArray:
    """The array for ``name`` (an option's), with at most so many ``axes``.

    ``choice`` is what was typed to choose: an array's name, or what stands before ``.W`` in it, and
    behind colons the numbers, from 1, of an entry in a batch. Without one it is the only array, or
    the one of the option's name. Errors: ``choice``, with what there is and what to type.
    """
    stem, numbers = _split_choice(choice, arrays, name)
    found = _find_array(stem, arrays, name)
    for number in numbers:
        if not (found.values.ndim and 1 <= number <= len(found.values)):
            raise InputError("choice", f"There is no number {number} in {found.described}.")
        found = StoredArray(found.name, found.kind, found.values[number - 1])
    if axes == 1 and found.values.ndim == 2 and 1 in found.values.shape:
        return found
    if found.values.ndim > axes:
        count = len(found.values)
        suggestion = ":".join([*([found.name] if found.name else []), *map(str, numbers), "1"])
        raise InputError(
            "choice",
            f"{found.described} is a batch: {count} of them. Say which, from 1 to {count}.",
            suggestion=suggestion,
        )
    return found


def _find_array(stem: str, arrays: Mapping[str, StoredArray], name: str) -> StoredArray:
    if not stem and len(arrays) == 1:
        return next(iter(arrays.values()))
    for candidate in (stem or name, f"{stem}.{name}"):
        if candidate in arrays:
            return arrays[candidate]
    short = stem if len(stem) <= _LONGEST else f"{stem[:_LONGEST]}…"
    said = f"There is no {short} in it. It" if stem else "It"
    listed = ", ".join(array.described for array in list(arrays.values())[:_SHOWN])
    more = f" and {len(arrays) - _SHOWN} more" if len(arrays) > _SHOWN else ""
    fitting = [array for array in arrays if array == name or array.endswith(f".{name}")]
    how = "It has no name: leave the name out" if list(arrays) == [""] else "Choose one by its name"
    raise InputError(
        "choice",
        f"{said} holds {listed}{more}. {how}.",
        suggestion=next(iter(fitting), None),
    )


def _split_choice(
    choice: str, arrays: Mapping[str, StoredArray], name: str
) -> tuple[str, tuple[int, ...]]:
    """What a choice names, and the numbers behind it; a name may have colons of its own."""
    numbers: list[int] = []
    stem = choice
    while stem and stem not in arrays and f"{stem}.{name}" not in arrays:
        before, _, last = stem.rpartition(":")
        if not last.isdecimal() or len(last) > _MOST_DIGITS:
            break
        numbers.insert(0, int(last))
        stem = before
    return stem, tuple(numbers)


def _of_npy(name: str, raw: bytes) -> StoredArray:
    import numpy as np

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that Python 2 wrote it is no matter here
            values = np.load(io.BytesIO(raw), allow_pickle=False)
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        what = name or "The array"
        message = f"{what} holds Python objects, which are pickled and so never opened. {_SAVE}"
        raise InputError("pickled", message) from None
    return StoredArray(name, str(values.dtype.name), values)


def _of_npz(raw: bytes) -> dict[str, StoredArray]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if any(name.endswith((".pkl", ".pickle")) for name in names):
            what = "It is a file of torch.save: pickled objects, which can run any program, so they"
            raise InputError("pickled", f"{what} are never opened. {_SAVE}")
        if not names or not all(name.endswith(".npy") for name in names):
            raise InputError("not_text", f"It is a zip file with no arrays of numpy. {_SAVE}")
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise InputError("not_text", f"Its arrays are encrypted. {_SAVE}")
        if sum(member.file_size for member in members) > MOST_BYTES:
            raise InputError("size", f"Its arrays take more than {MOST_BYTES:,} bytes.")
        stems = {name.removesuffix(".npy"): name for name in names}
        return {stem: _of_npy(stem, archive.read(name)) for stem, name in stems.items()}


def _of_safetensors(raw: bytes) -> dict[str, StoredArray]:
    require("sim", "safetensors")
    import numpy as np
    from safetensors import SafetensorError, deserialize

    try:
        tensors = deserialize(raw)  # type: ignore[no-untyped-call]  # it has no types
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    found: dict[str, StoredArray] = {}
    for name, tensor in sorted(tensors, key=lambda each: each[0]):
        kind = tensor["dtype"]
        if kind not in _TYPES:
            found[name] = StoredArray(name, kind, np.empty(tensor["shape"], dtype=np.void))
            continue
        values = np.frombuffer(tensor["data"], dtype=_TYPES[kind]).reshape(tensor["shape"])
        found[name] = StoredArray(name, "bfloat16" if kind == "BF16" else kind, values)
    return found


def _float_text(value: Any) -> str:
    """The shortest decimal that reads back as the same float of its kind, "" for nan and inf."""
    import numpy as np

    if not np.isfinite(value):
        return ""
    if not value or 1e-7 < abs(float(value)) < 1e16:
        return np.format_float_positional(value, unique=True, trim="-")
    return np.format_float_scientific(value, unique=True, trim="-")


def _bfloat16_text(bits: Any) -> str:
    """The same for bfloat16, which numpy does not know: the upper half of a float32."""
    import numpy as np

    value = _from_bfloat16(bits)
    if not np.isfinite(value):
        return ""
    candidates = (f"{float(value):.{digits}g}" for digits in range(1, 10))
    shortest = next(text for text in candidates if _to_bfloat16(text) == int(bits))
    return _float_text(np.float64(shortest))


def _from_bfloat16(bits: Any) -> Any:
    import numpy as np

    return np.array([int(bits) << 16], dtype=np.uint32).view(np.float32)[0]


def _to_bfloat16(text: str) -> int:
    """The bits of the bfloat16 nearest to a decimal, to even at a tie."""
    import numpy as np

    # half a unit of the 16 bits that go, less one where the last bit that stays is even
    bits = int(np.array([text], dtype=np.float32).view(np.uint32)[0])
    return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
