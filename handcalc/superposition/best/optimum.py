"""The best embedding: searched for in floating point, polished and named in exact arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError, require
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector, read_whole
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.canonical_form import (
    ordered,
    recognised,
    reflectable_sets,
    upright,
)
from handcalc.superposition.closed_forms import ClosedForm, closed_form
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.loss.problem import Problem, check_effort, lossless
from handcalc.superposition.model.families import Family, family
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

if TYPE_CHECKING:
    from handcalc.superposition.best.minima import Found, Minimum


MIN_DIGITS, MAX_DIGITS = 30, 60

_SMALL = 4  # the best of so few features is found before numba is loaded

_TURNED = (
    "Features that are always on may have their arrows turned round, with biases to match, at the "
    "same loss."
)


@dataclass(frozen=True, slots=True, repr=False)
class Optimum(Displayed, Exported, Tabular):
    """The best embedding found for a problem, its loss, its family, and how it was found.

    ``model`` has fractions for entries, near to the minimum to ``digits`` digits; ``loss`` is exact
    at these entries, and ``slope`` the largest |∂L/∂entry| there. ``agreed`` of
    ``restarts`` random restarts reached the best loss; ``minima`` holds all that were reached,
    ascending in loss, in floating point, and ``families`` their families. ``closed_form`` is the
    exact optimum within the family, or None where none is known. ``sentence`` says how sure this
    is: a best found is not a best proved, unless there were no restarts at all.
    """

    problem: Problem
    model: ToyModel
    loss: sympy.Expr
    family: Family
    restarts: int
    agreed: int
    minima: tuple[Minimum, ...]
    families: tuple[Family, ...]
    slope: float
    digits: int
    closed_form: ClosedForm | None
    sentence: str

    def __repr__(self) -> str:
        found = f"{self.agreed} of {self.restarts} restarts agreed"
        return f"<Optimum: {self.family.name}, loss {to_float(self.loss):.10g}, {found}>"

    def arrays(self) -> dict[str, Matrix | Vector | sympy.Expr]:
        """W, b and the loss, exact as in ``model`` and ``loss``."""
        return {"W": self.model.W, "b": self.model.b, "loss": self.loss}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each minimum that was reached, the best first."""
        return {
            "minimum": range(1, len(self.minima) + 1),
            "loss": [minimum.loss for minimum in self.minima],
            "family": [named.name for named in self.families],
            "restarts": [minimum.hits for minimum in self.minima],
            "slope": [minimum.slope for minimum in self.minima],
        }


def optimum(  # noqa: PLR0913 - each is a part of the question, named when asked for
    features: int = 3,
    hidden: int = 2,
    sparsity: Distribution | object = None,
    importance: object = None,
    *,
    distribution: Distribution | object = None,
    restarts: int | None = None,
    seed: int = 0,
    digits: int = 30,
    on_progress: Callable[[int, int], None] | None = None,
) -> Optimum:
    """The W and b with the least expected loss that a search from many starts finds.

    Args:
        features: n, from 1 to 10.
        hidden: m, at least 1.
        sparsity: S in [0, 1], one for all or one each; or a distribution in its place.
        importance: Iᵢ ≥ 0, one for all or one each; None is 1.
        distribution: The distribution, where no sparsity is given.
        restarts: How many random starts; None is as many as it takes for several to agree.
        seed: Which random starts.
        digits: To how many digits W and b are worked out, 30 to 60.
        on_progress: Hears (done, total) of the descents.

    Returns:
        The best found, polished and named; no proof that nothing is lower.

    Raises:
        InputError: Those of ``Problem.of``, ``digits``, ``restarts``, ``seed``; ``missing_extra``
            without numpy.

    Source: derived here. The question is Elhage et al.'s 2022, "Demonstrating Superposition".

    Examples:
        >>> best = optimum(3, 2, "1/2")
        >>> best.family.sentence
        'Features 2 and 3 are an antipodal pair; feature 1 has a dimension of its own.'
        >>> abs(best.loss - sympy.Rational("0.0762824470")) < 1e-10, best.slope < 1e-30
        (True, True)
    """
    problem = Problem.of(features, hidden, sparsity, importance, distribution=distribution)
    restarts, seed = check_effort(restarts, seed)
    digits = _digits(digits)
    without_loss = lossless(problem)
    if without_loss is not None:
        return _certain(problem, without_loss, digits)
    require("optimum", "numpy", "array_api_compat")
    from handcalc.superposition.best.multistart import search
    from handcalc.superposition.best.polish import polished
    from handcalc.superposition.numeric import expected_losses_and_gradients, portable

    compiled = takes_compiled_loops(problem, restarts)
    twin = expected_losses_and_gradients if compiled else portable.losses_and_gradients
    found = _turn_round(search([problem], restarts, seed, on_progress, twin)[0], problem)
    best = found.minima[0]
    lengths = [hypot(*row) for row in best.W]
    order = ordered(family(best.W), problem, lengths)
    result = polished([best.W[i] for i in order], [best.b[i] for i in order], problem, digits)
    model = ToyModel(upright(result.model.W), result.model.b)
    rows = [[to_float(cell) for cell in row] for row in model.W]
    families = tuple(family(W) for W in (rows, *(minimum.W for minimum in found.minima[1:])))
    return Optimum(
        problem=problem,
        model=model,
        loss=result.loss,
        family=families[0],
        restarts=found.restarts,
        agreed=found.agreed,
        minima=found.minima,
        families=families,
        slope=result.slope,
        digits=digits,
        closed_form=closed_form(result.family, problem, model),
        sentence=_sentence(found, problem),
    )


