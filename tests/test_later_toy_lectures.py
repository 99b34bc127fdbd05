"""The lectures on phases, training and geometry: what is typed and dragged is worked out."""

from __future__ import annotations

from fractions import Fraction
from importlib.util import find_spec

import marimo as mo
import numpy as np
import pytest
import sympy

import exercises
import handcalc
from handcalc.lectures.showing import number
from handcalc.lectures.workings import geometry as work
from handcalc.lectures.workings import phase_changes, trained
from handcalc.superposition.closed_forms import (
    Composition,
    best_regular,
    dropped_loss,
    family_loss,
)
from handcalc.superposition.model.families import family
from handcalc.views.plots.curves import curves_page
from tests.lecture_runs import answered, asks, opened, played, refusals, untouched

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes


# -- phase changes ---------------------------------------------------------------------------------


def test_the_readers_numbers_are_compared_and_searched() -> None:
    _, defined = played("phase-changes", importance="1/5", sparsity="0.9")
    dropped, other, pair = (loss for _, loss in defined["costs"].losses)
    p = sympy.Rational(1, 10)
    assert (dropped, other) == ((p / 3 - p**2 / 4) / 5, p / 3 - p**2 / 4)
    assert pair == sympy.Rational(6, 5) * p**2 / 6
    assert defined["costs"].best[1] == pair
    assert 0 < defined["searched"].loss < pair
    assert defined["costs"].border == sympy.Rational(4, 15)  # 4r/(2 + 5r)


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
    shown, _ = played("phase-changes", **answered("phase-changes", "triangle-or-pair", typed))
    assert ("0.478162340928575" in shown) == is_told
    assert "0.47816" not in opened("phase-changes")  # open answers are not those of exercises


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


# -- trained, and worked by hand -------------------------------------------------------------------


def test_a_step_goes_against_the_exact_slopes() -> None:
    _, defined = played("trained", rows="1; -1", biases="1/10", sparsity="1/3", rate="1/4")
    step = defined["step"]
    slopes = handcalc.loss_gradient(handcalc.ToyModel("1; -1", "1/10 1/10"), "1/3")
    both = zip(step.before.b, slopes.b, strict=True)
    assert step.after.b == tuple(b - slope.left / 4 for b, slope in both)
    assert step.after.W[0][0] == 1 - slopes.W[0][0].left / 4
    assert step.losses[1] < step.losses[0]
    assert step.losses[1] == handcalc.expected_loss(step.after, "1/3").value


def test_at_a_kink_the_step_goes_where_the_loss_falls() -> None:
    step = trained.descent_step("1 0; 0 1; 0 0", "0", "9/10", "1/10")
    assert step.gradient.kinks
    assert step.after.b == handcalc.parse_vector("0 0 1/100")
    assert step.losses[1] < step.losses[0]


def test_a_step_that_is_too_long_is_told() -> None:
    shown, _ = played("trained", rows="1; -1", biases="0", sparsity="1/2", rate="100")
    assert "It rises: the step is too long." in shown


def test_a_dead_output_gets_no_slope() -> None:
    step = trained.descent_step("1 0; 0 1; -1/2 -1/2", "0 0 -3/4", "1/4", "1")
    assert step.after.b[2] == step.before.b[2]


@pytest.mark.parametrize(("chance", "risk"), [("1/5", "1/100"), ("1/2", "1/8"), ("9/10", "1/10")])
def test_so_many_starts_are_needed_and_no_fewer(chance: str, risk: str) -> None:
    q, most = sympy.Rational(chance), sympy.Rational(risk)
    count = trained.restarts_needed(q, most)
    assert (1 - q) ** count <= most < (1 - q) ** (count - 1)


def test_the_error_of_samples_is_that_of_many_draws() -> None:
    _, mean, square = trained.draws_needed(sympy.Rational(1, 2), sympy.Rational(1, 100))
    draw = np.random.default_rng(5)
    x = draw.uniform(size=(400_000, 2)) * (draw.uniform(size=(400_000, 2)) < 0.5)
    z = x[:, :1] - x[:, 1:]
    error = ((x - np.maximum(np.hstack([z, -z]), 0)) ** 2).sum(axis=1)
    assert error.mean() == pytest.approx(float(mean), rel=0.02)
    assert (error**2).mean() == pytest.approx(float(square), rel=0.02)


def test_minima_are_told_with_their_starts() -> None:
    shown, _ = played("trained", answers=True, level_of_five=0.7)
    best = trained.five(0.7).minima[0]
    assert f"{best.loss:.8f}" in shown
    assert f"{best.hits} of {trained.STARTS}" in shown


