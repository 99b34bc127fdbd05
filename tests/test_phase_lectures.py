"""The lectures on phases, training and geometry: what is typed and dragged is worked out."""

from __future__ import annotations

from fractions import Fraction

import marimo as mo
import pytest
import sympy

import exercises
import handcalc
from handcalc.lectures.workings import phase_changes
from handcalc.superposition.closed_forms import Composition, best_regular, family_loss
from handcalc.views.plots.curves import curves_page
from tests.lecture_runs import asks, played, refusals, untouched

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes


# -- phase changes ---------------------------------------------------------------------------------


def test_the_readers_numbers_are_compared_and_searched() -> None:
    shown, defined = played("phase-changes", importance="1/5", sparsity="0.9")
    dropped, other, pair = (loss for _, loss in defined["costs"].losses)
    p = sympy.Rational(1, 10)
    assert (dropped, other) == ((p / 3 - p**2 / 4) / 5, p / 3 - p**2 / 4)
    assert pair == sympy.Rational(6, 5) * p**2 / 6
    assert defined["costs"].best[1] == pair
    assert 0 < defined["searched"].loss < pair
    assert r"\frac{4}{15}" in shown  # the border 4r/(2 + 5r)
    assert r"\frac{4}{15}" not in untouched("phase-changes")


@pytest.mark.parametrize("r", ["1/7", "1", "3", "sqrt(2)"])
def test_candidates_lose_the_same_at_the_border(r: str) -> None:
    border = phase_changes.costs(r, "1/2").border
    assert border is not None
    S = handcalc.exact(1 - border)
    importance = handcalc.parse_scalar(r)
    dropped = phase_changes.ONE_DROPPED if r in ("3", "sqrt(2)") else phase_changes.TWO_DROPPED
    losses = [phase_changes.loss(each, S, importance) for each in (dropped, phase_changes.PAIR)]
    assert handcalc.equal(*losses)


def test_a_chart_has_the_losses_of_its_table() -> None:
    found = phase_changes.costs("1/2", "1/2")
    lines = phase_changes.along_sparsity(found).lines
    for candidate, loss in found.losses:
        assert dict(lines[candidate.sentence])[0.5] == pytest.approx(float(loss))
    (panel,) = curves_page(phase_changes.phases(found), dark=True).axes
    assert panel.texts[0].get_text() == "you are here"


def test_dragged_arrows_stand_beside_both_shapes() -> None:
    figure = handcalc.widget(handcalc.ToyModel("1 0; 0 1; 0 -1"), sparsity="9/10")
    shown, defined = played("phase-changes", figure=figure)
    assert defined["both"].best.name == "antipodal"
    assert "0.42 %" in shown  # so much more than the best pair loses the one of length 1


@pytest.mark.parametrize(
    ("typed", "is_told"),
    [("", False), ("1/5 11/50", False), ("much", False), ("47/100 12/25", True)],
)
def test_the_crossing_is_told_to_who_found_it(typed: str, is_told: bool) -> None:
    fields = {slug: mo.ui.text(typed) for slug in asks("phase-changes").EXERCISES}
    shown, _ = played("phase-changes", tried=mo.ui.dictionary(fields))
    assert ("0.478162340928575" in shown) == is_told


def test_pentagon_and_pairs_lose_the_same_where_they_change_places() -> None:
    for change in phase_changes.changes_of_five(20):
        S = sympy.Rational(str(change.sparsity))
        pentagon, pairs = (
            family_loss(family, S, 18)
            for family in (phase_changes.PENTAGON, phase_changes.TWO_PAIRS)
        )
        assert abs(pentagon - pairs) < Fraction(1, 10**17)
        assert abs(pentagon - change.loss) < Fraction(1, 10**17)


@pytest.mark.parametrize("S", ["0", "1/3", "9/10"])
def test_the_loss_of_a_family_is_that_of_its_parts(S: str) -> None:
    p = 1 - sympy.Rational(S)
    whole = family_loss(Composition(k_gons=(5,), pairs=2, dedicated=1, dropped=1), S, 12)
    parts = best_regular(5, S).digits(15).total + 2 * best_regular(2, S).digits(15).total
    assert abs(whole - parts - (p / 3 - p**2 / 4)) < Fraction(1, 10**11)


def test_a_family_at_s_one_is_refused() -> None:
    with pytest.raises(handcalc.InputError, match="At S = 1 no feature is ever active"):
        family_loss(Composition(pairs=1), 1, 10)


# -- what cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("phase-changes", {"importance": "x", "sparsity": "1/2"}),
        ("phase-changes", {"importance": "-1", "sparsity": "1/2"}),
        ("phase-changes", {"importance": "1", "sparsity": "3/2"}),
        ("phase-changes", {"importance": "1", "sparsity": ""}),
        ("phase-changes", {"importance": "1/0", "sparsity": "1 2"}),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value),
)
def test_what_cannot_be_read_is_told(name: str, controls: dict[str, object]) -> None:
    shown, _ = played(name, **controls)
    assert refusals(shown) > refusals(untouched(name))


@pytest.mark.parametrize("r", ["0", "1", "10**9", "sqrt(2)"])
@pytest.mark.parametrize("S", ["0", "1", "cos(pi/5)"])
def test_every_number_that_can_be_read_is_worked(r: str, S: str) -> None:
    typed = {"importance": r.replace("10**9", "1000000000"), "sparsity": S}
    shown, _ = played("phase-changes", **typed)
    assert refusals(shown) == 0


def test_exercises_of_the_lectures_are_those_of_the_first_part() -> None:
    for name in ("phase-changes",):
        assert all(exercises.load(slug).position <= 24 for slug in asks(name).EXERCISES)