def takes_compiled_loops(problem: Problem, restarts: int | None) -> bool:
    """Whether ``optimum`` searches, and for so long that it has loops compiled.

    >>> problem = Problem.of(3, 2, "1/2")
    >>> takes_compiled_loops(problem, None), takes_compiled_loops(problem, 100)
    (False, True)
    """
    quick = restarts is None and problem.features <= _SMALL
    return not quick and lossless(problem) is None


def _certain(problem: Problem, model: ToyModel, digits: int) -> Optimum:
    """The answer where a model loses nothing."""
    named = family(model)
    kinds = {part.kind for part in named.parts}
    reason = "no feature that matters is ever active"
    if "dedicated" in kinds:
        reason = "each feature that matters has a dimension of its own"
    if "pair" in kinds:
        reason = "features that share a dimension are never active together"
    return Optimum(
        problem=problem,
        model=model,
        loss=sympy.Integer(0),
        family=named,
        restarts=0,
        agreed=0,
        minima=(),
        families=(),
        slope=0.0,
        digits=digits,
        closed_form=None,
        sentence=f"Best for certain, without a search: nothing is lost, as {reason}.",
    )


def _turn_round(found: Found, problem: Problem) -> Found:
    """What was found, with arrows turned round where that gives all parts a name.

    Where arrows may be turned, minima of one loss are taken for the same, turned.
    """
    from handcalc.superposition.best.minima import same_loss

    unit = problem.loss_of_dropping
    kept: list[Minimum] = []
    for minimum in found.minima:
        choices = list(reflectable_sets(minimum.W, problem))
        if len(choices) > 1 and kept and same_loss(kept[-1].loss, minimum.loss, unit):
            kept[-1] = replace(kept[-1], hits=kept[-1].hits + minimum.hits)
        else:
            named = recognised(minimum.W, minimum.b, problem)
            kept.append(replace(minimum, W=named.W, b=named.b))
    return replace(found, minima=tuple(kept))


def _sentence(found: Found, problem: Problem) -> str:
    """How sure the result is, and whether others are as good."""
    best = found.minima[0]
    said = [f"Best found: {found.agreed} of {found.restarts} restarts ended here; not a proof."]
    if found.agreed == 0:
        how = "by exchanging features of a minimum that restarts had found"
        said = [f"Best found, {how}: none of {found.restarts} ended here by itself; not a proof."]
    if len(list(reflectable_sets(best.W, problem))) > 1:
        said.append(_TURNED)
    return " ".join(said)


def _digits(given: object) -> int:
    digits = read_whole(given, "number of digits", "digits")
    if not MIN_DIGITS <= digits <= MAX_DIGITS:
        raise InputError(
            "digits",
            f"The best embedding is worked out to {MIN_DIGITS} to {MAX_DIGITS} digits, "
            f"not {brief(digits)}.",
        )
    return digits