def test_descents_stay_behind_the_border_of_a_phase() -> None:
    """What the question on it says: two pairs, one dropped, are where descents end, too."""
    found = trained.five(0.8)
    pairs = float(family_loss(Composition(pairs=2, dropped=1), "4/5", 12))
    assert found.families[0].name == "pentagon"
    (hits,) = (each.hits for each in found.minima if abs(each.loss - pairs) < 1e-9)
    assert hits > 1
    shown, _ = played("trained", answers=True, level_of_five=0.8)
    assert "is dropped" in shown
    assert "the best found" in shown


def test_a_run_below_the_best_known_is_told() -> None:
    assert trained.above(0.9, 1.0) == "-10.000 %"
    assert trained.above(1 - 1e-12, 1.0) == "0.000 %"
    assert trained.above(1.01755, 1.0) == "1.755 %"


def test_a_dead_output_has_slopes_that_only_shorten_its_arrow() -> None:
    slopes = handcalc.loss_gradient(trained.DEAD, "1/4")
    assert slopes.b[2].right == slopes.b[2].left == 0
    for cell, slope in zip(trained.DEAD.W[2], slopes.W[2], strict=True):
        assert slope.right * cell > 0  # against it the arrow shrinks


def test_a_model_is_trained_beside_the_exact_best() -> None:
    pytest.importorskip("torch", reason="training needs the extra sim")
    shown, defined = played("trained", trained_at="1/4", starts=3)
    found = defined["on_loss"]
    assert found.exact_side.best.name == "triangle"
    (model,) = found.run.trained
    assert len(model.loss) == 3
    best = float(found.exact_side.best.values.total)
    assert best < float(model.loss.min()) < 1.05 * best  # these starts stay in the fan
    assert trained.by_start(found).count("1.755 %") == found.run.agreed(0)
    lines = trained.learning(found).lines
    assert [*lines] == ["start 1", "start 2", "start 3", "the best known"]
    assert lines["start 1"][-1][1] == pytest.approx(float(model.loss[0]), rel=1e-6)
    assert "You could have written this by hand as" in shown


def test_samples_come_near_and_stay_above() -> None:
    pytest.importorskip("torch", reason="training needs the extra sim")
    shown, _ = played("trained", trained_at="4/5", starts=2, sample=True)
    found = trained.train_three("4/5", 2, "sampled")
    (model,) = found.run.trained
    best = float(found.exact_side.best.values.total)
    assert 0 < float(model.loss.min()) - best < 2 * best
    assert f"{float(model.loss[0]):.8f}" in shown
    assert trained.train_three("4/5", 2, "sampled") is found  # not trained again


