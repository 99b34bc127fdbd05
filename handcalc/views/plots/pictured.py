"""What ``handcalc.plot`` draws of a value: models in floats, losses, a phase map, grids, passes.

Each kind of result has what suits it, and refuses the rest. Other packages register theirs with
``display``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING, Any, NoReturn

from handcalc.display import Displayed, pictured_of
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import OneActive
from handcalc.superposition.loss.expected_loss import ExpectedLoss, loss_by_active
from handcalc.superposition.loss.gradient import LossGradient
from handcalc.superposition.model.embeddings import Embedding
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.geometry import Geometry
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.regimes import Regime, Rows
from handcalc.views import picture
from handcalc.views.notation import UNICODE
from handcalc.views.plots.loss_curves import LossCurve, TrainingLosses
from handcalc.views.plots.style import Theme
from handcalc.views.plots.value_map import ValueMap
from handcalc.wording import brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.phases.diagram import PhaseDiagram
    from handcalc.superposition.phases.phase_map import PhaseMap


@dataclass(frozen=True, slots=True)
class DrawnModel:
    """A model in floats, W (n, m), and what is known of it.

    ``name`` tells it from others, and ``words`` say what its arrows are. Features are paler the
    less their ``importance``; () is 1 for all. ``best`` is the exact best known, turned to fit.
    ``exact`` has exact numbers, if any; ``sparsity`` is the S that it was made for.
    """

    W: Rows
    b: Sequence[float]
    name: str
    words: str
    importance: Sequence[float] = ()
    best: Rows | None = None
    exact: ToyModel | None = None
    sparsity: float | None = None

    @property
    def lengths(self) -> list[float]:
        """‖Wᵢ‖ of each feature."""
        return [hypot(*row) for row in self.W]


@dataclass(frozen=True, slots=True)
class DrawnGrid:
    """A grid of what becomes of the last feature: its title, the same in words, and how to draw."""

    name: str
    words: str
    draw: Callable[[Axes, Theme, Mapping[Regime, str]], object]
    features: int


@dataclass(frozen=True, slots=True)
class DrawnPass:
    """A forward pass, and its name in a table."""

    shown: Forward
    name: str = ""


class Pictured:
    """What can be drawn of a value: a kind of result overrides what it has."""

    what: str = "value"
    is_trained = False
    has_sparsity = False  # it is made for an S, or each of its models is

    def models(self, *, best: bool | None) -> Sequence[DrawnModel]:
        """Models with arrows; with ``best`` the exact best known beside them, if there is one."""
        del best
        self._refuse("arrows", "plot.arrows(handcalc.ToyModel(W))")

    def curves(self) -> Sequence[LossCurve]:
        """Losses along S."""
        self._refuse("loss along S", "plot.losses(handcalc.ToyModel(W))")

    def descents(self) -> Sequence[TrainingLosses]:
        """Losses on the way of training."""
        self._refuse("loss on the way of training", 'plot.losses(torchsim.train("by-hand"))')

    def phase_map(self) -> PhaseMap:
        """What is best along S."""
        self._refuse("phases along S", "plot.phases(handcalc.phase_map(3, 2))")

    def grids(self, show: object) -> Sequence[DrawnGrid]:
        """What becomes of the last feature, by importance and density."""
        del show
        self._refuse("phase diagram", "plot.diagram(handcalc.phase_diagram(2, 1))")

    def maps(self, x: object, y: object, value: object) -> Sequence[ValueMap]:
        """A value along the settings of a sweep."""
        del x, y, value
        self._refuse("heat map", "plot.heatmap(torchsim.sweep(grid))")

    def passes(self, x: object) -> Sequence[DrawnPass]:
        """Forward passes."""
        del x
        self._refuse("forward pass", 'plot.forward(handcalc.ToyModel(W), "1 0 1/2")')

    def _refuse(self, asked: str, instead: str) -> NoReturn:
        raise InputError(
            "picture", f"{_one(self.what)} has no {asked} to draw.", suggestion=instead
        )


def _one(what: str) -> str:
    return f"{'An' if what[0] in 'AEIOU' else 'A'} {what}"


class OneModel(Pictured):
    """A model, or a result of one."""

    def __init__(self, model: ToyModel, name: str = "", what: str = "ToyModel") -> None:
        self.model, self.name, self.what = model, name, what

    def models(self, *, best: bool | None) -> Sequence[DrawnModel]:
        """The model."""
        if best:
            raise InputError(
                "ignored",
                f"best= lays the exact best known on what was trained; no {self.what} was.",
            )
        return [self._drawn(UNICODE.claim(picture.in_words(self.model)))]

    def _drawn(self, words: str, importance: Sequence[Any] = ()) -> DrawnModel:
        W = [[to_float(cell) for cell in row] for row in self.model.W]
        b = [to_float(cell) for cell in self.model.b]
        weights = [to_float(weight) for weight in importance]
        return DrawnModel(W, b, self.name, words, weights, exact=self.model)

    def curves(self) -> Sequence[LossCurve]:
        """L(S), of independent features of importance 1. Errors: ``too_complicated``."""
        return [LossCurve(self.name, tuple(map(to_float, loss_by_active(self.model))))]

    def passes(self, x: object) -> Sequence[DrawnPass]:
        """The pass of an x, of symbols where there is none."""
        return [DrawnPass(forward(self.model, x))]


class OneLoss(OneModel):
    """An expected loss."""

    def __init__(self, shown: ExpectedLoss) -> None:
        super().__init__(shown.model, what="ExpectedLoss")
        self.shown = shown

    def models(self, *, best: bool | None) -> Sequence[DrawnModel]:
        """Its model, features paler by importance."""
        (plain,) = super().models(best=best)
        return [self._drawn(plain.words, self.shown.importance)]

    def curves(self) -> Sequence[LossCurve]:
        """L(S) for its inputs and importances, with its own S marked. Errors: ``no_curve``."""
        shown = self.shown
        if shown.by_active is None or isinstance(shown.distribution, OneActive):
            raise InputError(
                "no_curve",
                f"There is no loss along S here: {shown.distribution.sentence()}",
                suggestion="plot.losses(handcalc.expected_loss(model))",
            )
        S = shown.distribution.blocks(shown.model.n)[0].sparsity
        known = S is not None and not shown.value.free_symbols
        marked = ((to_float(S), to_float(shown.value)),) if known and S is not None else ()
        return [LossCurve(self.name, tuple(map(to_float, shown.by_active)), marked)]


class OneEmbedding(OneModel):
    """A named embedding, with its example where no x is given."""

    def __init__(self, shown: Embedding) -> None:
        super().__init__(shown.model, shown.name, "Embedding")
        self.example = shown.example

    def passes(self, x: object) -> Sequence[DrawnPass]:
        """The pass of its example, or of another x."""
        return [DrawnPass(forward(self.model, self.example if x is None else x))]


class OnePass(OneModel):
    """A forward pass."""

    def __init__(self, shown: Forward) -> None:
        super().__init__(shown.model, what="Forward")
        self.shown = shown

    def passes(self, x: object) -> Sequence[DrawnPass]:
        """The pass itself."""
        if x is not None:
            raise InputError(
                "ignored", "x= is for a model: a forward pass has its own x.",
                suggestion="plot.forward(passed.model, x)",
            )  # fmt: skip
        return [DrawnPass(self.shown)]


class OneBest(OneModel):
    """The best embedding found for a problem."""

    has_sparsity = True

    def __init__(self, shown: Optimum) -> None:
        super().__init__(shown.model, shown.family.name, "Optimum")
        self.shown = shown
        sparsities = set(shown.problem.sparsities)
        self.sparsity = to_float(sparsities.pop()) if len(sparsities) == 1 else None

    @property
    def _name(self) -> str:
        return self.name if self.sparsity is None else f"{self.name}, S = {self.sparsity:.3g}"

    def models(self, *, best: bool | None) -> Sequence[DrawnModel]:
        """Its model, features paler by importance."""
        super().models(best=best)
        drawn = self._drawn(self.shown.family.sentence, self.shown.problem.importance)
        lengths = ", ".join(f"{length:.3g}" for length in drawn.lengths)
        words = f"{drawn.words} The arrows are {lengths} long."
        return [replace(drawn, name=self._name, words=words, exact=None, sparsity=self.sparsity)]

    def curves(self) -> Sequence[LossCurve]:
        """L(S) of its model for the importances of its problem, with its own S marked."""
        # a curve needs fewer digits than the 30 and more of the model's numbers, which take long
        W, b = ([[*map(to_float, row)] for row in rows] for rows in (self.model.W, [self.model.b]))
        near = ToyModel.from_floats(W, b[0], 10**9)
        numbers = loss_by_active(near, self.shown.problem.importance)
        curve = LossCurve(self._name, tuple(map(to_float, numbers)))
        if self.sparsity is None:
            return [curve]
        marked = ((self.sparsity, to_float(self.shown.loss)),)
        return [LossCurve(curve.name, curve.by_active, marked)]


class AlongSparsity(Pictured):
    """A phase map."""

    what = "PhaseMap"

    def __init__(self, shown: PhaseMap) -> None:
        self.shown = shown

    def models(self, *, best: bool | None) -> Sequence[DrawnModel]:
        """The best in the middle of each stretch."""
        if best:
            raise InputError("ignored", "best= makes no difference: a PhaseMap is of the best.")
        found = []
        for stretch in self.shown.stretches:
            spot = stretch.spots[len(stretch.spots) // 2]
            S, label = float(spot.sparsity), self.shown.label(stretch.shape)
            words = f"At S = {S:.3g}: {stretch.shape.family.sentence}"
            importance = [to_float(weight) for weight in self.shown.importance]
            minimum = spot.minimum
            found.append(
                DrawnModel(
                    minimum.W, minimum.b, f"{label}, S = {S:.3g}", words, importance, sparsity=S
                )
            )
        return found

    def phase_map(self) -> PhaseMap:
        """The map."""
        return self.shown


class ByImportance(Pictured):
    """A phase diagram."""

    what = "PhaseDiagram"

    def __init__(self, shown: PhaseDiagram) -> None:
        self.shown = shown

    def grids(self, show: object) -> Sequence[DrawnGrid]:
        """True minima, the textbook's candidates, or what the former save."""
        from handcalc.views.plots import diagram
        from handcalc.views.text.diagram import sentences

        chosen = choice("show", show or "best", diagram.SHOWS)
        if chosen != "best" and self.shown.textbook is None:
            n, m = self.shown.features, self.shown.hidden
            raise InputError(
                "no_textbook", f"The textbook has no candidates for {n} features in {m} dimensions."
            )
        return [
            DrawnGrid(
                diagram.TITLES[chosen],
                " ".join(sentences(self.shown)),
                lambda axes, theme, names: diagram.draw_part(
                    axes, self.shown, chosen, theme, names
                ),
                self.shown.features,
            )
        ]


