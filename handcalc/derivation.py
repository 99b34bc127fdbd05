"""A worked calculation as data: what every view renders, and no view computes.

An expression is built from numbers and names; a line gives one quantity its symbolic form, the same
form with numbers put in, and its value; a step is one rule with its lines; a derivation is the
steps in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Literal, TypeAlias

import sympy

from handcalc.display import Displayed, fields_text

Relation: TypeAlias = Literal["≥", "≤", ">", "<"]


@dataclass(frozen=True, slots=True, repr=False)
class Number:
    """An exact number."""

    value: sympy.Expr

    __repr__ = fields_text


@dataclass(frozen=True, slots=True)
class About:
    """A number that is no algebraic one and too long to be written, by its nearest float."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A letter with indices counted from 1, such as W₁₂, x₃, (Wh)₁ or, with a hat, x̂₂."""

    letter: str
    indices: tuple[int, ...] = ()
    hat: bool = False


@dataclass(frozen=True, slots=True)
class Transposed:
    """The transpose of a matrix."""

    of: Name


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added, in the order in which they are read."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """left − right."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    """−of."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Product:
    """Factors multiplied, in the order in which they are read."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """base to a whole exponent ≥ 1."""

    base: Expression
    exponent: int


@dataclass(frozen=True, slots=True)
class Exponential:
    """base to an exponent that is a number of any kind, as a softmax has it."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Ratio:
    """top over bottom."""

    top: Expression
    bottom: Expression


@dataclass(frozen=True, slots=True)
class RowVector:
    """Numbers in a row, such as (1, 0)."""

    entries: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A named function of an argument, such as softmax(s)."""

    function: str
    argument: Expression


@dataclass(frozen=True, slots=True)
class Expectation:
    """E[of], over the inputs that the line is about."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Integral:
    """∫ integrand over the unit cube of the named variables."""

    integrand: Expression
    variables: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Relu:
    """ReLU(argument) = max(argument, 0)."""

    argument: Expression


@dataclass(frozen=True, slots=True)
class Inequality:
    """left ≥ right, or with another relation."""

    left: Expression
    relation: Relation
    right: Expression


@dataclass(frozen=True, slots=True)
class Case:
    """A value and the condition under which it holds; None stands for all other inputs."""

    value: Expression
    condition: Inequality | None


@dataclass(frozen=True, slots=True)
class Cases:
    """A value given case by case; the last case holds for all other inputs."""

    branches: tuple[Case, ...]


Expression: TypeAlias = (
    Number
    | About
    | Name
    | Transposed
    | Sum
    | Difference
    | Negative
    | Product
    | Power
    | Exponential
    | Ratio
    | RowVector
    | Applied
    | Relu
    | Expectation
    | Integral
    | Cases
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with {} where its exact expressions and conditions stand."""

    sentence: str
    values: tuple[Expression | Inequality, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What is gained and what is lost: claims that hold for all that they name."""

    gained: tuple[Claim, ...]
    lost: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity: its name, its symbolic form, that form with numbers put in, its value."""

    target: Expression
    symbolic: Expression
    substituted: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of the calculation, in words and as a formula, and the lines that it gives."""

    rule: str
    explanation: str
    target: Expression
    formula: Expression
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Derivation(Displayed):
    """The steps of a worked calculation, and notes on what is unusual about it.

    >>> h = Name("h", (1,))
    >>> line = Line(h, Name("x", (1,)), Number(sympy.Integer(2)), Number(sympy.Integer(2)))
    >>> step = Step("Project", "", Name("h"), Name("x"), (line,))
    >>> Derivation((step,)).steps[0].lines[0].target == h
    True
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"<Derivation: {'; '.join(step.rule for step in self.steps)}>"


def has_about(shown: object) -> bool:
    """Whether a number that is not written out stands in an expression.

    >>> has_about(Sum((Name("x"), About(0.5))))
    True
    """
    if isinstance(shown, tuple):
        return any(map(has_about, shown))
    if is_dataclass(shown):
        parts = (getattr(shown, each.name) for each in fields(shown))
        return isinstance(shown, About) or any(map(has_about, parts))
    return False


def numbers_in(shown: object) -> Iterator[sympy.Expr]:
    """The numbers that stand in an expression, a comparison or several of them.

    >>> list(numbers_in(Sum((Number(sympy.Integer(2)), Name("x")))))
    [2]
    """
    if isinstance(shown, Number):
        yield shown.value
    elif isinstance(shown, tuple):
        for part in shown:
            yield from numbers_in(part)
    elif is_dataclass(shown):
        for each in fields(shown):
            yield from numbers_in(getattr(shown, each.name))
