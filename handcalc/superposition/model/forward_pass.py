"""The forward pass, worked: project, reconstruct, add the bias, activate, compare.

Every quantity is an affine form in the inputs' symbols until ReLU; there each output is resolved
where its sign is decided over the whole box [0, 1]ⁿ, and given case by case where it is not. An
input of numbers is the same calculation with no symbols in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy

from handcalc.derivation import Cases, Derivation
from handcalc.display import Displayed, abridged, fields_text
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Vector, read_number, read_vector, spread
from handcalc.numbers.exact import exact, listed_text, sign, to_text
from handcalc.parsing import parse_input
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.model.worked_steps import LinearPass, WorkedOutput, worked_steps
from handcalc.wording import brief

_MOST_TERMS = 1 << 14


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """What z of one feature is made of: Gᵢᵢxᵢ kept, Gᵢⱼxⱼ put on top by each other feature j, bᵢ.

    ``feature`` and the sources j count from 1; sources that put nothing on top are left out.
    """

    feature: int
    kept: sympy.Expr
    interference: tuple[tuple[int, sympy.Expr], ...]
    bias: sympy.Expr

    __repr__ = fields_text


@dataclass(frozen=True, repr=False)
class Forward(Displayed, Exported, Tabular):
    """A worked forward pass: x, h = Wᵀx, z = Wh + b, output x̂, difference x̂ − x.

    For symbolic x the entries are affine in x1 … xn; an output whose sign is not decided over the
    box is ``Max(0, z)``, and ``cases`` gives it case by case. ``parts`` tells for each feature what
    it kept and what the others put on top.
    """

    model: ToyModel
    x: Vector

    # Model and input decide all the rest, so equality, copies and pickles need no more of it. It is
    # worked out in one field by ``forward``; what views take of it, sympy's numbers and the steps,
    # is made when it is first asked for. A grader asks for the difference alone.

    def __getstate__(self) -> dict[str, object]:
        return {"model": self.model, "x": self.x}

    def __repr__(self) -> str:
        x, output, difference = map(listed_text, (self.x, self.output, self.difference))
        return abridged(f"Forward(x={x}, output={output}, difference={difference})")

    def arrays(self) -> dict[str, Vector]:
        """x, h, z, the output and the difference, exact."""
        names = ("x", "h", "z", "output", "difference")
        return {name: getattr(self, name) for name in names}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a feature: what went in, what came out, and what z is made of."""
        return {
            "feature": range(1, self.model.n + 1),
            "x": self.x,
            "kept": [part.kept for part in self.parts],
            "interference": [
                sympy.Add(*(amount for _, amount in part.interference)) for part in self.parts
            ],
            "bias": [part.bias for part in self.parts],
            "z": self.z,
            "output": self.output,
            "difference": self.difference,
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual about the input."""
        return self.derivation.notes

    @cached_property
    def linear_pass(self) -> LinearPass:
        """x, h, Wh and z as affine forms in one field, as they were worked out."""
        return LinearPass.of(self.model, self.x)

    @cached_property
    def _outputs(self) -> tuple[WorkedOutput, ...]:
        work = self.linear_pass
        each = zip(work.z, work.x, strict=True)
        return tuple(WorkedOutput.of(self.model, z, x) for z, x in each)

    @cached_property
    def h(self) -> Vector:
        """Wᵀx, of length m."""
        return _plain(self.linear_pass.h)

    @cached_property
    def z(self) -> Vector:
        """Wh + b, of length n."""
        return _plain(self.linear_pass.z)

    @cached_property
    def output(self) -> Vector:
        """x̂ = ReLU(z), or z for the linear model."""
        return tuple(result.output for result in self._outputs)

    @cached_property
    def difference(self) -> Vector:
        """x̂ − x."""
        return tuple(result.difference for result in self._outputs)

    @property
    def missed(self) -> tuple[int, ...]:
        """The features, from 1, that do not come back as they are.

        >>> forward(ToyModel("1 0; 0 1; 0 -1"), "1 1/2 1/4").missed
        (2, 3)
        """
        # told by the field's own numbers: a grader asks it of many inputs, and shows few of them
        return tuple(i for i, result in enumerate(self._outputs, 1) if result.misses)

    @cached_property
    def cases(self) -> tuple[Cases | None, ...]:
        """Each output case by case, None where ReLU is decided over the whole box."""
        return tuple(result.cases for result in self._outputs)

    @cached_property
    def parts(self) -> tuple[Parts, ...]:
        """What z of each feature is made of."""
        work, parts = self.linear_pass, []
        for i, (row, b) in enumerate(zip(work.elements.gram, self.model.b, strict=True), 1):
            put = [x.scaled(g) for g, x in zip(row, work.x, strict=True)]
            interference = tuple(
                (j, amount.to_sympy())
                for j, amount in enumerate(put, 1)
                if j != i and (amount.slopes or amount.constant)
            )
            parts.append(Parts(i, put[i - 1].to_sympy(), interference, b))
        return tuple(parts)

    @cached_property
    def derivation(self) -> Derivation:
        """The five steps, and what is unusual about the input."""
        notes = tuple(
            f"x{i} = {to_text(value)} lies outside [0, 1], where features live; "
            "it is worked all the same."
            for i, (value, form) in enumerate(zip(self.x, self.linear_pass.x, strict=True), 1)
            if not form.stays_in_box
        )
        return Derivation(worked_steps(self.model, self.linear_pass, self._outputs), notes)

    @property
    def forms(self) -> tuple[Affine, ...]:
        """z as affine forms in one field."""
        return self.linear_pass.z

    def output_at(self, values: Mapping[str, object]) -> Vector:
        """The output with numbers put in for the symbols: each z gets its value, then its case.

        >>> symbolic = forward(ToyModel("1 0; 0 1; 0 -1"), "x1 0 x3")
        >>> symbolic.output_at({"x1": 1, "x3": "1/2"})
        (1, 0, 1/2)
        """
        symbols = {x.name: x for x in self.x if isinstance(x, sympy.Symbol)}
        if set(values) != set(symbols):
            names: list[object] = list(values)  # whatever was typed
            named = [name if isinstance(name, str) else brief(name) for name in names]
            raise InputError(
                "unknown_name",
                f"Values are needed for {', '.join(symbols) or 'no symbol'}, "
                f"not for {', '.join(named) or 'none'}.",
            )
        numbers = {symbols[name]: read_number(value, name) for name, value in values.items()}
        at = tuple(exact(z.xreplace(numbers)) for z in self.z)
        if self.model.activation == "linear":
            return at
        return tuple(value if sign(value) > 0 else sympy.Integer(0) for value in at)


def forward(model: ToyModel | object, x: object = None) -> Forward:
    """h = Wᵀx, z = Wh + b, x̂ = ReLU(z) (or z), worked step by step.

    Args:
        model: A model, or W alone (n × m), for zeros as b and ReLU.
        x: The input, of length n: a text such as "1 1/4 1/2" or "x1 0 x3", a list of numbers and
            symbol names, an array of exact numbers; None is x1 … xn. One value stands for all
            features. Symbols lie in [0, 1]; a number outside is worked with, and noted.

    Returns:
        h (m), z, the output x̂ and the difference x̂ − x (n each), with the steps that lead there.

    Raises:
        InputError: ``wrong_shape``, ``unknown_name``, or that of a number that could not be taken.

    Source: Elhage et al. 2022, "Demonstrating Superposition"; Sorensen 2024 works it by hand.

    Examples:
        >>> result = forward(ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2"), "1 1/4 1/2")
        >>> result.h, result.z, result.difference
        ((1, -1/4), (1, 1/4, 3/4), (0, 0, 1/4))
        >>> forward(ToyModel("1 0; 0 1; 0 -1")).output
        (x1, Max(0, x2 - x3), Max(0, -x2 + x3))
    """
    model = ToyModel.of(model)
    values = _input(model.n, x)
    symbols = sum(isinstance(value, sympy.Symbol) for value in values)
    terms = symbols * model.n  # every output has a term for every symbol
    if terms > _MOST_TERMS:
        raise InputError(
            "too_complicated",
            f"With {symbols} symbols, each of the {model.n} outputs has {symbols} terms, "
            f"{terms} in all; at most {_MOST_TERMS} are worked out. "
            'Give numbers in x, such as "1/2" for all features.',
        )
    result = Forward(model, values)
    _ = result._outputs  # numbers that no field can hold are refused here, not when they are shown
    return result


def _input(n: int, x: object) -> Vector:
    if x is None:
        return tuple(sympy.Symbol(f"x{i}") for i in range(1, n + 1))
    cells: Vector = parse_input(x) if isinstance(x, str) else read_vector(x, "x", read=_cell)
    cells = spread(cells, n, f"x has one value per feature, {n} as W has rows")
    names = {f"x{i}" for i in range(1, n + 1)}
    for cell in cells:
        if isinstance(cell, sympy.Symbol) and cell.name not in names:
            raise InputError("unknown_name", f"A symbol in x is one of x1 … x{n}, not {cell.name}.")
    return cells


def _cell(value: object) -> sympy.Expr:
    """A number or a symbol, or the name of one."""
    if isinstance(value, sympy.Symbol):
        return value
    if not isinstance(value, str):
        return read_number(value)
    cells = parse_input(value)
    if len(cells) != 1:
        raise InputError("wrong_shape", f'One value is asked for, not {len(cells)}: "{value:.40}".')
    return cells[0]


def _plain(forms: Sequence[Affine]) -> Vector:
    return tuple(form.to_sympy() for form in forms)
