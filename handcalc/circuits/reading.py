"""A model from plain data with the keys of a file: matrices as texts, heads with their layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix
from handcalc.wording import brief, joined

FOUR, TWO = ("W_Q", "W_K", "W_V", "W_O"), ("W_QK", "W_OV")
MOST_HEADS = 64
KEYS = ("W_E", "W_U", "W_pos", "vocabulary", "softmax", "scale", "layers", "heads")


def model_of(content: Mapping[str, Any]) -> AttentionOnly:
    """The model of a table. Errors: ``not_a_model``, ``layers``, ``head``, those of its parts.

    >>> head = {"layer": 1, "W_QK": "0 0; 0 0", "W_OV": "1 0; 0 1"}
    >>> model_of({"W_E": "1 0; 0 1", "W_U": "1 0; 0 1", "heads": [head]}).layers[0][0].W_OV
    ((1, 0), (0, 1))
    """
    unknown = [key for key in content if key not in KEYS]
    if unknown:
        message = f"A model has {joined(KEYS)}, and no {brief(unknown[0])}."
        refuse("not_a_model", message)
    missing = [key for key in ("W_E", "W_U") if key not in content]
    if missing:
        refuse("not_a_model", f"A model has a W_E and a W_U; {missing[0]} is missing.")
    if "layers" in content and "heads" in content:
        refuse("layers", "A model has layers, or heads that name their layer, and not both.")
    return AttentionOnly(
        content["W_E"],
        content["W_U"],
        _layers(content),
        W_pos=content.get("W_pos"),
        vocabulary=content.get("vocabulary"),
        softmax=content.get("softmax", "base 2"),
        scale=content.get("scale"),
    )


def outer_matrices(model: AttentionOnly) -> dict[str, Matrix]:
    """W_E, W_U, and W_pos where there is one, by the keys of a file.

    >>> outer_matrices(model_of({"W_E": "1", "W_U": "2"}))
    {'W_E': ((1,),), 'W_U': ((2,),)}
    """
    found = {"W_E": model.W_E, "W_U": model.W_U}
    return found if model.W_pos is None else found | {"W_pos": model.W_pos}


def head_of(parts: Mapping[str, object], where: str) -> Head:
    """A head of its four matrices, or of W_QK and W_OV. Errors: ``head``, those of a matrix."""
    names = set(parts)
    if names not in (set(FOUR), set(TWO)):
        found = joined(sorted(names)) if names else "nothing"
        refuse("head", f"{where} has {found}; it needs {joined(FOUR)}, or W_QK and W_OV.")
    if names == set(FOUR):
        return Head(**parts)
    return Head.of_circuits(*(parts[name] for name in TWO))


def refuse(code: str, message: str, suggestion: str | None = None) -> NoReturn:
    """Say what must hold, what came, and what to type instead."""
    raise InputError(code, message, suggestion=suggestion)


def read_layer(text: str) -> int:
    """A layer from its number. Errors: ``head``."""
    return _in_range(int(text) if len(text) <= len(str(MOST_HEADS)) else MOST_HEADS + 1, text)


def layered(heads: Sequence[tuple[int, Head]]) -> list[list[Head]]:
    """Heads by layer. Errors: ``layers`` where a layer has none."""
    last = max((layer for layer, _ in heads), default=0)
    layers = [[head for at, head in heads if at == layer] for layer in range(1, last + 1)]
    empty = next((k for k, layer in enumerate(layers, 1) if not layer), None)
    if empty is not None:
        refuse("layers", f"Layer {last} has a head, and layer {empty} has none: count from 1.")
    return layers


def _layers(content: Mapping[str, Any]) -> list[list[Head]]:
    if "heads" in content:
        listed = _tables(content["heads"], "heads")
        return layered([(_layer_of(each, k), _own_head(each, k)) for k, each in listed])
    given = content.get("layers", [])
    if not isinstance(given, list):
        refuse("layers", f"layers is a list with a list of heads for each, not {brief(given)}.")
    return [
        [_own_head(each, f"{a}.{k}") for k, each in _tables(layer, f"layer {a}")]
        for a, layer in enumerate(given, 1)
    ]


def _tables(given: object, what: str) -> list[tuple[int, dict[str, Any]]]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        refuse("layers", f"{what} is a list of heads, each with W_Q, W_K, W_V and W_O.")
    return list(enumerate(given, 1))


def _layer_of(head: Mapping[str, Any], k: int) -> int:
    layer = head.get("layer")
    if isinstance(layer, bool) or not isinstance(layer, int):
        refuse("head", f"Head {k} has its layer in layer = 1, a whole number, not {brief(layer)}.")
    return _in_range(layer, layer)


def _in_range(layer: int, given: object) -> int:
    if not 1 <= layer <= MOST_HEADS:
        refuse("head", f"Layers count from 1 to {MOST_HEADS}, not {brief(given)}.")
    return layer


def _own_head(head: Mapping[str, Any], k: object) -> Head:
    parts = {name: value for name, value in head.items() if name != "layer"}
    return head_of(parts, f"Head {k}")
