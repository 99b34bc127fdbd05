"""What matrices must have, put into a circuit: a record a kind of check.

Any matrices with the property pass. Where only the order of numbers decides, every positive
multiple of a right answer is right too: ``allows_multiples`` says so. ``circuit_tables`` makes them
of a table ``[check]``; ``checking.circuits`` and ``checking.circuit_numbers`` decide them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import sympy

from exercises.circuit_frame import CircuitFrame
from exercises.matrix_products import MatrixProduct
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.proving import SequenceClaim
from handcalc.circuits.sequence_claims import AttendsBack, OneFollower
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import sign

_SCORING = ("W_QK", "W_Q", "W_K")


@dataclass(frozen=True, slots=True)
class HeadCheck:
    """A check of one head of a circuit, by its layer and its number in it, from 1."""

    frame: CircuitFrame
    layer: int
    head: int


@dataclass(frozen=True, slots=True)
class Copies(HeadCheck):
    """Each row of W_E W_OV W_U has its only maximum on its own token, for these tokens."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attends(HeadCheck):
    """At every position with one ``back`` places before it, that score alone is the largest.

    It is so in all sentences of up to ``up_to`` tokens, behind the tokens in ``before``.
    """

    back: int
    up_to: int
    before: tuple[str, ...] = ()

    def claim(self, model: AttentionOnly) -> SequenceClaim:
        """That, of a model."""
        return AttendsBack(
            model, before=self.before, by=self.back, layer=self.layer, head=self.head
        )


@dataclass(frozen=True, slots=True)
class Induces:
    """Where one token alone followed the earlier copies of the last token, it is predicted.

    It is so in all sentences of up to ``up_to`` tokens, behind the tokens in ``before``.
    """

    frame: CircuitFrame
    up_to: int
    before: tuple[str, ...] = ()

    def claim(self, model: AttentionOnly) -> SequenceClaim:
        """That, of a model."""
        return OneFollower(model, before=self.before)


@dataclass(frozen=True, slots=True)
class Entry:
    """A number of a table, between two bounds: ``least`` and ``most``, None for no bound."""

    row: str
    column: str
    least: sympy.Expr | None
    most: sympy.Expr | None


@dataclass(frozen=True, slots=True)
class SourceTable:
    """Which effects are meant: those of ``source`` against ``rest``, with tokens in front."""

    source: str
    rest: str
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasEntries:
    """Entries of a table of the circuit keep within their bounds, or sentences go on as asked.

    ``of`` is "direct", W_E W_U; "qk" or "ov" of a head; "effects" of a source; or "predictions",
    which are sentences with the token whose logit alone is to be the largest behind them.
    """

    frame: CircuitFrame
    of: Literal["direct", "qk", "ov", "effects", "predictions"]
    at: tuple[int, int]
    source: SourceTable | None
    entries: tuple[Entry, ...]
    predictions: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class HasRank:
    """The rank of a product is at least ``least`` and at most ``most``."""

    product: MatrixProduct
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class CopyingScore(HeadCheck):
    """The copying score Σλ/Σ|λ| of W_E W_OV W_U is at least ``least``.

    With ``never_on_top``, no row has its own token among its largest entries.
    """

    least: sympy.Expr
    never_on_top: bool


@dataclass(frozen=True, slots=True)
class Deletes:
    """d + d M = 0: of x + x M nothing hangs on how much of the direction d was written into x.

    With ``keeps_rest``, all that is at a right angle to d is left as it is, u M = 0.
    """

    product: MatrixProduct
    direction: Vector
    keeps_rest: bool

    @property
    def rest(self) -> tuple[Vector, ...]:
        """A basis of what is at a right angle to d."""
        d = self.direction
        p = next(i for i, number in enumerate(d) if sign(number))
        turned = {j: -d[j] for j in range(len(d)) if j != p}
        return tuple(
            tuple(move if i == p else d[p] if i == j else sympy.Integer(0) for i in range(len(d)))
            for j, move in turned.items()
        )


CircuitCheck: TypeAlias = Copies | Attends | Induces | HasEntries | HasRank | CopyingScore | Deletes


def frame_in(check: CircuitCheck) -> CircuitFrame | None:
    """The model that a check puts the answer into; None where it looks at matrices alone."""
    return check.product.frame if isinstance(check, HasRank | Deletes) else check.frame


def allows_multiples(check: CircuitCheck) -> bool:
    """Whether each matrix may be multiplied by a positive number, and the answer stays right."""
    frame = frame_in(check)
    if frame is not None and not frame.is_multiplied_by_answer:
        return False
    if isinstance(check, Copies | CopyingScore | HasRank):
        return True
    if not isinstance(check, Attends | Induces):
        return False
    if any(part not in _SCORING for parts in check.frame.places.values() for part in parts):
        return False
    if dict(check.frame.options).get("softmax") == "hard":
        return True
    # larger scores sharpen a soft pattern, and later layers read what it brought
    return isinstance(check, Attends) and check.layer == check.frame.first_layer
