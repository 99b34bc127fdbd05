"""The lectures on circuits: what a reader types or slides is what the engine works out."""

from __future__ import annotations

import pytest

import handcalc
from handcalc.circuits.softmax import Softmax
from handcalc.inputs.arguments import exact
from handcalc.lectures import showing
from handcalc.numbers.exact import to_text
from tests.lecture_runs import asks, played, refusals, untouched

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes


def test_softmax_is_that_of_the_engine() -> None:
    shown, defined = played("one-layer", base=5, scores="0 2")
    assert defined["weights"]["base 5"] == Softmax.of("base 5").of_scores("0 2")
    assert r"\frac{25}{26}" in shown
    assert r"\frac{25}{26}" not in untouched("one-layer")


def test_a_sentence_of_the_reader_is_worked() -> None:
    controls = {"sentence": "c a b", "softmax": "base 3", "head": 2}
    shown, defined = played("one-layer", **controls)
    model = asks("one-layer").two_heads("base 3")
    run = handcalc.run_circuit(model, "c a b")
    assert defined["run"].residual == run.residual
    assert showing.vector(run.residual[1][2]).strip("$") in shown.replace("||(", "").replace(
        "||)", ""
    )
    assert "They agree." in shown


@pytest.mark.parametrize("softmax", ["base 1", "hard"])
def test_the_three_ways_agree(softmax: str) -> None:
    shown, _ = played("one-layer", sentence="a c b", softmax=softmax, head=1)
    assert "They agree." in shown


def test_with_e_the_matrix_is_left_out_and_said_so() -> None:
    shown, _ = played("one-layer", sentence="a c", softmax="exp", head=1)
    assert "too long to be shown" in shown


def test_effects_follow_the_sliders() -> None:
    sliders = {"in_looks": 1, "at_looks": 0, "to_mind": 4, "to_bay": -2}
    _, defined = played("one-layer", **sliders)
    effect = defined["effect"]
    assert effect.rank == 1
    assert effect.effects == ((2, -1), (exact("4/3"), exact("-2/3")))


def test_the_other_controls_of_one_layer() -> None:
    _, defined = played(
        "one-layer",
        writer="1 0",
        reader="3 4",
        corpus="abab",
        rows="30 40; -9 -10",
        positions="one-hot",
        places=4,
    )
    assert to_text(defined["heard"].product[0][0]) == "3"
    assert defined["bigrams"].counts == ((0, 2), (1, 0))
    assert (defined["copies"].score, defined["copies"].top1) == (1, ())
    assert defined["leads"] == (1, 1, 1)


def test_the_controls_of_two_layers() -> None:
    shown, defined = played(
        "two-layers",
        layers=3,
        heads=2,
        path_circuit="two-back",
        path_sentence="a b c",
        writes="1 0; 0 0",
        asks="0 0; 0 0",
        moves="1 0; 1 0",
        softmax="base 2",
        places=4,
        kind="induction-compact",
        sentence="abac a",
        up_to=3,
        sharpness=3,
        strength=2,
        many=2,
    )
    assert defined["orders"] == (1, 6, 12, 8)
    assert defined["expansion"].logits == defined["expansion"].run.logits
    assert to_text(defined["scores"].pairs[0].V) == "1/2"
    assert (
        defined["virtual"].cells[2]
        == handcalc.path_expansion(
            handcalc.circuit("two-back", n=4, softmax="base 2").model, [0] * 4
        )
        .terms[-1]
        .pattern[2]
    )
    assert defined["run"].tokens == ("<s>", "a", "b", "a", "c", "a")
    assert (defined["proof"].sequences, defined["proof"].failures) == (18, 0)
    assert not defined["soft"].holds
    assert "".join(defined["rank"].wrong[0]) in shown
    assert len(defined["rank"].wrong[0]) == 15


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("one-layer", {"writer": "1 x", "reader": "1 2 3"}),
        ("one-layer", {"base": 2, "scores": ""}),
        ("one-layer", {"sentence": "a q", "softmax": "base 2", "head": 1}),
        ("one-layer", {"corpus": "a"}),
        ("one-layer", {"rows": "1 2"}),
        ("two-layers", {"path_circuit": "induction", "path_sentence": ""}),
        ("two-layers", {"writes": "1 2; 3", "asks": "1", "moves": "1"}),
        ("two-layers", {"kind": "induction", "sentence": "abcabcabcabc", "up_to": 2}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_cannot_be_read_is_told(name: str, controls: dict[str, object]) -> None:
    shown, _ = played(name, **controls)
    assert refusals(shown) > refusals(untouched(name))
