"""The forward pass told in five steps: project, reconstruct, add the bias, activate, compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy

from handcalc.derivation import (
    Case,
    Cases,
    Difference,
    Expression,
    Inequality,
    Line,
    Name,
    Number,
    Product,
    Relu,
    Step,
    Sum,
    Transposed,
)
from handcalc.inputs.arguments import Vector
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.toy_model import Elements, ToyModel

# --------------------------------------------------------------------------------------------------
# The linear part of the forward pass, as affine forms in the inputs' symbols, and its outcome.


@dataclass(frozen=True, slots=True)
class LinearPass:
    """x, h = Wᵀx, Wh = Gx and z = Wh + b as affine forms in one field.

    >>> work = LinearPass.of(ToyModel("1 0; 0 1; 0 -1"), sympy.symbols("x1 x2 x3"))
    >>> [form.to_sympy() for form in work.z]
    [x1, x2 - x3, -x2 + x3]
    """

    elements: Elements
    x: tuple[Affine, ...]
    h: tuple[Affine, ...]
    reconstruction: tuple[Affine, ...]
    z: tuple[Affine, ...]

    @classmethod
    def of(cls, model: ToyModel, values: Vector) -> LinearPass:
        """The pass of an input of numbers and symbols."""
        numbers = [value for value in values if not isinstance(value, sympy.Symbol)]
        elements, given = model.elements(*numbers)
        each = iter(given)
        x = tuple(
            Affine.of(elements.field, value)
            if isinstance(value, sympy.Symbol)
            else Affine(next(each))
            for value in values
        )
        columns = list(zip(*elements.W, strict=True))
        h = tuple(Affine.combination(column, x) for column in columns)
        back = tuple(Affine.combination(row, x) for row in elements.gram)
        z = tuple(r + Affine(b) for r, b in zip(back, elements.b, strict=True))
        return cls(elements, x, h, back, z)


@dataclass(frozen=True)
class WorkedOutput:
    """One output x̂ᵢ and its difference x̂ᵢ − xᵢ, as sympy and as expressions.

    ``resolved`` is x̂ᵢ where ReLU is decided over the whole box, else None, and there are ``cases``.
    """

    z: Affine
    x: Affine
    resolved: Affine | None

    @classmethod
    def of(cls, model: ToyModel, z: Affine, x: Affine) -> WorkedOutput:
        """The outcome of z for the input x: ReLU resolved, or both of its cases."""
        sign_of_z = 1 if model.activation == "linear" else z.sign()
        if sign_of_z is None:
            return cls(z, x, None)
        return cls(z, x, z if sign_of_z == 1 else z.scaled(0))

    @cached_property
    def output(self) -> sympy.Expr:
        """x̂ᵢ, or max(0, z)."""
        if self.resolved is None:
            return sympy.Max(0, self.z.to_sympy(), evaluate=False)
        return self.resolved.to_sympy()

    @cached_property
    def difference(self) -> sympy.Expr:
        """x̂ᵢ − xᵢ."""
        if self._error is None:
            return self.output - self.x.to_sympy()
        return self._error.to_sympy()

    @cached_property
    def cases(self) -> Cases | None:
        """z where z ≥ 0, else 0; None where ReLU is decided."""
        return self.shown if isinstance(self.shown, Cases) else None

    @cached_property
    def shown(self) -> Expression:
        """The output as views render it."""
        if self.resolved is None:
            return self._cases(self.z, self.z.scaled(0))
        return self.resolved.expression()

    @cached_property
    def difference_shown(self) -> Expression:
        """The difference as views render it."""
        if self._error is None:
            return self._cases(self.z - self.x, self.z.scaled(0) - self.x)
        return self._error.expression()

    @property
    def misses(self) -> bool:
        """Whether x̂ᵢ is another than xᵢ for some input."""
        return self._error is None or self._error.sign() != 0

    # One form behind both faces of a difference, and one condition behind both pairs of cases: each
    # converts its numbers to sympy once.

    @cached_property
    def _error(self) -> Affine | None:
        return None if self.resolved is None else self.resolved - self.x

    @cached_property
    def _condition(self) -> Inequality:
        return self.z.non_negative()

    def _cases(self, on: Affine, off: Affine) -> Cases:
        return Cases((Case(on.expression(), self._condition), Case(off.expression(), None)))


def worked_steps(
    model: ToyModel, work: LinearPass, results: Sequence[WorkedOutput]
) -> tuple[Step, ...]:
    """Each step with its rule, and for each component symbols, numbers put in, and value."""
    return (
        _projection(model, work),
        _reconstruction(model, work),
        _bias(model, work),
        _activation(model, work, results),
        _comparison(work, results),
    )


def _projection(model: ToyModel, work: LinearPass) -> Step:
    x_shown = [xi.expression() for xi in work.x]
    lines = tuple(
        Line(
            Name("h", (k,)),
            _products((Name("W", (i, k)), Name("x", (i,))) for i in _one_to(model.n)),
            _products((Number(row[k - 1]), xi) for row, xi in zip(model.W, x_shown, strict=True)),
            h.expression(),
        )
        for k, h in enumerate(work.h, 1)
    )
    explanation = "Each feature pushes along its own row of W; h is where they all end up."
    return Step(
        "Project", explanation, Name("h"), Product((Transposed(Name("W")), Name("x"))), lines
    )


def _reconstruction(model: ToyModel, work: LinearPass) -> Step:
    h_shown = [h.expression() for h in work.h]
    lines = tuple(
        Line(
            Name("Wh", (i,)),
            _products((Name("W", (i, k)), Name("h", (k,))) for k in _one_to(model.m)),
            _products((Number(w), h) for w, h in zip(row, h_shown, strict=True)),
            value.expression(),
        )
        for i, (row, value) in enumerate(zip(model.W, work.reconstruction, strict=True), 1)
    )
    explanation = "Each feature reads off how far h lies along its own row."
    formula = Product((Name("W"), Name("h")))
    return Step("Reconstruct", explanation, Name("Wh"), formula, lines)


def _bias(model: ToyModel, work: LinearPass) -> Step:
    lines = tuple(
        Line(
            Name("z", (i,)),
            Sum((Name("Wh", (i,)), Name("b", (i,)))),
            Sum((before.expression(), Number(b))),
            z.expression(),
        )
        for i, (before, b, z) in enumerate(
            zip(work.reconstruction, model.b, work.z, strict=True), 1
        )
    )
    explanation = "A constant for each feature, the same for every input."
    return Step("Add the bias", explanation, Name("z"), Sum((Name("Wh"), Name("b"))), lines)


def _activation(model: ToyModel, work: LinearPass, results: Sequence[WorkedOutput]) -> Step:
    linear = model.activation == "linear"
    lines = []
    for i, (z, result) in enumerate(zip(work.z, results, strict=True), 1):
        name, value = Name("z", (i,)), z.expression()
        symbolic, substituted = (name, value) if linear else (Relu(name), Relu(value))
        lines.append(Line(_output_name(i), symbolic, substituted, result.shown))
    explanation = (
        "The linear model has no activation."
        if linear
        else "ReLU keeps what is positive and turns what is negative into 0."
    )
    formula = Name("z") if linear else Relu(Name("z"))
    return Step("Activate", explanation, Name("x", hat=True), formula, tuple(lines))


def _comparison(work: LinearPass, results: Sequence[WorkedOutput]) -> Step:
    lines = tuple(
        Line(
            Difference(_output_name(i), Name("x", (i,))),
            Difference(_output_name(i), Name("x", (i,))),
            Difference(result.shown if result.cases is None else _output_name(i), x.expression()),
            result.difference_shown,
        )
        for i, (x, result) in enumerate(zip(work.x, results, strict=True), 1)
    )
    formula = Difference(Name("x", hat=True), Name("x"))
    explanation = "What comes out minus what went in: 0 is a perfect reconstruction."
    return Step("Compare", explanation, formula, formula, lines)


def _products(pairs: Iterable[tuple[Expression, Expression]]) -> Expression:
    terms = tuple(Product(pair) for pair in pairs)
    return terms[0] if len(terms) == 1 else Sum(terms)


def _output_name(i: int) -> Name:
    return Name("x", (i,), hat=True)


def _one_to(last: int) -> range:
    return range(1, last + 1)