def test_without_torch_the_exact_side_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    trained.train_three.cache_clear()
    monkeypatch.setattr(
        "handcalc.errors.find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    shown, defined = played("trained")
    assert isinstance(defined["on_loss"], handcalc.InputError)
    assert "handcalc[sim]" in shown
    assert shown.count("<marimo-callout-output") == 1
    assert isinstance(defined["step"], trained.DescentStep)


# -- geometry --------------------------------------------------------------------------------------


def test_typed_arrows_are_measured() -> None:
    shown, defined = played("geometry", rows="3 0; -4 0; 0 1")
    found = handcalc.geometry(defined["own"])
    assert found.dimensionality == handcalc.parse_vector("9/25 16/25 1")
    assert r"\frac{9}{25}" in shown
    assert "Nothing is wasted." in work.capacity(found)


def test_dragged_arrows_have_their_capacity() -> None:
    figure = handcalc.widget("1 0; 3/5 4/5; 0 0")
    shown, _ = played("geometry", figure=figure, answers=True)
    capacity = handcalc.geometry("1 0; 3/5 4/5; 0 0").capacity
    assert f"{number(capacity)}; the arrows span {number(2)}" in work.capacity(
        handcalc.geometry(figure.model)
    )
    assert number(capacity).strip("$") in shown


@pytest.mark.parametrize("name", sorted(work.SHAPES))
def test_every_shape_is_a_tight_frame(name: str) -> None:
    model = work.SHAPES[name]
    found = handcalc.geometry(model)
    assert set(found.dimensionality) == {sympy.Rational(model.m, model.n)}
    assert handcalc.equal(found.capacity, model.m)
    assert len(set(found.norms)) == 1
    named = family(model).parts
    assert [part.kind for part in named] != ["mixed"]
    assert len(named) == 1


def test_a_product_leaves_dimensionalities_alone() -> None:
    parts = [work.SHAPES[name] for name in ("a pair", "a pentagon", "a cube")]
    whole = handcalc.geometry(work.product(*parts)).dimensionality
    assert whole == tuple(d for part in parts for d in handcalc.geometry(part).dimensionality)
    _, defined = played("geometry", first="a cube", second="a hexagon")
    assert (defined["made"].n, defined["made"].m) == (14, 5)


@pytest.mark.parametrize(("typed", "is_filled"), [("1 3/4 1/3", False), ("1/2 2/3 2/5", True)])
def test_the_table_of_shapes_is_filled_by_who_found_the_numbers(
    typed: str, is_filled: bool
) -> None:
    questions = {name: make() for name, make in asks("geometry").QUESTIONS.items()}
    guesses = mo.ui.dictionary({name: mo.ui.text("the cube") for name in questions})
    asked = answered("geometry", "dimensionality", typed)
    shown, _ = played("geometry", guesses=guesses, questions=questions, **asked)
    assert ("yours to find" in shown) == (not is_filled)
    assert "yours to find" in opened("geometry")  # open answers are not those of exercises
    assert "yours to find" not in untouched("geometry")  # there it is to be guessed first


def test_the_steps_are_those_of_what_saves_most() -> None:
    ((_, steps),) = work.staircase().lines.items()
    assert sorted({y for _, y in steps}) == [3, 4, 5, 6]
    assert [y for _, y in steps] == sorted(y for _, y in steps)
    S = sympy.Rational(3, 5)
    pair = best_regular(2, S).digits(20).total
    assert abs(work.saved(2, S) - 2 * dropped_loss(1 - S) + pair) < Fraction(1, 10**11)


def test_one_model_meets_three_ways_to_draw() -> None:
    _, defined = played("geometry", drawn="1; -1; 0", sets="1 2", off="3/4")
    alone, together, never = (loss for _, loss in defined["losses"])
    dropped = sympy.Rational(1, 12)  # p/3, as feature 3 has no bias
    assert (alone, together, never) == (
        sympy.Rational(1, 48) + dropped,
        sympy.Rational(1, 12) + dropped,
        dropped,
    )


# -- what cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("phase-changes", {"importance": "x", "sparsity": "1/2"}),
        ("phase-changes", {"importance": "-1", "sparsity": "1/2"}),
        ("phase-changes", {"importance": "1e7", "sparsity": "1/2"}),
        ("phase-changes", {"importance": "1", "sparsity": "3/2"}),
        ("phase-changes", {"importance": "1", "sparsity": ""}),
        ("phase-changes", {"importance": "1/0", "sparsity": "1 2"}),
        ("trained", {"rows": "1; x", "biases": "0", "sparsity": "1/2", "rate": "1"}),
        ("trained", {"rows": "1; -1", "biases": "0 0 0", "sparsity": "1/2", "rate": "1"}),
        ("trained", {"rows": "1; -1", "biases": "", "sparsity": "1/2", "rate": "1"}),
        ("trained", {"rows": "1; -1", "biases": "0", "sparsity": "2", "rate": "1"}),
        ("trained", {"rows": "1; -1", "biases": "0", "sparsity": "1/2", "rate": "-1"}),
        ("trained", {"rows": "sqrt(2); 1", "biases": "0", "sparsity": "S", "rate": "1"}),
        ("trained", {"trained_at": "1", "starts": 1}),
        ("trained", {"trained_at": "cos(pi/59)", "starts": 1}),
        ("trained", {"trained_at": "", "starts": 1}),
        ("geometry", {"rows": ""}),
        ("geometry", {"rows": "1 2; 3"}),
        ("geometry", {"rows": "x1 1"}),
        ("geometry", {"drawn": "1; -1", "sets": "", "off": "1/2"}),
        ("geometry", {"drawn": "1; -1", "sets": "1 3", "off": "1/2"}),
        ("geometry", {"drawn": "1; -1", "sets": "1 1", "off": "1/2"}),
        ("geometry", {"drawn": "1; -1", "sets": "1 2", "off": "2"}),
        ("geometry", {"drawn": "1; -1", "sets": "one; 2", "off": "S"}),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value),
)
def test_what_cannot_be_read_is_told(name: str, controls: dict[str, object]) -> None:
    shown, _ = played(name, **controls)
    assert refusals(shown) > refusals(untouched(name))


@pytest.mark.parametrize("r", ["0", "1e-400", "1000000", "sqrt(2)"])
@pytest.mark.parametrize("S", ["0", "1", "cos(pi/5)"])
def test_every_number_that_can_be_read_is_worked(r: str, S: str) -> None:
    shown, _ = played("phase-changes", importance=r, sparsity=S)
    assert refusals(shown) == 0


def test_exercises_of_the_lectures_are_those_of_the_first_part() -> None:
    for name in ("phase-changes", "trained", "geometry"):
        assert all(exercises.load(slug).position <= 24 for slug in asks(name).EXERCISES)
