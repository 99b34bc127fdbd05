"""What a network makes of one input: read, ReLU, read out, ReLU, compare, told step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy

from handcalc.derivation import (
    Derivation,
    Difference,
    Expression,
    Line,
    Name,
    Number,
    Product,
    Relu,
    Step,
    Sum,
    Transposed,
)
from handcalc.display import Displayed, abridged
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Vector, read_vector, spread
from handcalc.networks.relu_network import (
    NetworkWeights,
    ReluNetwork,
    Task,
    read_task,
    relu,
)
from handcalc.numbers.exact import elements, in_unit_interval, listed_text, to_text
from handcalc.numbers.linear_algebra import dot

_DOMAINS = {"identity": "[0, 1]", "absolute": "[-1, 1]"}


@dataclass(frozen=True, slots=True, repr=False)
class NetworkPass(Displayed, Tabular, Exported):
    """One input x (n): u = W_inᵀx and h = ReLU(u) (m), z = W_out h + b and ŷ = ReLU(z) (n).

    ``target`` is y, x itself or |x|, and ``difference`` ŷ − y.
    """

    network: ReluNetwork
    task: Task
    x: Vector
    u: Vector
    h: Vector
    z: Vector
    output: Vector
    target: Vector
    difference: Vector

    def __repr__(self) -> str:
        x, output, target = map(listed_text, (self.x, self.output, self.target))
        return abridged(f"NetworkPass(x={x}, output={output}, target={target})")

    def arrays(self) -> dict[str, Vector]:
        """x, h, the output, the target and the difference, exact."""
        names = ("x", "h", "output", "target", "difference")
        return {name: getattr(self, name) for name in names}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a feature."""
        names = ("x", "output", "target", "difference")
        features = range(1, self.network.n + 1)
        return {"feature": features, **{name: getattr(self, name) for name in names}}

    @property
    def derivation(self) -> Derivation:
        """The five steps, and what is unusual about the input."""
        notes = tuple(
            f"x{i} = {to_text(value)} lies outside {_DOMAINS[self.task]}, where features live at "
            "this task; it is worked all the same."
            for i, (value, y) in enumerate(zip(self.x, self.target, strict=True), 1)
            if not in_unit_interval(y)
        )
        steps = (_read(self), _neurons(self), _read_out(self), _activate(self), _compare(self))
        return Derivation(steps, notes)


def network_pass(network: ReluNetwork, task: Task, x: object) -> NetworkPass:
    """h = ReLU(W_inᵀx), ŷ = ReLU(W_out h + b), beside y, worked step by step.

    Args:
        network: The network.
        task: "identity", with y = x, or "absolute", with y the absolute values.
        x: The input, n numbers, or one for all. One outside [0, 1], or [−1, 1] at "absolute", is
            worked with, and noted.

    Returns:
        h, ŷ, y and ŷ − y, with the steps that lead there.

    Raises:
        InputError: ``task``, ``wrong_shape``, or that of a number that could not be taken.

    Source: Elhage et al. 2022, "Computation in Superposition".

    Examples:
        >>> found = network_pass(ReluNetwork("1 -1", "1 1"), "absolute", "-1/2")
        >>> found.h, found.output, found.difference
        ((0, 1/2), (1/2,), (0,))
    """
    task, n = read_task(task), network.n
    values = spread(read_vector(x, "x"), n, f"x has one number for each feature, {n}")
    _, numbers = elements(*network.numbers(), *values)
    weights, inputs = NetworkWeights.of(network, numbers), numbers[-n:]
    u = [dot(column, inputs) for column in zip(*weights.W_in, strict=True)]
    h = [relu(value) for value in u]
    z = [weights.before(i, h) for i in range(n)]
    output = [relu(value) for value in z]
    target = [-value if task == "absolute" and value.sign() < 0 else value for value in inputs]
    difference = [a - b for a, b in zip(output, target, strict=True)]
    shown = (tuple(v.to_sympy() for v in each) for each in (u, h, z, output, target, difference))
    return NetworkPass(network, task, values, *shown)


# -- the steps -------------------------------------------------------------------------------------


def _read(shown: NetworkPass) -> Step:
    columns = zip(*shown.network.W_in, strict=True)
    lines = tuple(
        _line("u", k, _products(zip(column, shown.x, strict=True)), value)
        for k, (column, value) in enumerate(zip(columns, shown.u, strict=True), 1)
    )
    told = "Neuron k takes column k of W_in: what each feature does to it."
    formula = Product((Transposed(Name("W_in")), Name("x")))
    return Step("Read", told, Name("u"), formula, lines)


def _neurons(shown: NetworkPass) -> Step:
    told = "A neuron is on where its input is positive, else 0."
    return _clipped(("Neurons", told), ("h", "u"), (shown.h, shown.u))


def _read_out(shown: NetworkPass) -> Step:
    lines = tuple(
        _line("z", i, _with_bias(_products(zip(row, shown.h, strict=True)), b), value)
        for i, (row, b, value) in enumerate(
            zip(shown.network.W_out, shown.network.b, shown.z, strict=True), 1
        )
    )
    told = "Output i takes row i of W_out, and its bias."
    formula = Sum((Product((Name("W_out"), Relu(Name("u")))), Name("b")))
    return Step("Read out", told, Name("z"), formula, lines)


def _activate(shown: NetworkPass) -> Step:
    told = "The outputs have a ReLU, too."
    return _clipped(("Activate", told), ("y", "z"), (shown.output, shown.z))


def _compare(shown: NetworkPass) -> Step:
    lines = tuple(
        Line(
            Difference(_output(i), Name("y", (i,))),
            Difference(_output(i), Name("y", (i,))),
            Difference(Number(output), Number(target)),
            Number(difference),
        )
        for i, (output, target, difference) in enumerate(
            zip(shown.output, shown.target, shown.difference, strict=True), 1
        )
    )
    asked = "|x|" if shown.task == "absolute" else "x"
    told = f"What comes out minus what is asked for, y = {asked}."
    formula = Difference(Name("y", hat=True), Name("y"))
    return Step("Compare", told, formula, formula, lines)


def _clipped(
    said: tuple[str, str], letters: tuple[str, str], values: tuple[Vector, Vector]
) -> Step:
    """ReLU of each component; letters and values are those after it, and before it."""
    after, before = letters
    named = _output if after == "y" else lambda k: Name(after, (k,))
    lines = tuple(
        Line(named(k), Relu(Name(before, (k,))), Relu(Number(given)), Number(value))
        for k, (value, given) in enumerate(zip(*values, strict=True), 1)
    )
    return Step(*said, Name(after, hat=after == "y"), Relu(Name(before)), lines)


def _output(i: int) -> Name:
    return Name("y", (i,), hat=True)


def _line(letter: str, k: int, substituted: Expression, value: sympy.Expr) -> Line:
    name = Name(letter, (k,))
    return Line(name, name, substituted, Number(value))


def _products(pairs: Iterable[tuple[sympy.Expr, sympy.Expr]]) -> Expression:
    """Σ wⱼxⱼ without the terms whose weight is 0."""
    terms = tuple(Product((Number(w), Number(x))) for w, x in pairs if w != 0)
    if not terms:
        return Number(sympy.Integer(0))
    return terms[0] if len(terms) == 1 else Sum(terms)


def _with_bias(products: Expression, b: sympy.Expr) -> Expression:
    if b == 0:
        return products
    terms = products.terms if isinstance(products, Sum) else (products,)
    return Sum((*terms, Number(b)))
