"""A model of one's own: heads as they are typed, TOML, JSON, and arrays under the names of others.

TransformerLens has vectors as rows too, so that its matrices are taken as they stand, with a head
for each entry of the first axis.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head
from handcalc.circuits.reading import FOUR, head_of, model_of, read_layer, refuse
from handcalc.errors import InputError
from handcalc.wording import brief, joined

if TYPE_CHECKING:
    import numpy as np

    from handcalc.inputs.array_files import StoredArray

HEAD = "1: W_Q=1; 1; W_K=1; 0; W_V=1; 2; W_O=1 -1"
MOST_WIDTH, MOST_NUMBERS = 512, 100_000

_NAME = re.compile(r"(?:^|[;,\s])\s*(W_(?:QK|OV|Q|K|V|O))\s*=")
_PATHS = {"embed.W_E": "W_E", "unembed.W_U": "W_U", "pos_embed.W_pos": "W_pos"}
_BLOCK = re.compile(r"blocks\.(\d{1,3})\.attn\.(W_[QKVO])")
_BUFFER = re.compile(r"(?:.*\.)?(?:mask|IGNORE)")  # what TransformerLens keeps beside the weights
_BIAS = re.compile(r".*\.?b_[A-Za-z]+")


def typed_head(text: str) -> tuple[int, Head]:
    """A head and its layer, from "1: W_Q=…; W_K=…". Errors: ``head``, those of a matrix.

    >>> typed_head("2: W_QK=0 1; 1 0; W_OV=1 0; 0 1")[1].W_QK
    ((0, 1), (1, 0))
    """
    layer, colon, rest = text.partition(":")
    if not colon or not layer.strip().isascii() or not layer.strip().isdigit():
        refuse("head", f"A head begins with its layer and a colon, such as 1:, not {brief(text)}.")
    marks = list(_NAME.finditer(rest))
    if not marks or rest[: marks[0].start()].strip():
        refuse("head", f"A head is {joined(FOUR)}, or W_QK and W_OV, not {brief(text)}.")
    ends = [*(mark.start() for mark in marks[1:]), len(rest)]
    parts: dict[str, object] = {}
    for mark, end in zip(marks, ends, strict=True):
        if mark[1] in parts:
            refuse("head", f"{mark[1]} stands twice in {brief(text)}.")
        parts[mark[1]] = rest[mark.end() : end].strip().rstrip(";,")
    try:
        return read_layer(layer.strip()), head_of(parts, "The head")
    except InputError as error:
        name = error.message.partition(" ")[0]
        if error.suggestion is not None and name in parts:  # the whole head is typed again
            mended = (f"{k}={error.suggestion if k == name else v}" for k, v in parts.items())
            error.suggestion = f"{layer.strip()}: {'; '.join(mended)}"
        raise


# -- TOML and JSON ---------------------------------------------------------------------------------


def read_model(text: str) -> AttentionOnly:
    r"""A model from TOML or JSON. Errors: ``not_a_model``, ``layers``, those of its parts.

    >>> read_model('W_E = "1 0; 0 1"\nW_U = "1 0; 0 1"').d_vocab
    2
    """
    return model_of(_parsed(text))


def _parsed(text: str) -> dict[str, Any]:
    """The content of a text in TOML or JSON, decimals as they are written."""
    text = text.removeprefix("\ufeff")  # which Windows puts in front
    is_json = text.lstrip().startswith(("{", "["))
    try:
        found: object = (
            json.loads(text, parse_float=str, parse_constant=str, object_pairs_hook=_unique)
            if is_json
            else tomllib.loads(text, parse_float=str)
        )
    except RecursionError:
        refuse("not_a_model", "The lists in it stand too deep in each other.")
    except InputError:
        raise
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        kind = "JSON" if is_json else "TOML"
        refuse(
            "not_a_model",
            f"It is no {kind}: {error}. A model in TOML is lines such as "
            'W_E = "1 0; 0 1" and W_U = "1 0; 0 1".',
        )
    except ValueError:  # of Python, for a whole number of more than 4300 digits
        refuse("not_a_model", "A whole number in it has thousands of digits; type fewer.")
    if not isinstance(found, dict):
        refuse("not_a_model", f"A model is an object with W_E and W_U, not {brief(found)}.")
    return found


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        refuse("not_a_model", f"{brief(twice)} stands twice in it.")
    return dict(pairs)


# -- arrays ----------------------------------------------------------------------------------------


def model_of_arrays(
    arrays: Mapping[str, StoredArray], softmax: str | None, vocabulary: object
) -> AttentionOnly:
    """A model from arrays under TransformerLens's names: scores over √d_head, softmax exp.

    Errors: ``not_a_model`` for other arrays, ``bias``, ``layer_norm`` and ``mlp`` for what an
    attention-only model without them does not have, ``too_large``.
    """
    size = sum(a.values.size for name, a in arrays.items() if not _BUFFER.fullmatch(name))
    if size > MOST_NUMBERS:
        refuse("too_large", f"Models have at most {MOST_NUMBERS:,} numbers here, not {size:,}.")
    blocks: dict[int, dict[str, StoredArray]] = {}
    own: dict[str, StoredArray] = {}
    for name, array in arrays.items():
        block = _BLOCK.fullmatch(name)
        if block:
            blocks.setdefault(int(block[1]), {})[block[2]] = array
        elif name in _PATHS or name in _PATHS.values():
            own[_PATHS.get(name, name)] = array
        elif not _BUFFER.fullmatch(name):
            _refuse_part(name, array)
    missing = [name for name in ("W_E", "W_U") if name not in own]
    if missing:
        held = ", ".join(array.described for array in list(arrays.values())[:12])
        full = {short: long for long, short in _PATHS.items()}[missing[0]]
        refuse("not_a_model", f"There is no {full} in it. It holds {held or 'nothing'}.")
    if sorted(blocks) != list(range(len(blocks))):
        found = joined(sorted(blocks))
        refuse("layers", f"Blocks count from 0 without a gap, and here are {found}.")
    return AttentionOnly(
        _rows(own["W_E"]),
        _rows(own["W_U"]),
        [_heads(blocks[k], k) for k in sorted(blocks)],
        W_pos=_rows(own["W_pos"]) if "W_pos" in own else None,
        vocabulary=vocabulary,
        softmax=softmax or "exp",
        scale="sqrt" if blocks else None,
    )


def _refuse_part(name: str, array: StoredArray) -> None:
    """Biases of zeros change nothing; all else does."""
    shown = brief(name).strip("'")
    if _BIAS.fullmatch(name):
        if array.values.any():
            refuse("bias", f"{shown} is a bias that is not 0, and models here have none.")
        return
    if ".ln" in name or name.startswith("ln"):
        refuse("layer_norm", f"{shown} belongs to a LayerNorm, and models here have none.")
    if ".mlp" in name:
        refuse("mlp", f"{shown} belongs to an MLP, and models here have attention alone.")
    refuse(
        "not_a_model",
        f"{shown} is no part of an attention-only model; its names are embed.W_E, pos_embed.W_pos, "
        "blocks.0.attn.W_Q, W_K, W_V, W_O, and unembed.W_U.",
    )


def _heads(block: Mapping[str, StoredArray], k: int) -> list[Head]:
    missing = [name for name in FOUR if name not in block]
    if missing:
        refuse("head", f"blocks.{k}.attn.{missing[0]} is missing.")
    shapes = {name: block[name].values.shape for name in FOUR}
    for name, shape in shapes.items():
        if len(shape) != 3 or shape[0] != shapes["W_Q"][0]:
            want = "has three axes, (heads, d_model, d_head), or for W_O (heads, d_head, d_model)"
            refuse("wrong_shape", f"blocks.{k}.attn.{name} {want}, not {block[name].described}.")
    return [Head(*(_rows(block[name], j) for name in FOUR)) for j in range(shapes["W_Q"][0])]


def _rows(array: StoredArray, k: int | None = None) -> str:
    """A matrix as text, of a batch the entry k."""
    from handcalc.inputs.array_files import StoredArray as Stored

    values: np.ndarray[Any, Any] = array.values if k is None else array.values[k]
    if values.ndim != 2 or max(values.shape) > MOST_WIDTH:
        most = f"a matrix of at most {MOST_WIDTH} rows and columns"
        refuse("wrong_shape", f"{array.name} is {most} here, not {array.described}.")
    return Stored(array.name, array.kind, values).text()
