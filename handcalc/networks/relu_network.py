"""A network with a privileged basis: ReLU on its neurons, and weights in and out of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix, Vector, read_vector, spread
from handcalc.inputs.named_matrices import matrix_text, read_named
from handcalc.inputs.nearest import nearest_matrix, nearest_vector, read_bound
from handcalc.numbers.exact import elements, join_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.wording import brief

Task: TypeAlias = Literal["identity", "absolute"]
"""What a network is to give back: x, of features in [0, 1], or |x|, of features in [−1, 1]."""

_ZERO = sympy.Integer(0)
_MOST_CELLS = 60  # of the matrices in a repr
_FROM_FLOATS = "For trained weights there is ReluNetwork.from_floats(…)."


@dataclass(frozen=True, slots=True, init=False, repr=False)
class ReluNetwork(Displayed, Exported):
    """ŷ = ReLU(W_out h + b) with h = ReLU(W_inᵀx), with exact weights.

    ``W_in`` and ``W_out`` have shape (n, m), a row for each feature and a column for each neuron:
    row i of W_in is what feature i does to the neurons, row i of W_out what they do to output i.
    W_out is W_in unless given; ``b`` has length n, or is one number for all, and is zeros unless
    given. Frozen, hashable. Errors: ``InputError`` with code ``wrong_shape``, or that of a number
    or text that could not be taken.

    Source: Elhage et al. 2022, "Superposition in a Privileged Basis" and "Computation in
    Superposition"; both matrices are the paper's transposed.

    >>> two = ReluNetwork("1 -1", "1 1")  # |x| = ReLU(x) + ReLU(−x)
    >>> two.hidden("-1/2"), two.output("-1/2")
    ((0, 1/2), (1/2,))
    """

    W_in: Matrix
    W_out: Matrix
    b: Vector

    def __init__(self, W_in: object, W_out: object = None, b: object = None) -> None:
        inward = read_named(W_in, "W_in", _FROM_FLOATS)
        outward = inward if W_out is None else read_named(W_out, "W_out", _FROM_FLOATS)
        shape, other = _shape(inward), _shape(outward)
        if shape != other:
            raise InputError(
                "wrong_shape",
                "W_out has a row for each feature and a column for each neuron, as W_in, which is "
                f"{shape[0]} × {shape[1]}; it is {other[0]} × {other[1]}.",
            )
        bias = (_ZERO,) if b is None else read_vector(b, "b", _FROM_FLOATS)
        wanted = f"b has one number for each feature, {shape[0]} as W_in has rows"
        object.__setattr__(self, "W_in", inward)
        object.__setattr__(self, "W_out", outward)
        object.__setattr__(self, "b", spread(bias, shape[0], wanted))
        elements(*self.numbers())  # one field must hold all of it

    @classmethod
    def from_floats(
        cls, W_in: object, W_out: object = None, b: object = None, max_denominator: int = 1000
    ) -> ReluNetwork:
        """The network nearest to trained weights, in fractions with denominators up to a bound.

        >>> ReluNetwork.from_floats([[0.5001, -0.3333]], max_denominator=10).W_in
        ((1/2, -1/3),)
        """
        bound = read_bound(max_denominator)
        return cls(
            nearest_matrix(W_in, bound, "W_in"),
            None if W_out is None else nearest_matrix(W_out, bound, "W_out"),
            None if b is None else nearest_vector(b, bound, "b"),
        )

    @property
    def n(self) -> int:
        """The number of features."""
        return len(self.W_in)

    @property
    def m(self) -> int:
        """The number of neurons."""
        return len(self.W_in[0])

    def arrays(self) -> dict[str, Matrix | Vector]:
        """The weights, exact."""
        return {"W_in": self.W_in, "W_out": self.W_out, "b": self.b}

    def numbers(self) -> Vector:
        """All its numbers: W_in and W_out row by row, then b."""
        return (
            *(cell for rows in (self.W_in, self.W_out) for row in rows for cell in row),
            *self.b,
        )

    def hidden(self, x: object) -> Vector:
        """h = ReLU(W_inᵀx) of an input, of length n. Errors: ``wrong_shape``."""
        weights, inputs = self._with_input(x)
        return tuple(value.to_sympy() for value in weights.hidden(inputs))

    def output(self, x: object) -> Vector:
        """ŷ of an input, of length n. Errors: ``wrong_shape``."""
        weights, inputs = self._with_input(x)
        h = weights.hidden(inputs)
        return tuple(relu(weights.before(i, h)).to_sympy() for i in range(self.n))

    def _with_input(self, x: object) -> tuple[NetworkWeights, list[Element]]:
        values = read_vector(x, "x")
        if len(values) != self.n:
            raise InputError(
                "wrong_shape", f"x has one number for each feature, {self.n}, not {len(values)}."
            )
        _, numbers = elements(*self.numbers(), *values)
        return NetworkWeights.of(self, numbers), list(numbers[-self.n :])

    def __repr__(self) -> str:
        if 2 * self.n * self.m > _MOST_CELLS:
            return f"<ReluNetwork: {self.n} features, {self.m} neurons>"
        inward, outward = map(matrix_text, (self.W_in, self.W_out))
        return f'ReluNetwork("{inward}", "{outward}", b="{join_text(self.b)}")'


@dataclass(frozen=True, slots=True)
class NetworkWeights:
    """The numbers of a network in one field: W_in and W_out (n, m), b (n,)."""

    W_in: Sequence[Sequence[Element]]
    W_out: Sequence[Sequence[Element]]
    b: Sequence[Element]

    @classmethod
    def of(cls, network: ReluNetwork, numbers: Sequence[Element]) -> NetworkWeights:
        """Out of ``network.numbers()`` in a field, and others behind them."""
        n, m = network.n, network.m
        rows = [numbers[k * m : (k + 1) * m] for k in range(2 * n)]
        return cls(rows[:n], rows[n:], numbers[2 * n * m : 2 * n * m + n])

    def hidden(self, x: Sequence[Element]) -> list[Element]:
        """h of x."""
        return [relu(dot(column, x)) for column in zip(*self.W_in, strict=True)]

    def before(self, i: int, h: Sequence[Element]) -> Element:
        """Output i (from 0) before its ReLU."""
        return self.b[i] + dot(self.W_out[i], h)


def relu(value: Element) -> Element:
    """max(value, 0)."""
    return value if value.sign() > 0 else value * 0


def read_task(task: object) -> Task:
    """The task that is asked for. Errors: ``task``."""
    for known in get_args(Task):
        if task == known:
            return known  # type: ignore[no-any-return] # one of the names of Task
    raise InputError(
        "task",
        f'The task is "identity", to give x back, or "absolute", to give |x|, not {brief(task)}.',
        suggestion="absolute",
    )


def _shape(rows: Matrix) -> tuple[int, int]:
    return len(rows), len(rows[0])
