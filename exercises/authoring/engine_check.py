"""Does a stored answer agree with the engine? The author says which quantity it is.

A stored answer is written by hand. An exercise whose check has a stored number names, in its table
``[engine]``, the calculation that must give it:

- ``output``: x̂ of W, b for the input x;
- ``loss``: the expected loss of W, b;
- ``geometry``: ``what`` is gram, norms, interference, dimensionality or capacity of W;
- ``best-bias``: the slope in b of W, b is 0 where ``answer`` in b is the stored number;
- ``equal-loss``: W, b and the model ``other_W``, ``other_b`` lose the same at S = the last of the
  stored numbers or, where that is rounded, within its last place;
- ``crossing``: the families ``first`` and ``second``, each at its best, lose the same at S = the
  stored number, to nine digits and more.

The best loss that a bound is a factor of needs no table: it is compared with the best embedding
that a search finds, to nine digits.

``feature`` picks one entry of a vector, ``features`` several. Loss, slope and geometry use the
exercise's own sparsity, importance and activation as they are written in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy

from exercises.check_kinds import LossAtMost
from exercises.exercise import ModelAnswer
from exercises.toml_table import TomlTable
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, sign, to_float, to_text
from handcalc.parsing import parse_vector
from handcalc.superposition.best.optimum import optimum
from handcalc.superposition.closed_forms import Composition, crossing
from handcalc.superposition.loss.distribution import Distribution, SparseUniform
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.model.forward_pass import forward
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import Activation, ToyModel

_NEAR = sympy.Rational(1, 10**9)  # how far a rounded number may be off, as a part of itself
_SHORT = 14  # characters of a number that is written out
_K_GONS = {"triangle": 3, "pentagon": 5, "hexagon": 6}
_WHAT = ("gram", "norms", "interference", "dimensionality", "capacity")


def disagreement(table: TomlTable, value: Vector, places: int | None = None) -> str | None:
    """What the engine gives instead of the stored numbers, in a sentence; None where they agree.

    ``places`` says to how many decimal places a rounded number is known. Errors: ``AuthorError``
    for a table that is not as it must be.

    >>> from handcalc.parsing import parse_vector
    >>> table = TomlTable("x.toml", {"kind": "loss", "W": "1; -1", "sparsity": "1/2"}, "engine")
    >>> disagreement(table, parse_vector("1/12")), disagreement(table, parse_vector("1/6"))
    (None, 'the engine gives 1/12')
    """
    kind = KINDS[table.choice("kind", tuple(KINDS))]
    table.only("kind", *kind.keys, optional=kind.optional)
    try:
        if places is not None and kind.rounded is not None:
            return kind.rounded(table, value, places)
        return kind.work(table, value)
    except InputError as error:
        raise table.fault("unreadable", "kind", error.message) from error


def best_disagrees(check: LossAtMost, asked: ModelAnswer) -> str | None:
    """What the search gives instead of the stored best loss, in a sentence; None where they agree.

    Errors: ``InputError`` with code ``missing_extra`` without numpy.

    >>> from exercises.course import load
    >>> exercise = load("best-at-nine-tenths")
    >>> best_disagrees(exercise.key().check, exercise.answer)
    """
    if check.best is None:
        return None
    found = _best(asked, check.distribution, check.importance)
    if abs(found - check.best) <= _NEAR * found:
        return None
    return f"the best embedding found loses {to_float(found):.15g}; give at least ten digits"


@lru_cache(maxsize=64)
def _best(asked: ModelAnswer, distribution: Distribution, importance: Vector) -> sympy.Expr:
    if asked.activation == "linear":
        raise InputError("activation", "A stored best loss is compared for ReLU models only.")
    return optimum(
        asked.features, asked.dimensions, importance=importance, distribution=distribution
    ).loss


def _picked(table: TomlTable, numbers: Vector) -> Vector:
    """The entries that ``feature`` or ``features`` name, from 1; all of them where neither does."""
    if "feature" in table:
        names = [str(table.whole("feature"))]
    elif "features" in table:
        names = table.text("features").split()
    else:
        return numbers
    known = {str(i): number for i, number in enumerate(numbers, 1)}
    if not known.keys() >= set(names):
        key = "feature" if "feature" in table else "features"
        said = f"there are the entries 1 to {len(numbers)}, not {' '.join(names)}."
        raise table.fault("wrong_value", key, said)
    return tuple(known[name] for name in names)


def _output(table: TomlTable, value: Vector) -> str | None:
    x = table.read("x", parse_vector)
    return _compared(forward(_model(table), x).output, table, value)


def _loss(table: TomlTable, value: Vector) -> str | None:
    found = expected_loss(_model(table), _distribution(table), _importance(table))
    return _compared((found.value,), table, value)


def _geometry(table: TomlTable, value: Vector) -> str | None:
    found, what = geometry(_model(table)), table.choice("what", _WHAT)
    numbers = getattr(found, what)
    if what == "capacity":
        numbers = (numbers,)
    elif what == "gram":
        numbers = tuple(cell for row in numbers for cell in row)
    return _compared(numbers, table, value)


def _best_bias(table: TomlTable, value: Vector) -> str | None:
    """The slope at the stored number is 0, on both sides."""
    b = table.text("b").replace("answer", f"({to_text(value[0])})")
    model = ToyModel(table.text("W"), parse_vector(b), _activation(table))
    slopes = loss_gradient(model, _distribution(table), _importance(table)).b
    values = tuple(slope.value for slope in slopes)
    off = [slope for slope in _picked(table, values) if slope is None or not equal(slope, 0)]
    return f"the engine gives the slope {off[0]} there, and not 0" if off else None


def _equal_loss(table: TomlTable, value: Vector, places: int | None = None) -> str | None:
    """The first model loses as much as the other; where S is rounded, more on one side of it."""
    other = ToyModel(table.text("other_W"), table.text("other_b"), _activation(table))

    def losses(S: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
        at = SparseUniform(S), _importance(table)
        return expected_loss(_model(table), *at).value, expected_loss(other, *at).value

    away = 0 if places is None else sympy.Rational(1, 10**places)
    below, above = (sign(p - q) for p, q in (losses(value[-1] - away), losses(value[-1] + away)))
    if below == -above:
        return None
    first, second = losses(value[-1])
    said = f"the losses {_few_digits(first)} and {_few_digits(second)} there"
    return f"the engine gives {said}, {abs(to_float(first - second)):.2g} apart"


def _few_digits(number: sympy.Expr) -> str:
    text = to_text(number)
    return text if len(text) <= _SHORT else f"{to_float(number):.6g}"


def _crossing(table: TomlTable, value: Vector) -> str | None:
    first, second = (_family(table, key) for key in ("first", "second"))
    found = sympy.Rational(str(crossing(first, second).digits(30).sparsity))
    near = len(value) == 1 and sign(_NEAR * found - abs(value[0] - found)) >= 0
    return None if near else f"the engine gives {found.n(20)}"


def _family(table: TomlTable, key: str) -> Composition:
    """A family by its parts, such as "triangle" or "pair dedicated"."""
    words = table.text(key).split()
    for word in words:
        if word not in (*_K_GONS, "pair", "dedicated", "dropped"):
            said = (
                f"a family is made of {', '.join(_K_GONS)}, pair, dedicated, dropped, not {word}."
            )
            raise table.fault("wrong_value", key, said)
    k_gons = tuple(_K_GONS[word] for word in words if word in _K_GONS)
    pairs, dedicated, dropped = map(words.count, ("pair", "dedicated", "dropped"))
    return Composition(k_gons, pairs, dedicated, dropped)


def _compared(numbers: Vector, table: TomlTable, value: Vector) -> str | None:
    numbers = _picked(table, numbers)
    agree = len(numbers) == len(value) and all(
        equal(a, b) for a, b in zip(numbers, value, strict=True)
    )
    return None if agree else f"the engine gives {', '.join(map(to_text, numbers))}"


def _model(table: TomlTable) -> ToyModel:
    b = table.text("b") if "b" in table else None
    return ToyModel(table.text("W"), b, _activation(table))


def _activation(table: TomlTable) -> Activation:
    linear = "activation" in table and table.choice("activation", ("relu", "linear")) == "linear"
    return "linear" if linear else "relu"


def _distribution(table: TomlTable) -> SparseUniform:
    return SparseUniform(table.text("sparsity"))


def _importance(table: TomlTable) -> str | None:
    return table.text("importance") if "importance" in table else None


@dataclass(frozen=True, slots=True)
class _Kind:
    """A calculation, the keys that it needs, and those that it may have.

    ``rounded`` is it for a number that is known to so many decimal places.
    """

    work: Callable[[TomlTable, Vector], str | None]
    keys: tuple[str, ...]
    optional: tuple[str, ...] = ()
    rounded: Callable[[TomlTable, Vector, int], str | None] | None = None


_PICKED = ("feature", "features")
KINDS: Mapping[str, _Kind] = {
    "output": _Kind(_output, ("W", "x"), ("b", "activation", *_PICKED)),
    "loss": _Kind(_loss, ("W", "sparsity"), ("b", "importance", "activation")),
    "geometry": _Kind(_geometry, ("W", "what"), _PICKED),
    "best-bias": _Kind(_best_bias, ("W", "b", "sparsity"), ("importance", "activation", *_PICKED)),
    "equal-loss": _Kind(
        _equal_loss,
        ("W", "b", "other_W", "other_b"),
        ("importance", "activation"),
        _equal_loss,
    ),
    "crossing": _Kind(_crossing, ("first", "second")),
}
