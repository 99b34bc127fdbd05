"""The named circuits by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.gallery.induction import (
    induction,
    induction_compact,
    induction_pointer,
    induction_three,
)
from handcalc.circuits.gallery.positional import previous_token, two_back
from handcalc.circuits.gallery.single_heads import copying_head, deleting, one_head
from handcalc.circuits.gallery.skip_trigrams import (
    attention_steals,
    skip_trigram,
    skip_trigram_mended,
    source_xor,
)
from handcalc.circuits.gallery.zero_layers import one_dimension, zero_layer
from handcalc.errors import InputError
from handcalc.wording import brief, joined

_BUILDERS: Mapping[str, Callable[..., Circuit]] = MappingProxyType(
    {
        "zero-layer": zero_layer,
        "one-dimension": one_dimension,
        "one-head": one_head,
        "skip-trigram": skip_trigram,
        "skip-trigram-mended": skip_trigram_mended,
        "attention-steals": attention_steals,
        "source-xor": source_xor,
        "copying": copying_head,
        "previous-token": previous_token,
        "two-back": two_back,
        "deleting": deleting,
        "induction": induction,
        "induction-pointer": induction_pointer,
        "induction-compact": induction_compact,
        "induction-three": induction_three,
    }
)


_MOST_PLACES = 40


def circuit(name: str, **sizes: Any) -> Circuit:
    """The named circuit, such as "induction".

    Args:
        name: One of the names that ``circuits`` lists.
        sizes: What it is built with, where it generalises: V tokens, n places, and for some
            ``strength``, ``sharpness``, ``softmax`` or ``positions``.

    Returns:
        The circuit: its model, its story, a worked sentence, and its claims, which
        ``claim.prove(up_to=6)`` proves on every sequence of up to six tokens.

    Raises:
        InputError: ``unknown_circuit``, with the nearest name; ``size``.

    Examples:
        >>> circuit("induction", V=3, n=4).claim.prove(4)
        <Enumeration: 63 sequences up to length 4, 0 failures, margin about 1>
    """
    if name not in _BUILDERS:
        close = get_close_matches(brief(name).strip("'").lower(), _BUILDERS, 1)
        raise InputError(
            "unknown_circuit",
            f"There is no circuit named {brief(name)}; the names are {', '.join(_BUILDERS)}.",
            suggestion=close[0] if close else None,
        )
    taken = circuit_sizes(name)
    unknown = [size for size in sizes if size not in taken]
    if unknown:
        options = f"takes {joined(list(taken))}" if taken else "has one size"
        raise InputError("size", f"The circuit {name} {options}, and no {brief(unknown[0])}.")
    return _BUILDERS[name](**sizes)


def circuits() -> tuple[Circuit, ...]:
    """All named circuits, from zero layers to induction.

    Returns:
        Fifteen circuits, each in the size that its page shows.

    Examples:
        >>> [found.name for found in circuits()][:3]
        ['zero-layer', 'one-dimension', 'one-head']
    """
    return tuple(build() for build in _BUILDERS.values())


def with_room(found: Circuit, n: int, **sizes: Any) -> Circuit:
    """The circuit with positions for n tokens, or for as many as it can have; never for fewer.

    Tokens of beginning are not among the n; ``sizes`` are what the circuit was built with.

    >>> [with_room(circuit("induction-compact"), n).claim.room for n in (2, 8, 30)]
    [7, 8, 9]
    """
    room = found.claim.room
    if room is None:
        return found
    for places in range(min(n, _MOST_PLACES), room, -1):
        try:
            return circuit(found.name, **{**sizes, "n": places})
        except InputError:
            continue
    return found


def circuit_sizes(name: str) -> dict[str, Any]:
    """What a circuit can be built with, and what it is built with if nothing is said.

    >>> circuit_sizes("induction-compact")
    {'V': 4, 'n': 7}
    """
    parameters = inspect.signature(_BUILDERS[name]).parameters
    return {each.name: each.default for each in parameters.values()}
