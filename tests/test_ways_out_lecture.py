"""The lecture on ways out: what a reader types, slides or drags is what the engine works out."""

from __future__ import annotations

from fractions import Fraction
from importlib.util import find_spec
from itertools import combinations

import numpy as np
import pytest
import sympy

import exercises
import handcalc
from handcalc.lectures.showing import number, page
from handcalc.lectures.workings import almost_orthogonal as directions
from handcalc.lectures.workings import ways_out as work
from handcalc.numbers.exact import to_text
from handcalc.views.plots.curves import curves_page
from tests.lecture_runs import asks, opened, played, refusals, untouched

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes

TORCH = "training needs the extra sim"


# -- how near, how many ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_the_best_arrows_of_a_plane_are_those_of_polygons(n: int) -> None:
    """As lines over half a turn, as vectors over a whole one: what stands beside a reader's."""
    for turn, signed in ((sympy.pi, False), (2 * sympy.pi, True)):
        rows = [[sympy.cos(turn * k / n), sympy.sin(turn * k / n)] for k in range(n)]
        model = handcalc.ToyModel(rows)
        found = handcalc.coherence(model)
        row = page(directions.apart(model)).text.split("<tr>")[2 + signed]
        yours, best = row.split("<marimo-tex")[-2:]
        assert formula_in(yours) == formula_in(best)
        assert formula_in(yours) in number(found.signed if signed else found.coherence)


def formula_in(shown: str) -> str:
    return shown.split("||(")[1].split("||)", maxsplit=1)[0]


def test_dragged_arrows_are_measured() -> None:
    shown, _ = played("ways-out", lines=handcalc.widget("1 0; 0 1; -1 0", panels=[]))
    assert "Your nearest lines stand 0.00° apart." in shown
    assert "the best of 3" in shown
    assert "Your nearest lines stand 36.87° apart." in untouched("ways-out")


def test_axes_taken_again_and_again_have_the_shares_that_are_told() -> None:
    """Two routes: by the formula, and by all pairs of a smaller set."""
    rows = np.repeat(np.eye(5), 4, axis=0)
    cosines = [abs(a @ b) for a, b in combinations(rows, 2)]
    found = directions.bundles(20, 5)
    assert found.parallel == Fraction(sum(c == 1 for c in cosines), len(cosines))
    assert found.right == Fraction(sum(c == 0 for c in cosines), len(cosines))
    whole = directions.bundles()
    assert whole.parallel == Fraction(1, 101)  # Welch's bound for the mean of cos²
    assert "0.009901" in directions.three_sets()


def test_random_signs_are_as_near_a_right_angle_as_is_told() -> None:
    signs = np.sign(np.random.default_rng(3).standard_normal((400, 100)))
    cosines = (signs @ signs.T / 100)[np.triu_indices(400, 1)]
    near = float((np.abs(cosines) <= np.cos(np.radians(89))).mean())
    assert near == pytest.approx(0.0796, abs=0.005)
    assert (cosines**2).mean() == pytest.approx(0.01, rel=0.03)
    assert "7.96 %" in directions.three_sets()


@pytest.mark.parametrize("dimensions", [10, 100, 1000])
def test_the_chart_of_room_falls_and_has_a_wall(dimensions: int) -> None:
    found = directions.room(dimensions)
    for line in found.lines.values():
        counts = [count for _, count in line]
        assert counts == sorted(counts, reverse=True)
    most, certain = (dict(line) for line in found.lines.values())
    assert all(certain[angle] <= most[angle] for angle in most.keys() & certain.keys())
    assert most[89.95] >= dimensions
    assert np.cos(np.radians(found.marks["1/√d"])) == pytest.approx(dimensions**-0.5)
    (panel,) = curves_page(found).axes
    decades = {10.0**k for k in range(13)}
    assert {tick for tick in panel.get_yticks() if 1 <= tick <= 1e12} <= decades


def test_typed_dimensions_angles_and_numbers_are_bounded() -> None:
    _, defined = played("ways-out", dimensions="50", least="85", many="400")
    assert defined["fits"].at_most == handcalc.how_many(50, degrees=85).at_most
    assert defined["nearest"].value == handcalc.least_coherence(400, 50).value


# -- words -----------------------------------------------------------------------------------------


def test_words_of_the_reader_are_compared() -> None:
    shown, _ = played("ways-out", walk="1 0", walking="1 1", swim="2 0", swimming="2 1")
    assert "<strong>swimming</strong>, and with" in shown
    assert "<strong>walking</strong>, and with" in untouched("ways-out")


