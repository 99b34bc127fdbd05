"""Distributions as JSON can hold them: the kinds of the command line, every S an exact text."""

from __future__ import annotations

from typing import TypeAlias

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_text
from handcalc.parsing import parse_scalar
from handcalc.parsing.limits import MAX_DIGITS
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from torchsim.storage.entries import Entry

__all__ = ["distribution_from_entry", "distribution_to_data", "texts", "vector"]

_Grouped: TypeAlias = "type[Correlated] | type[Anticorrelated]"
_GROUPED: dict[str, _Grouped] = {"correlated": Correlated, "anticorrelated": Anticorrelated}
_KINDS = ("independent", "one-active", *_GROUPED)


def distribution_to_data(distribution: Distribution) -> dict[str, object]:
    """A distribution as an object: its ``kind``, and beside it its ``sets`` and ``sparsity``.

    Sets hold features from 1; sparsities are exact texts, as many as were given.

    >>> distribution_to_data(Correlated([(1, 2)], "1/2"))
    {'kind': 'correlated', 'sets': [[1, 2]], 'sparsity': ['1/2']}
    """
    if isinstance(distribution, OneActive):
        return {"kind": "one-active"}
    if isinstance(distribution, SparseUniform):
        return {"kind": "independent", "sparsity": texts(distribution.sparsity)}
    for kind, made in _GROUPED.items():
        if isinstance(distribution, made):
            sets = [list(members) for members in distribution.sets]
            return {"kind": kind, "sets": sets, "sparsity": texts(distribution.sparsity)}
    raise InputError(
        "distribution",
        f"A run on disk has one of the distributions {', '.join(_KINDS)}, "
        f"not {type(distribution).__name__}.",
    )


def distribution_from_entry(entry: Entry, n: int) -> Distribution:
    """The distribution over n features that an object stands for. Errors: ``run_file``."""
    kind = entry.value.get("kind") if isinstance(entry.value, dict) else None
    if kind == "one-active":
        entry.members("kind")
        return OneActive(n)
    if kind == "independent":
        return SparseUniform(vector(entry.members("kind", "sparsity")["sparsity"]))
    if isinstance(kind, str) and kind in _GROUPED:
        given = entry.members("kind", "sets", "sparsity")
        sets = [tuple(each.whole() for each in one.items()) for one in given["sets"].items()]
        return _GROUPED[kind](sets, vector(given["sparsity"]))
    listed = " or ".join(f'"{each}"' for each in _KINDS)
    raise entry.refused(f'is an object whose "kind" is {listed}')


def texts(numbers: Vector | None) -> list[str]:
    """Exact numbers as texts that are read back to the same numbers.

    Errors: those of the reader for a number that is too long for it.

    >>> texts(SparseUniform("1/3 sqrt(2)/2").sparsity)
    ['1/3', 'sqrt(2)/2']
    """
    if numbers is None:
        raise InputError("sparsity", 'A run knows its sparsity: give one, such as "1/2".')
    found = list(map(to_text, numbers))
    for text in found:
        if len(text) > MAX_DIGITS:
            parse_scalar(text)
    return found


def vector(entry: Entry) -> Vector:
    """Exact numbers from a list of texts. Errors: ``run_file``."""
    return tuple(map(_scalar, entry.items()))


def _scalar(entry: Entry) -> object:
    text = entry.text()
    try:
        return parse_scalar(text)
    except InputError as error:
        raise entry.error(f'"{entry.key}": {error.message.rstrip(".")}') from error
