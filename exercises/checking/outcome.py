"""What a check finds: outcomes with their witnesses, the work behind them, and what to say."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from handcalc.derivation import Claim

if TYPE_CHECKING:
    from handcalc.inputs.arguments import Vector
    from handcalc.superposition.loss.expected_loss import ExpectedLoss
    from handcalc.superposition.model.forward_pass import Forward


@dataclass(frozen=True, slots=True)
class Witness:
    """An input on which a model fails: x, the output x̂ and the difference x̂ − x, exact."""

    x: Vector
    output: Vector
    difference: Vector

    @classmethod
    def of(cls, work: Forward) -> Witness:
        """What a forward pass shows."""
        return cls(work.x, work.output, work.difference)


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What one part of a check found: passed, failed, or ``None`` where nothing was decided."""

    id: str
    passed: bool | None
    message: Claim
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What happened and, apart from it, the one thing to try; ``diagnosis`` names the mistake.

    ``advice`` is None where a check has none to give: one that fits the exercise stands there then.
    """

    happened: Claim
    advice: Claim | None = None
    diagnosis: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """All that a check finds about an answer.

    ``work`` is the forward pass of the input that decides (the one asked for, or the witness),
    ``loss`` the exact loss where that decides. ``feedback`` is what there is to say where no known
    mistake is recognised.
    """

    outcomes: tuple[CheckOutcome, ...]
    feedback: Feedback
    work: Forward | None = None
    loss: ExpectedLoss | None = None

    @property
    def score(self) -> Fraction:
        """The share of the outcomes that passed."""
        passed = sum(outcome.passed is True for outcome in self.outcomes)
        return Fraction(passed, len(self.outcomes))
