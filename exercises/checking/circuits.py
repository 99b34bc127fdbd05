"""What matrices do in a circuit: decided exactly, with the first token or sentence that fails."""

from __future__ import annotations

from collections.abc import Sequence

from exercises.checking.outcome import (
    CheckOutcome,
    CircuitWitness,
    Decision,
    Feedback,
    by_name,
    filled,
)
from exercises.circuit_checks import Copies
from exercises.matrices import NamedMatrices
from handcalc.circuits.exponential_sum import Value, shown
from handcalc.circuits.softmax import largest
from handcalc.circuits.tables import ov_rows
from handcalc.derivation import Claim
from handcalc.wording import joined


def copies(check: Copies, answer: NamedMatrices) -> Decision:
    """One outcome a token, passed if its own entry alone is the largest of its row."""
    model = check.frame.model(answer)
    rows = ov_rows(model, check.layer, check.head)
    outcomes = []
    for token in check.tokens:
        witness = _row(model.vocabulary, rows[model.vocabulary.index(token)], token)
        outcomes.append(_outcome(f"token-{token}", witness, filled("Row {}", token)))
    missed = [each for each in outcomes if not each.passed]
    if not missed:
        said = "In each row of W_E W_OV W_U the own token alone has the largest entry."
        return Decision(tuple(outcomes), Feedback(Claim(said)))
    return Decision(tuple(outcomes), Feedback(missed[0].message))


def _row(names: Sequence[str], values: Sequence[Value], wanted: str) -> CircuitWitness:
    """The row of a token in a table, by token, and which of its numbers are the largest."""
    numbers = tuple(zip(names, map(shown, values), strict=True))
    best = tuple(names[place] for place in largest(values))
    return CircuitWitness("row", (wanted,), numbers, wanted, best)


def _outcome(name: str, witness: CircuitWitness, lead: Claim) -> CheckOutcome:
    """What came of one row: its numbers, and what is largest."""
    passed = witness.largest == (witness.wanted,)
    numbers = by_name(witness.numbers)
    if passed:
        said = filled("{} is ({}): {} is the largest.", lead, numbers, witness.wanted)
        return CheckOutcome(name, True, said)
    best = joined(witness.largest)
    how = "is the largest" if len(witness.largest) == 1 else "tie for the largest"
    said = filled(
        "{} is ({}): {} {}, and should be {} alone.", lead, numbers, best, how, witness.wanted
    )
    return CheckOutcome(name, False, said, witness)
