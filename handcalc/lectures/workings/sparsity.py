"""What the lecture on sparsity works out: how many features are on, and what that costs."""

from __future__ import annotations

from math import comb

import sympy

import handcalc
from handcalc.inputs.arguments import exact, read_vector
from handcalc.lectures.showing import number, table
from handcalc.lectures.workings.comparing import of_name, read_sparsity
from handcalc.lectures.workings.interference import side_by_side
from handcalc.superposition.loss.distribution import SparseUniform

_SHOWN = 5  # rows of a table by the number of features that are on
CANDIDATES = {
    "orthogonal, feature 3 dropped": of_name("orthogonal", "relu"),
    "antipodal, without ReLU": of_name("antipodal"),
    "antipodal, with ReLU": of_name("relu"),
    "triangle, with ReLU": of_name("triangle"),
}


# -- one input -------------------------------------------------------------------------------------


def cut(name: str, x: object) -> str:
    """What an embedding puts out for an input, without ReLU and with it."""
    models = {"without ReLU": of_name(name, "linear"), "with ReLU": of_name(name, "relu")}
    return side_by_side(models, read_vector(x, "the input"))


def brings_back_single(model: handcalc.ToyModel) -> bool:
    """Whether every input with one active feature comes out exactly, whatever its value.

    >>> brings_back_single(of_name("triangle")), brings_back_single(of_name("interfering"))
    (True, False)
    """
    n = model.n
    alone = (
        [sympy.Symbol(f"x{j}") if i == j else 0 for j in range(1, n + 1)] for i in range(1, n + 1)
    )
    return not any(handcalc.forward(model, x).missed for x in alone)


# -- how many are on -------------------------------------------------------------------------------


def chance(n: int, k: int, S: sympy.Expr) -> sympy.Expr:
    """The probability that just k of n features are on, each off with probability S.

    >>> chance(3, 2, exact("4/5"))
    12/125
    """
    return exact(comb(n, k) * (1 - S) ** k * S ** (n - k))


def how_many(n: int, sparsity: object) -> str:
    """How often so many of n features are on."""
    S = read_sparsity(sparsity)
    chances = [chance(n, k, S) for k in range(min(n + 1, _SHOWN))]
    rows = [(str(k), each) for k, each in enumerate(chances)]
    if n >= _SHOWN:
        rest = exact(1 - sum(chances, sympy.Integer(0)))
        rows.append((f"{_SHOWN} or more", rest))
    crowded = exact(1 - chances[0] - chances[1])
    return (
        f"{table(('features on', 'how often'), rows)}\n\nAt least two at a time: {number(crowded)} "
        f"of all inputs. On average {number(exact(n * (1 - S)))} are on."
    )


# -- what it costs ---------------------------------------------------------------------------------


def candidate_losses(sparsity: object) -> dict[str, sympy.Expr]:
    """The exact loss of each candidate, by name."""
    S = SparseUniform(read_sparsity(sparsity))
    return {name: handcalc.expected_loss(model, S).value for name, model in CANDIDATES.items()}


def by_number_on(model: handcalc.ToyModel, S: sympy.Expr) -> str:
    """What a model loses with so many features on, how often that is, and what it adds."""
    loss, n = handcalc.expected_loss(model, S), model.n
    rows = []
    for k, summed in enumerate(loss.by_active or ()):
        often = chance(n, k, S)
        then = exact(summed / comb(n, k))
        rows.append((str(k), often, then, exact(often * then)))
    heads = ("features on", "how often", "lost then, on average", "which adds")
    return f"{table(heads, rows)}\n\nIn all $L$ is {number(loss.value)}."
