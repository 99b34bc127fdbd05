"""Does a stored answer agree with the engine? The author says which quantity it is.

A stored answer is written by hand. An exercise whose check is a number or a vector names, in its
table ``[engine]``, the calculation that must give it:

- ``output``: x̂ of W, b for the input x;
- ``loss``: the expected loss of W, b;
- ``geometry``: ``what`` is gram, norms, interference, dimensionality or capacity of W;
- ``best-bias``: the slope in b of W, b is 0 where ``answer`` in b is the stored number;
- ``equal-loss``: W, b and the model ``other_W``, ``other_b`` lose the same at S = the last of the
  stored numbers.

``feature`` picks one entry of a vector, ``features`` several. Loss, slope and geometry use the
exercise's own sparsity, importance and activation as they are written in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exercises.tables import Table
from handcalc.errors import InputError
from handcalc.number import equal, to_text
from handcalc.parsing import parse_vector
from handcalc.superposition.distribution import SparseUniform
from handcalc.superposition.expected_loss import expected_loss
from handcalc.superposition.forward_pass import forward
from handcalc.superposition.geometry import geometry
from handcalc.superposition.gradient import loss_gradient
from handcalc.superposition.toy_model import Activation, ToyModel, Vector

__all__ = ["KINDS", "disagreement"]

_OPTIONAL = ("W", "b", "x", "sparsity", "importance", "activation", "what", "feature", "features")
_WHAT = ("gram", "norms", "interference", "dimensionality", "capacity")


def disagreement(table: Table, value: Vector) -> str | None:
    """What the engine gives instead of the stored numbers, in a sentence; None where they agree.

    Errors: ``AuthorError`` for a table that is not as it must be.

    >>> from handcalc.parsing import parse_vector
    >>> table = Table("x.toml", {"kind": "loss", "W": "1; -1", "sparsity": "1/2"}, "engine")
    >>> disagreement(table, parse_vector("1/12")), disagreement(table, parse_vector("1/6"))
    (None, 'the engine gives 1/12')
    """
    table.only("kind", optional=(*_OPTIONAL, "other_W", "other_b"))
    work = KINDS[table.choice("kind", tuple(KINDS))]
    try:
        return work(table, value)
    except InputError as error:
        raise table.fault("unreadable", "kind", error.message) from error


def _picked(table: Table, numbers: Vector) -> Vector:
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


def _output(table: Table, value: Vector) -> str | None:
    x = table.read("x", parse_vector)
    return _compared(forward(_model(table), x).output, table, value)


def _loss(table: Table, value: Vector) -> str | None:
    found = expected_loss(_model(table), _distribution(table), _importance(table))
    return _compared((found.value,), table, value)


def _geometry(table: Table, value: Vector) -> str | None:
    found, what = geometry(_model(table)), table.choice("what", _WHAT)
    numbers = getattr(found, what)
    if what == "capacity":
        numbers = (numbers,)
    elif what == "gram":
        numbers = tuple(cell for row in numbers for cell in row)
    return _compared(numbers, table, value)


def _best_bias(table: Table, value: Vector) -> str | None:
    """The slope at the stored number is 0, on both sides."""
    b = table.text("b").replace("answer", f"({to_text(value[0])})")
    model = ToyModel(table.text("W"), parse_vector(b), _activation(table))
    slopes = loss_gradient(model, _distribution(table), _importance(table)).b
    values = tuple(slope.value for slope in slopes)
    off = [slope for slope in _picked(table, values) if slope is None or not equal(slope, 0)]
    return f"the engine gives the slope {off[0]} there, and not 0" if off else None


def _equal_loss(table: Table, value: Vector) -> str | None:
    inputs = SparseUniform(to_text(value[-1]))
    other = ToyModel(table.text("other_W"), table.text("other_b"), _activation(table))
    first, second = (
        expected_loss(model, inputs, _importance(table)).value for model in (_model(table), other)
    )
    if equal(first, second):
        return None
    return f"the engine gives the losses {to_text(first)} and {to_text(second)} there"


def _compared(numbers: Vector, table: Table, value: Vector) -> str | None:
    numbers = _picked(table, numbers)
    agree = len(numbers) == len(value) and all(
        equal(a, b) for a, b in zip(numbers, value, strict=True)
    )
    return None if agree else f"the engine gives {', '.join(map(to_text, numbers))}"


def _model(table: Table) -> ToyModel:
    b = table.text("b") if "b" in table else None
    return ToyModel(table.text("W"), b, _activation(table))


def _activation(table: Table) -> Activation:
    linear = "activation" in table and table.choice("activation", ("relu", "linear")) == "linear"
    return "linear" if linear else "relu"


def _distribution(table: Table) -> SparseUniform:
    return SparseUniform(table.text("sparsity"))


def _importance(table: Table) -> str | None:
    return table.text("importance") if "importance" in table else None


KINDS: Mapping[str, Callable[[Table, Vector], str | None]] = {
    "output": _output,
    "loss": _loss,
    "geometry": _geometry,
    "best-bias": _best_bias,
    "equal-loss": _equal_loss,
}
