"""The pages on coherence, recovery, readouts, named sets and analogies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy

from handcalc.derivation import Expression, RowVector
from handcalc.derivation import Number as Shown
from handcalc.directions.analogy import Analogy, NamedAnalogy
from handcalc.directions.coherence import Coherence
from handcalc.directions.decoding import ShortestInputs, SparseInputs
from handcalc.directions.readouts import Readouts, SparsestLoss
from handcalc.directions.recovery import Counterexample, QuestionName, Recovery
from handcalc.directions.sets import DirectionSet
from handcalc.inputs.arguments import Vector
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Formula,
    Named,
    Page,
    Said,
    Steps,
    Tabulated,
    Title,
    ToType,
    escaped,
)
from handcalc.views.directions.fitting import angle_text
from handcalc.wording import counted, joined

_MOST_PAIRS, _MOST_CIRCUITS, _MOST_PATTERNS, _MOST_ROWS = 8, 12, 12, 16
_BOUNDS = {"welch": "Welch", "orthoplex": "orthoplex", "levenshtein": "Levenshtein"}
_ASKED: dict[QuestionName, str] = {
    "unique": "x is the only one, any signs",
    "l1": "least ‖x‖₁ returns x",
    "unique_nonnegative": "x is the only one, x ≥ 0",
    "l1_nonnegative": "least Σxᵢ returns x, x ≥ 0",
}
_NO_BOUND = "That is no bound: the mean of all x with this h loses least of all."
_KINDS: dict[QuestionName, str] = {
    "unique": "any signs",
    "l1": "least ‖x‖₁",
    "unique_nonnegative": "x ≥ 0",
    "l1_nonnegative": "least Σxᵢ, x ≥ 0",
}


# -- coherence -------------------------------------------------------------------------------------


def coherence(shown: Coherence) -> Page:
    """μ, the largest signed cosine, and the bounds."""
    n, d = shown.model.n, shown.dimensions
    reached = _pairs(shown.pairs)
    page: Page = [
        Title("How close the rows stand"),
        Said.plainly(
            f"Coherence μ, the largest |cos|: {{}}, at {angle_text(shown.degrees)}, between "
            f"{reached}.",
            Shown(shown.coherence),
        ),
        Said.plainly(
            f"Largest signed cos, which a ReLU cares about: {{}}, between "
            f"{_pairs(shown.signed_pairs)}.",
            Shown(shown.signed),
        ),
    ]
    rows: list[tuple[Cell, ...]] = []
    for name, title in _BOUNDS.items():
        bound = getattr(shown, name)
        met = "yes" if getattr(shown, f"meets_{name}") else "no"
        rows.append(
            (title, "says nothing" if bound is None else bound, "" if bound is None else met)
        )
    page += [
        Tabulated(("bound", "μ is at least", "met"), tuple(rows)),
        Said.plainly(f"They hold for any {n} rows that span {counted(d, 'dimension')}."),
    ]
    if shown.equiangular and n > 2:
        most = "as many as there can be" if n == shown.gerzon else f"at most {shown.gerzon} can be"
        page.append(Said.plainly(f"The {n} lines are equiangular; {most} in so many dimensions."))
    return page


def _pairs(pairs: Sequence[tuple[int, int]]) -> str:
    if len(pairs) > _MOST_PAIRS:
        return f"{len(pairs):,} pairs of rows"
    return f"rows {', '.join(f'{i} and {j}' for i, j in pairs)}"


# -- recovery --------------------------------------------------------------------------------------


def recovery(shown: Recovery) -> Page:
    """Spark, the circuits, the largest k of each question, and what fails beyond it."""
    page: Page = [
        Title("What comes back from h = Wᵀx"),
        *_circuits(shown),
        Tabulated(
            ("every x with at most k features on comes back", "k"),
            tuple(
                (asked, _most(shown.most(name), shown.counterexamples[name]))
                for name, asked in _ASKED.items()
            ),
        ),
    ]
    if shown.circuits:
        page.append(Said.plainly("One more feature on, and some inputs do not come back:"))
    for name in _ASKED:
        counterexample = shown.counterexamples[name]
        if counterexample is not None:
            page.append(_counterexample(name, counterexample))
    page.append(Said.plainly(_promise(shown)))
    return page


def _most(k: int, counterexample: Counterexample | None) -> str:
    if counterexample is None:
        return f"{k}, all"
    return f"{k} (a tie at {counterexample.k})" if counterexample.is_tie else str(k)


def _circuits(shown: Recovery) -> Iterator[Block]:
    if shown.spark is None:
        yield Said.plainly("The rows are independent, so every x comes back.")
        return
    many = counted(len(shown.circuits), "circuit")
    yield Said.plainly(
        f"Spark {shown.spark}: so many rows depend on each other, and no fewer. {many}: the v ≠ 0 "
        "with Wᵀv = 0 and as few entries as can be."
    )
    for circuit in shown.circuits[:_MOST_CIRCUITS]:
        yield Said.plainly("{}", _row(circuit.entries), is_listed=True)
    left = len(shown.circuits) - _MOST_CIRCUITS
    if left > 0:
        yield Said.plainly(f"{left} more are left out here; --json has all.", is_listed=True)


def _counterexample(name: QuestionName, shown: Counterexample) -> Said:
    """What fails at k + 1, with numbers."""
    start = f"k = {shown.k}, {_KINDS[name]}: "
    if name.startswith("unique"):
        text = f"{start}{{}} and {{}} have the same h."
        return Said.plainly(text, _row(shown.x), _row(shown.others[0]), is_listed=True)
    norm = Shown(_norm(shown.x))
    others = [each for each in shown.others if each != shown.x]
    listed = " and ".join(["{}"] * len(others))
    values: tuple[Expression, ...]
    if shown.is_tie:
        text = f"for x = {{}} there is {listed} with the same h and norm, {{}}: a tie."
        values = (_row(shown.x), *map(_row, others), norm)
    else:
        text = f"for x = {{}}, of norm {{}}, it returns {listed}, of norm {{}}."
        values = (_row(shown.x), norm, *map(_row, others), Shown(_norm(others[0])))
    return Said.plainly(f"{start}{text}", *values, is_listed=True)


def _norm(x: Vector) -> sympy.Expr:
    return sympy.Add(*map(sympy.Abs, x))


def _row(x: Vector) -> RowVector:
    return RowVector(tuple(map(Shown, x)))


def _promise(shown: Recovery) -> str:
    if shown.enough is None:
        return "Coherence promises nothing where a row is zero or alone."
    lengths = (
        "that least ‖x‖₁ returns it, as all rows have one length"
        if shown.has_equal_lengths
        else "nothing of least ‖x‖₁, which needs rows of one length"
    )
    return (
        f"Coherence alone promises k = {shown.enough}, the largest below (1 + 1/μ)/2: that x is "
        f"the only one, and {lengths}. That is enough, and not needed."
    )


# -- single inputs ---------------------------------------------------------------------------------


def sparse_inputs(shown: SparseInputs) -> Page:
    """The sparsest inputs of an h."""
    what = "x ≥ 0" if shown.nonnegative else "x"
    title = f"The sparsest {what} with Wᵀx = h"
    return [Title(title), *_found(shown.h, shown.inputs, shown.unique)]


def shortest_inputs(shown: ShortestInputs) -> Page:
    """The inputs of least norm."""
    what = "x ≥ 0 of least Σxᵢ" if shown.nonnegative else "x of least ‖x‖₁"
    return [
        Title(f"The {what} with Wᵀx = h"),
        *_found(shown.h, shown.inputs, shown.unique),
        Said.plainly("Its norm is {}.", Shown(shown.norm)),
    ]


def _found(h: Vector, inputs: Sequence[Vector], unique: bool) -> Iterator[Block]:
    yield Said.plainly("h = {}", _row(h))
    for x in inputs:
        yield Said.plainly("x = {}", _row(x), is_listed=True)
    many = "It is the only one." if unique else f"There are {len(inputs)}, so h does not tell x."
    yield Said.plainly(many)


def readouts(shown: Readouts) -> Page:
    """One input: what the ReLU reads off its h, which x are the sparsest, and both losses."""
    sparsest = [("sparsest-x decoder, x ≥ 0", x) for x in shown.sparsest.inputs]
    shortest = [("least Σxᵢ, x ≥ 0", x) for x in shown.l1.inputs]
    heads = ("read off", *(f"x{i}" for i in range(1, shown.model.n + 1)))
    page: Page = [
        Title("What is read off h, and what could be"),
        Said.plainly("x = {}, h = Wᵀx = {}", _row(shown.x), _row(shown.h)),
        Tabulated(
            heads,
            tuple((name, *x) for name, x in [("the model", shown.relu), *sparsest, *shortest]),
        ),
        *(Said.plainly(f"Note: {note}") for note in shown.notes),
    ]
    lost = Said.plainly("The model loses ‖x̂ − x‖² = {}.", Shown(shown.relu_loss))
    if shown.sparsest_loss is None:
        told = "h has several sparsest x: what the sparsest-x decoder loses hangs on its choice."
        return [*page, lost, Said.plainly(told)]
    return [
        *page,
        lost,
        Said.plainly("The sparsest-x decoder loses {}.", Shown(shown.sparsest_loss)),
    ]


def sparsest_loss(shown: SparsestLoss) -> Page:
    """What the model and the sparsest-x decoder lose on average, and each pattern's fate."""
    page: Page = [
        Title("What is lost on average"),
        Said.plainly(shown.distribution.sentence()),
        Said.plainly("The model loses E‖x̂ − x‖² = {}.", polynomial_expression(shown.relu)),
    ]
    if shown.value is None:
        page += _undecided(shown)
    else:
        said = (
            "The sparsest-x decoder, which answers with the sparsest x ≥ 0 that has this h, loses "
            f"{{}}. {_NO_BOUND}"
        )
        page.append(Said.plainly(said, polynomial_expression(shown.value)))
    lost = [each for each in shown.patterns if each.fate == "lost" and each.loss is not None]
    if lost:
        rows = tuple(
            (
                " ".join(map(str, each.active)),
                Formula(polynomial_expression(each.probability)),
                each.loss,
            )
            for each in lost[:_MOST_PATTERNS]
        )
        page += [Tabulated(("features on", "probability", "the decoder loses"), rows)]
        left = len(lost) - _MOST_PATTERNS
        page += [Said.plainly(f"{left} more are left out; --json has all.")] if left > 0 else []
    return page


