"""Products of matrices by name, such as W_E W_OV W_U: of the answer, and of the circuit around."""

from __future__ import annotations

from dataclasses import dataclass

from exercises.circuit_frame import CircuitFrame, zeros
from exercises.exercise import MatricesAnswer
from exercises.matrices import NamedMatrices
from handcalc.circuits.head import multiplied
from handcalc.circuits.reading import outer_matrices
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix
from handcalc.wording import joined

_TURNED = ("ᵀ", "^T")


@dataclass(frozen=True, slots=True)
class MatrixProduct:
    """Factors by name, turned where ᵀ or ^T stands behind them; those of ``head`` by its names.

    ``frame`` is the circuit, None where the factors are matrices of the answer alone.
    """

    factors: tuple[str, ...]
    frame: CircuitFrame | None
    head: tuple[int, int] | None
    shape: tuple[int, int]

    @property
    def name(self) -> str:
        """As it is written."""
        return " ".join(self.factors)

    def of(self, answer: NamedMatrices) -> Matrix:
        """The product, with the answer's matrices."""
        known = _matrices(answer, self.frame, self.head)
        first, *others = (_factor(name, known) for name in self.factors)
        for other in others:
            first = multiplied(first, other)
        return first


def read_product(
    text: str,
    asked: MatricesAnswer,
    frame: CircuitFrame | None,
    head: tuple[int, int] | None,
) -> MatrixProduct:
    """The product that a text names. Errors: ``InputError`` for an unknown name, or a misfit.

    >>> from exercises.exercise import NamedMatrix
    >>> two = MatricesAnswer((NamedMatrix("A", 3, 1), NamedMatrix("B", 3, 2)))
    >>> read_product("A^T B", two, None, None).shape
    (1, 2)
    """
    known = _matrices(zeros(asked), frame, head)
    factors = tuple(text.split())
    shapes = [(len(rows), len(rows[0])) for rows in (_factor(name, known) for name in factors)]
    for name, following, (_, columns), (rows, _) in zip(
        factors, factors[1:], shapes, shapes[1:], strict=False
    ):
        if columns != rows:
            said = f"{name} has {columns} columns and {following} has {rows} rows."
            raise InputError("wrong_shape", said)
    return MatrixProduct(factors, frame, head, (shapes[0][0], shapes[-1][1]))


def _matrices(
    answer: NamedMatrices, frame: CircuitFrame | None, head: tuple[int, int] | None
) -> dict[str, Matrix]:
    """All that a factor may be, by name; those of the answer before others of that name."""
    found: dict[str, Matrix] = {}
    if frame is not None:
        model = frame.model(answer)
        found = outer_matrices(model)
        if head is not None:
            found |= model.head(*head).named
    return found | dict(answer.parts)


def _factor(name: str, known: dict[str, Matrix]) -> Matrix:
    bare = name
    for mark in _TURNED:
        bare = bare.removesuffix(mark)
    if bare not in known:
        raise InputError(
            "unknown_name", f"there is no {bare}: the matrices are {joined(list(known))}."
        )
    rows = known[bare]
    return rows if bare == name else tuple(zip(*rows, strict=True))
