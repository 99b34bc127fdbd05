"""Numbers of a circuit with an answer in it: entries, ranks, copying scores, what is left."""

from __future__ import annotations

import sympy

from exercises.checking.circuits import after, ordered, telling, told, witness_of
from exercises.checking.outcome import (
    CheckOutcome,
    CircuitWitness,
    Decision,
    filled,
    vector,
)
from exercises.circuit_checks import CopyingScore, Deletes, Entry, HasEntries, HasRank
from exercises.matrices import NamedMatrices
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.copying import Copying, copying
from handcalc.circuits.exponential_sum import ExponentialSum, shown
from handcalc.circuits.head import multiplied
from handcalc.circuits.positions import Number, Position, next_position
from handcalc.circuits.tables import bigram_table, effects_at, ov_circuit, ov_rows, qk_circuit
from handcalc.derivation import Claim
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import elements, sign
from handcalc.numbers.linear_algebra import rank
from handcalc.wording import joined


def has_entries(check: HasEntries, answer: NamedMatrices) -> Decision:
    """One outcome an entry or a sentence. Errors: ``InputError`` with code ``undecided``."""
    model = check.frame.model(answer)
    numbers = _numbers(check, model) if check.entries else ()
    outcomes = [
        _bounded(f"entry-{i}", check, entry, number)
        for i, (entry, number) in enumerate(zip(check.entries, numbers, strict=True), 1)
    ]
    for i, (tokens, wanted) in enumerate(check.predictions, 1):
        places: list[Position] = []
        for token in model.read_tokens(tokens):
            places.append(next_position(model, places, token))
        found = after(model, places[-1], tokens, wanted)
        lead = f"After {' '.join(tokens)} the logits are"
        outcomes.append(ordered(f"sentence-{i}", found, lead))
    return told(outcomes, Claim("All of it is as it was asked for, exactly."))


def _numbers(check: HasEntries, model: AttentionOnly) -> list[Number]:
    """The number of each entry."""
    cells = [(entry.row, entry.column) for entry in check.entries]
    if check.source is not None:
        pair = model.read_tokens([check.source.source, check.source.rest])
        front = model.read_tokens(check.source.before) if check.source.before else ()
        # without their rank, which is not asked for and may be undecided
        moved = {
            row: effects_at(model, model.read_tokens([row])[0], (pair[0], pair[1]), front)
            for row, _ in cells
        }
        return [shown(moved[row][model.read_tokens([column])[0]]) for row, column in cells]
    if check.of == "direct":
        table = bigram_table(model)
    else:
        table = (qk_circuit if check.of == "qk" else ov_circuit)(model, *check.at)
    return [table.cell(row, column) for row, column in cells]


def _bounded(name: str, check: HasEntries, entry: Entry, number: Number) -> CheckOutcome:
    """Whether a number keeps within its bounds."""
    what = {
        "direct": f"W_E W_U from {entry.row} to {entry.column}",
        "qk": f"The score of {entry.row} for {entry.column}",
        "ov": f"What {entry.row} adds to {entry.column}",
        "effects": f"The effect on {entry.column} after {entry.row}",
    }[check.of]
    wanted: tuple[str, sympy.Expr] | None = None
    if entry.least is not None and _sign(number, entry.least) < 0:
        wanted = ("at least", entry.least)
    if entry.most is not None and _sign(number, entry.most) > 0:
        wanted = ("at most", entry.most)
    if wanted is None:
        return CheckOutcome(name, True, filled("{} is {}.", what, number))
    how = "just" if entry.least == entry.most else wanted[0]
    said = filled("{} is {}, and {} {} is asked for.", what, number, how, wanted[1])
    return CheckOutcome(name, False, said)


def _sign(number: Number, bound: sympy.Expr) -> int:
    """The sign of number − bound."""
    gap = number - bound
    return gap.sign() if isinstance(gap, ExponentialSum) else sign(gap)


def has_rank(check: HasRank, answer: NamedMatrices) -> Decision:
    """Whether the rank of the product keeps within its bounds."""
    found = _rank(check.product.of(answer))
    said, is_right = f"{check.product.name} has rank {found}", True
    if found < check.least:
        said, is_right = f"{said}, and at least {check.least} is asked for", False
    elif check.most is not None and found > check.most:
        said, is_right = f"{said}, and at most {check.most} is asked for", False
    outcome = CheckOutcome("rank", is_right, Claim(f"{said}."))
    return told([outcome], outcome.message)


def _rank(rows: Matrix) -> int:
    _, cells = elements(*(cell for row in rows for cell in row))
    width = len(rows[0])
    return rank([cells[i : i + width] for i in range(0, len(cells), width)])