def _undecided(shown: SparsestLoss) -> Iterator[Block]:
    yield Said.plainly(
        "What the sparsest-x decoder loses is not decided: with these features on, h has several "
        f"sparsest x, and it hangs on the choice. At least {{}} is lost in others. {_NO_BOUND}",
        polynomial_expression(shown.at_least),
    )
    for each in shown.undecided[:_MOST_PATTERNS]:
        when = "always" if each.fate == "several" else "for some values, not worked out"
        names = " ".join(map(str, each.active))
        yield Said.plainly(f"features {names}: {when}", is_listed=True)
    left = len(shown.undecided) - _MOST_PATTERNS
    if left > 0:
        yield Said.plainly(f"{left} more are left out; --json has all.", is_listed=True)


# -- what has a name -------------------------------------------------------------------------------


def direction_set(shown: DirectionSet) -> Page:
    """The story, the rows, how close they stand, and what comes back."""
    close, back = shown.coherence, shown.recovery
    page = set_head(shown)
    page += [Said.plainly("A zero row has no angle.")] if close is None else coherence(close)
    return page if back is None else page + recovery(back)


def set_head(shown: DirectionSet) -> Page:
    """The story and the rows."""
    page: Page = [Title(f"{shown.name}: {shown.title}", is_page=True), Said.plainly(shown.story)]
    if shown.model.n <= _MOST_ROWS:
        page.append(Named("W", shown.model.W))
    else:
        many = f"{shown.model.n} rows of {shown.model.m} numbers"
        page.append(Said.plainly(f"W has {many}, which are left out here; --json has them."))
    return [*page, Said.plainly(f"Source: {shown.source.rstrip('.')}.")]