def test_a_word_without_a_direction_is_told() -> None:
    shown, _ = played("ways-out", walk="0 0", walking="1 1", swim="2 0", swimming="2 1")
    assert "no direction" in shown


# -- what can be read back -------------------------------------------------------------------------


def test_arrows_of_the_reader_are_decided() -> None:
    _, defined = played("ways-out", rows="1 0; 0 1; 1/2 1/2", seen="1/2 1/2")
    found = defined["back"]
    assert (found.spark, found.unique, found.l1) == (3, 1, 0)


def test_the_least_of_three_is_as_in_samples() -> None:
    square, of_mean = work.lost_of_all()
    least = np.random.default_rng(4).uniform(size=(200_000, 3)).min(axis=1)
    assert (least**2).mean() == pytest.approx(float(square), rel=0.02)
    assert least.mean() ** 2 == pytest.approx(float(of_mean), rel=0.02)


def test_a_dragged_model_is_read_twice() -> None:
    figure = handcalc.widget("1 0; 0 1; 0 -1", "1 1 0", sparsity="1/2")
    shown, defined = played("ways-out", figure=figure, answers=True)
    assert defined["read"].relu_loss == defined["read"].sparsest_loss
    assert defined["expected"].relu == defined["expected"].value
    assert "What is lost on average" in shown
    assert "What is lost on average" not in untouched("ways-out")


# -- dictionaries ----------------------------------------------------------------------------------


def test_a_dictionary_of_the_reader_is_worked() -> None:
    controls = {"features": "1; -1", "entries": "1; -1", "price": "1/5", "sparsity": "1/2"}
    shown, defined = played("ways-out", coded_input="9/10 1/2 0", **controls)
    assert to_text(defined["lost"].value) == "14279/240000"
    assert defined["code"].encoded == handcalc.parse_vector("11/20 0 0")
    assert r"\frac{27}{400}" in shown


def test_an_input_is_coded_at_the_price_of_the_dictionary() -> None:
    controls = {"features": "1; -1", "entries": "1; -1", "price": "2/5", "sparsity": "1/2"}
    _, defined = played("ways-out", coded_input="1 0 0", **controls)
    assert defined["code"].code == handcalc.parse_vector("4/5 0 0")


def test_a_tilted_dictionary_loses_less_and_is_less_similar() -> None:
    losses = [work.tilted(k) for k in range(6)]
    assert min(losses, key=lambda each: float(each.value)) is losses[2]
    nearness = [float(each.mmcs or 0) for each in losses]
    assert nearness == sorted(nearness, reverse=True)
    shown, _ = played("ways-out", tilt=2, answers=True)
    assert "0.49 % less" in shown
    assert "% less" not in untouched("ways-out")


def test_the_slope_says_what_the_tilt_gains() -> None:
    """Two routes: the gradient, and the losses on both sides."""
    true = handcalc.SparseAutoencoder.of_features(work.ANTIPODAL, work.PRICE)
    slopes = handcalc.sae_gradient(true, work.ANTIPODAL, work.SPARSITY, l1=work.PRICE)
    slope = float(slopes.W_dec[1][0] + slopes.W_dec[2][0])
    change = float(work.tilted(1).value - work.tilted(0).value)
    assert change == pytest.approx(0.02 * slope, rel=0.3)
    assert change < 0


def test_dictionaries_are_compared_as_they_are_told() -> None:
    told = work.dictionary_table()
    assert "0.05527" in told
    assert "0.14369" in told
    assert "0.18163" in told
    assert "0.18163" in opened("ways-out")
    assert "0.18163" not in untouched("ways-out")


def test_an_sae_is_trained_beside_the_features() -> None:
    pytest.importorskip("torch", reason=TORCH)
    controls = {"features": "1; -1", "entries": "1; -1", "price": "1/5", "sparsity": "1/2"}
    shown, defined = played("ways-out", latents=2, training=True, **controls)
    found = defined["trained"]
    exact = float(found.trained.exact_loss.value)
    assert exact == pytest.approx(14279 / 240000, rel=0.01)
    assert "14279/240000" in shown  # the true dictionary's
    assert f"{exact:.6g}" in shown
    assert shown.count("latents never on") == 1
    assert work.train("1; -1", 2, "1/5", "1/2") is found  # not trained again