def choice(option: str, given: object, known: Sequence[Any]) -> Any:
    """One of the known words. Errors: the option's name."""
    if given in known:
        return given
    words = " or ".join(f'"{word}"' for word in known)
    raise InputError(
        option, f"{option}= is {words}, not {brief(given)}.", suggestion=f'{option}="{known[0]}"'
    )


def pictured(shown: object) -> Pictured:
    """What can be drawn of one value: a model, W alone, or a result.

    Errors: those of ``ToyModel``.
    """
    if isinstance(shown, Pictured):
        return shown
    if isinstance(shown, Displayed):
        found = pictured_of(shown)
        if isinstance(found, Pictured):
            return found
        if not isinstance(shown, ToyModel | Geometry | LossGradient):
            raise InputError(
                "picture",
                f"handcalc.plot draws models and results of models, and no {type(shown).__name__}.",
                suggestion="it.plot()" if hasattr(shown, "plot") else None,
            )
    what = type(shown).__name__ if hasattr(shown, "model") else "ToyModel"
    return OneModel(ToyModel.of(shown), what=what)


def several(shown: object) -> list[tuple[str, object]] | None:
    """The values of a list or a table by name, each with its name or ""; None where it is one."""
    if isinstance(shown, Mapping):
        if not shown:
            raise InputError("empty", "There is nothing to draw: the table has no models.")
        return [(str(name), each) for name, each in shown.items()]
    if isinstance(shown, list | tuple) and shown and all(map(_is_whole, shown)):
        return [("", each) for each in shown]
    return None


def _is_whole(each: object) -> bool:
    """Whether an entry of a list is a model by itself, and no row of W."""
    if isinstance(each, str | Displayed | Pictured) or hasattr(each, "model"):
        return True
    return isinstance(each, list | tuple) and all(isinstance(row, list | tuple) for row in each)
