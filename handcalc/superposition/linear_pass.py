"""The linear part of the forward pass, as affine forms in the inputs' symbols, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from handcalc.derivation import Case, Cases, Expression
from handcalc.inputs.arguments import Vector
from handcalc.numbers.field import Element
from handcalc.superposition.affine import Affine
from handcalc.superposition.geometry import gram_elements
from handcalc.superposition.toy_model import Elements, ToyModel

__all__ = ["LinearPass", "Outcome"]


@dataclass(frozen=True, slots=True)
class LinearPass:
    """x, h = Wᵀx, Wh = Gx and z = Wh + b as affine forms in one field, and G = W Wᵀ.

    >>> work = LinearPass.of(ToyModel("1 0; 0 1; 0 -1"), sympy.symbols("x1 x2 x3"))
    >>> [form.to_sympy() for form in work.z]
    [x1, x2 - x3, -x2 + x3]
    """

    elements: Elements
    gram: tuple[tuple[Element, ...], ...]
    x: tuple[Affine, ...]
    h: tuple[Affine, ...]
    reconstruction: tuple[Affine, ...]
    z: tuple[Affine, ...]

    @classmethod
    def of(cls, model: ToyModel, values: Vector) -> LinearPass:
        """The pass of an input of numbers and symbols."""
        numbers = [value for value in values if not isinstance(value, sympy.Symbol)]
        field, elements = model.elements(*numbers)
        x = tuple(Affine.of(field, value) for value in values)
        gram = gram_elements(elements.W)
        columns = list(zip(*elements.W, strict=True))
        h = tuple(Affine.combination(column, x) for column in columns)
        back = tuple(Affine.combination(row, x) for row in gram)
        z = tuple(r + Affine(b) for r, b in zip(back, elements.b, strict=True))
        return cls(elements, gram, x, h, back, z)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One output x̂ᵢ and its difference x̂ᵢ − xᵢ, as sympy and as expressions.

    ``cases`` is None where ReLU is decided over the whole box.
    """

    output: sympy.Expr
    difference: sympy.Expr
    shown: Expression
    difference_shown: Expression
    cases: Cases | None = None

    @classmethod
    def of(cls, model: ToyModel, z: Affine, x: Affine) -> Outcome:
        """The outcome of z for the input x: ReLU resolved, or both of its cases."""
        sign_of_z = 1 if model.activation == "linear" else z.sign()
        if sign_of_z is not None:
            output = z if sign_of_z == 1 else z.scaled(0)
            error = output - x
            return cls(output.to_sympy(), error.to_sympy(), output.expression(), error.expression())
        zero, condition = z.scaled(0), z.non_negative()
        output_cases = Cases((Case(z.expression(), condition), Case(zero.expression(), None)))
        errors = Cases((Case((z - x).expression(), condition), Case((zero - x).expression(), None)))
        clipped = sympy.Max(0, z.to_sympy(), evaluate=False)
        return cls(clipped, clipped - x.to_sympy(), output_cases, errors, output_cases)