# --------------------------------------------------------------------------------------------------
# The copying score.


def copying_score(check: CopyingScore, answer: NamedMatrices) -> Decision:
    """The score, and each row of W_E W_OV W_U where its own token is to be outdone.

    Errors: ``InputError`` with code ``undecided`` for a score that no square roots write.
    """
    model = check.frame.model(answer)
    outcomes = [_scored(check, copying(model, check.layer, check.head))]
    if check.never_on_top:
        rows = ov_rows(model, check.layer, check.head)
        for token, values in zip(model.vocabulary, rows, strict=True):
            found = witness_of(("row", (token,)), model.vocabulary, values, token)
            outcomes.append(_outdone(found, token))
    return told(outcomes, outcomes[0].message)


def _scored(check: CopyingScore, found: Copying) -> CheckOutcome:
    least = check.least
    roots = _roots(found)
    if found.score_float is None:
        none = Claim("All eigenvalues of W_E W_OV W_U are 0, and so it has no copying score.")
        return CheckOutcome("score", False, none)
    if found.score is None and least != 1:
        raise InputError(
            "undecided",
            "The copying score of these numbers cannot be written with square roots, so that it is "
            "not compared; take a matrix with simpler eigenvalues, such as one of rank 2.",
        )
    if found.score is None:  # what Sturm's chain decides, whatever the roots are
        below = Claim("The copying score is below 1: some eigenvalue is not real and positive.")
        return CheckOutcome("score", False, below)
    is_right = sign(found.score - least) >= 0
    bound = "exactly" if least == 1 else "at least"  # no score is above 1
    asked = Claim("") if is_right else filled(", and {} {} is asked for", bound, least)
    said = filled("The copying score is {}{}{}.", found.score, asked, roots)
    return CheckOutcome("score", is_right, said)


def _roots(found: Copying) -> Claim:
    """The eigenvalues, where all of them have square roots alone; nothing where one has not."""
    roots = [_root(each) for each in found.eigenvalues if isinstance(each, sympy.Expr)]
    if not roots or len(roots) < len(found.eigenvalues):
        return Claim("")
    listed = filled(joined(["{}"] * len(roots)), *roots)
    if len(roots) == 1:
        return filled("; the one eigenvalue that is not 0 is {}", listed)
    return filled("; the eigenvalues that are not 0 are {}", listed)


def _root(value: sympy.Expr) -> Claim:
    real, imaginary = value.as_real_imag()
    if imaginary == 0:
        return filled("{}", value)
    part = f"{'−' if sign(imaginary) < 0 else '+'} {{}}·i"
    return filled(f"{{}} {part}", real, abs(imaginary))


def _outdone(found: CircuitWitness, token: str) -> CheckOutcome:
    """Whether some other token alone has what is largest in a row."""
    if token not in found.largest:
        said = filled("In row {} another token has the largest entry.", token)
        return CheckOutcome(f"row-{token}", True, said)
    numbers = telling(found)
    rivals = [name for name in found.largest if name != token]
    where = filled("Row {} is ({}): {}", token, numbers, token)
    miss = filled("{} itself is largest, and must not be.", where)
    if rivals:
        miss = filled("{} ties with {}, and must be behind.", where, joined(rivals))
    return CheckOutcome(f"row-{token}", False, miss, found)


# --------------------------------------------------------------------------------------------------
# What is left of a direction.


def deletes(check: Deletes, answer: NamedMatrices) -> Decision:
    """Whether d + d M = 0, and u M = 0 for what is at a right angle to d, if that is to be kept."""
    rows = check.product.of(answer)
    d = check.direction
    moved = _applied(d, rows)
    left = tuple(a + b for a, b in zip(d, moved, strict=True))
    gone = not any(map(sign, left))
    said = filled("{} gets {}, and {} is left of it", vector(d), vector(moved), vector(left))
    outcomes = [CheckOutcome("direction", gone, filled("{}.", said))]
    for i, u in enumerate(check.rest if check.keeps_rest else (), 1):
        added = _applied(u, rows)
        stays = not any(map(sign, added))
        said = filled("{} gets {}, and must stay as it is.", vector(u), vector(added))
        kept = filled("{} stays as it is.", vector(u))
        outcomes.append(CheckOutcome(f"keeps-{i}", stays, kept if stays else said))
    return told(outcomes, Claim("Whatever was written along the direction is gone, exactly."))


def _applied(row: Vector, rows: Matrix) -> Vector:
    """The row times the matrix."""
    return multiplied((tuple(row),), rows)[0]