def listing(sets: Sequence[DirectionSet], analogies: Sequence[tuple[str, NamedAnalogy]]) -> Page:
    """All that has a name."""
    return [
        Title("Named sets of directions"),
        Tabulated(
            ("name", "rows", "what it is"),
            tuple((s.name, sympy.Integer(s.model.n), s.title) for s in sets),
        ),
        Title("Words as directions"),
        Tabulated(("name", "what it is"), tuple((name, a.title) for name, a in analogies)),
        ToType("One of them:  ", "handcalc directions icosahedron"),
        ToType("Your own:     ", 'handcalc directions --W="1 0; 0 1; 1 1" --x="1 1/2 0"'),
        ToType("How many fit: ", "handcalc directions --dimensions 100 --degrees 89"),
    ]


def named_analogy(name: str, shown: NamedAnalogy) -> Page:
    """The story, and the steps."""
    title = Title(f"{name}: {shown.title}", is_page=True)
    return [title, Said.plainly(shown.story), *analogy(shown.worked())]


def analogy(shown: Analogy) -> Page:
    """The words, the steps, and which word is nearest."""
    heads = ("word", *map(str, range(1, len(shown.result) + 1)))
    rows = zip(shown.words, shown.vectors, strict=True)
    page: Page = [
        Title(shown.equation),
        Tabulated(heads, tuple((word, *vector) for word, vector in rows)),
        Steps(shown.derivation),
    ]
    if shown.equals:
        page.append(
            Said.plainly(escaped(f"The equation holds exactly: r is {joined(shown.equals)}."))
        )
    if not any(shown.result):
        said = "r is zero: it has no direction, so nothing is nearest, and nothing is read off it."
        return [*page, Said.plainly(said)]
    page.append(Said.plainly(escaped(f"Nearest, nothing left out: {joined(shown.nearest, 'or')}.")))
    if shown.nearest_others:
        others = joined(shown.nearest_others, "or")
        page.append(Said.plainly(escaped(f"With the words of the equation left out: {others}.")))
    return page