@pytest.mark.parametrize(("W", "latents", "S"), [("1; -1", 1, "1"), ("0 1; 0 0", 2, "1/2")])
def test_a_dictionary_that_has_nothing_to_find_is_trained_all_the_same(
    W: str, latents: int, S: str
) -> None:
    pytest.importorskip("torch", reason=TORCH)
    found = work.train(W, latents, "1/5", S)
    assert "Exact loss" in page(work.trained_beside_true(found)).text


def test_a_dictionary_in_space_is_drawn_too() -> None:
    pytest.importorskip("torch", reason=TORCH)
    found = work.train("1 0 0; 0 1 0; 0 0 1", 3, "1/5", "1/2")
    shown = page(work.trained_beside_true(found)).text
    assert "marimo-callout" not in shown
    assert shown.count("<img") == 2  # for a light page and a dark one


def test_without_torch_the_exact_side_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    work.train.cache_clear()
    monkeypatch.setattr(
        "handcalc.errors.find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    shown, defined = played("ways-out", latents=3, training=True)
    assert isinstance(defined["trained"], handcalc.InputError)
    assert "handcalc[sim]" in shown
    assert shown.count("<marimo-callout-output") == 1
    assert isinstance(defined["tilted"], handcalc.SaeLoss)


# -- ways out --------------------------------------------------------------------------------------


@pytest.mark.parametrize("W", ["1 0; 0 1; 0 -1", "1; 1/2", "1 0; 0 1", "1"])
def test_lines_along_sparsity_are_those_of_the_engine(W: str) -> None:
    for title, line in work.along_sparsity(W, "1/10").lines.items():
        for S in ("1/4", "1/2", "9/10"):
            (loss,) = (
                each.loss for each in handcalc.ways_out(W, S, "1/10").ways if each.title == title
            )
            assert dict(line)[float(sympy.Rational(S))] == pytest.approx(float(loss), abs=1e-12)


def test_what_a_sparsest_x_decoder_cannot_tell_has_no_line() -> None:
    titles = [*work.along_sparsity("1 0; 0 1; 1 1", "1/10").lines]
    assert "superposition with the sparsest-x decoder" not in titles
    assert len(titles) == 3


def test_the_ways_out_of_the_readers_model() -> None:
    _, defined = played(
        "ways-out", escaping="1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", cost="1/10", at="1/2"
    )
    assert defined["ways"].best.name == "decoder"
    assert to_text(defined["ways"].losses["dictionary"]) == "8412051/64000000"


# -- what cannot be read ---------------------------------------------------------------------------

SAE = {"features": "1 0; 0 1", "entries": "1 0; 0 1", "price": "1/5", "sparsity": "1/2"}
FITS = {"dimensions": "100", "least": "89", "many": "100"}
WAYS = {"escaping": "1 0; 0 1; 1 1", "cost": "1/10", "at": "1/2"}
WORDS = {"walk": "1 0", "walking": "1 1", "swim": "2 0", "swimming": "2 1"}


@pytest.mark.parametrize(
    "controls",
    [
        FITS | {"dimensions": "1/2"},
        FITS | {"least": "91"},
        FITS | {"many": "1"},
        FITS | {"dimensions": "1000000000"},
        WORDS | {"swim": "1 2 3"},
        WORDS | {"walk": "x"},
        {"rows": "1 0; x", "seen": "1 1"},
        {"rows": "1 0; 0 1", "seen": "1 1 1"},
        {"rows": "1 0; 2 0", "seen": "1 1"},
        SAE | {"entries": "2 0; 0 1"},
        SAE | {"entries": "1; -1"},
        SAE | {"price": "-1"},
        SAE | {"sparsity": "2"},
        {"coded_input": "1 x 2"},
        {"coded_input": "1 2"},
        WAYS | {"at": "S"},
        WAYS | {"escaping": "0 0"},
        WAYS | {"cost": ""},
    ],
    ids=lambda controls: " ".join(map(str, controls.values())),
)
def test_what_cannot_be_read_is_told(controls: dict[str, str]) -> None:
    shown, _ = played("ways-out", **controls)
    assert refusals(shown) > refusals(untouched("ways-out"))


def test_a_figure_in_which_an_arrow_is_gone_is_told() -> None:
    shown, _ = played("ways-out", lines=handcalc.widget("1 0; 0 0; -1 0", panels=[]))
    assert "Row 2 of W has no direction" in shown


# -- exercises -------------------------------------------------------------------------------------


def test_its_exercises_are_those_of_the_third_part() -> None:
    positions = [exercises.load(slug).position for slug in asks("ways-out").EXERCISES]
    assert positions == [*range(49, 58)]
