"""Figures of trained attention-only models: what is drawn, in words too, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.text import Text

import handcalc
from tests.attention_by_hand import SHARP, as_trained, counting, named, run_of
from tests.circuit_cases import random_model
from torchsim.attention.data import Contexts, TokenChain
from torchsim.attention.run import AttentionRun
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.attention.training import train
from torchsim.figures import KINDS, check, describe, draw, kinds, rendered
from torchsim.figures.attention.patterns import patterns
from torchsim.figures.attention.tables import tables
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training import train as train_toy

COIN = {"m": 1, "b": 1}


@pytest.fixture(scope="module")
def induction() -> AttentionRun:
    """One head that copies evenly, and an induction head, both by hand."""
    one = named("copying", V=4)
    two = named("induction", V=4, n=12, sharpness=SHARP)
    return run_of(one, two)


@pytest.fixture(scope="module")
def short() -> AttentionRun:
    """Two models after a few steps, one without layers."""
    models = tuple(AttentionSpec(TokenChain(5, 8), layers=k, heads=2, steps=60) for k in (0, 2))
    return train(AttentionTraining(models, restarts=2))


@pytest.fixture(scope="module")
def counts() -> AttentionRun:
    data = Contexts.bigrams([[3, 1, 1], [1, 2, 5], [1, 1, 1]])
    models = tuple(
        AttentionSpec(data, layers=0, d_model=k, positions=False, steps=40) for k in (1, 2)
    )
    return train(AttentionTraining(models, restarts=2))


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["attention", "losses", "tables"])
def test_each_kind_is_drawn_and_says_what_it_shows(
    induction: AttentionRun, short: AttentionRun, kind: Any, dark: bool
) -> None:
    for run in (induction, short):
        figure = draw(kind, run, dark)
        assert figure.get_label() == describe(kind, run)
        assert len(str(figure.get_label())) > 60
        assert figure.get_suptitle()
        assert rendered(figure, ".png")[:4] == b"\x89PNG"


def test_which_kinds_suit_a_run(induction: AttentionRun, counts: AttentionRun) -> None:
    assert kinds(induction) == ("attention", "losses", "tables")
    assert kinds(counts) == ("tables", "losses")
    assert set(kinds(induction)) <= set(KINDS)
    with pytest.raises(handcalc.InputError, match='is "tables" or "losses", not "attention"'):
        check("attention", counts)
    toy = train_toy(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=1))
    with pytest.raises(handcalc.InputError, match='not "attention"'):
        draw("attention", toy)


def test_the_title_says_which_circuit_is_near(induction: AttentionRun) -> None:
    title = draw("attention", induction).get_suptitle().replace("\n", " ").replace("\u00a0", " ")
    assert "near the circuit induction, by heads 1.1 and 2.1" in title
    assert "near the circuit copying, by head 1.1" in title
    assert describe("losses", run_of(counting())).startswith("Near no named circuit.")


def test_the_title_says_what_is_paid_and_by_whom() -> None:
    seen = {"keep in": {"m": 2}, "keep at": {"b": 2}, "<s> in": COIN, "<s> at": COIN}
    behind = {f"<s> {text}": row for text, row in seen.items()}
    data = Contexts.of("<s> keep in at m b", behind)
    models = tuple(
        AttentionSpec(data, layers=1, positions=False, self_attention=own, steps=5)
        for own in (False, True)
    )
    title = draw("losses", train(AttentionTraining(models, restarts=1))).get_suptitle()
    said = title.replace("\n", " ").replace("\u00a0", " ")
    assert said.startswith("without its own place: loss ")
    assert ", of at least 0.45445; with its own place: loss " in said


def test_a_pattern_is_that_of_the_exact_circuit(induction: AttentionRun) -> None:
    first, second, third = patterns(induction, "a b c a b d")
    model = handcalc.circuit("induction", V=4, n=12).model
    run = handcalc.run_circuit(model, "a b c a b d")
    for shown, exact in ((first, run.pattern[0][0]), (second, run.pattern[1][0])):
        wanted = torch.tensor([[float(x) for x in row] for row in exact], dtype=torch.float64)
        assert torch.allclose(shown.weights, wanted, atol=1e-9)
    assert third.head == "Head 1.1"
    assert torch.nonzero(second.followers).tolist() == [[3, 1], [4, 2]]


@pytest.mark.parametrize(("tokens", "place"), [("a b c a b d", (0.85, 0.15)), (None, (0.5, 0.5))])
def test_dots_are_beside_numbers_and_amid_cells_without(
    tokens: str | None, place: tuple[float, float]
) -> None:
    model = AttentionSpec(TokenChain(12, 24), layers=1, heads=4, steps=1)
    panel = draw("attention", train(AttentionTraining((model,), restarts=1)), tokens=tokens).axes[0]
    assert bool(panel.texts) == (tokens is not None)
    (dots,) = (each for each in panel.collections if each.get_gid() == "followers")
    within = {(round(float(x) % 1, 4), round(float(y) % 1, 4)) for x, y in dots.get_offsets()}
    assert within == {place}


def test_panels_in_one_row_have_as_much_room_below_as_above(induction: AttentionRun) -> None:
    figure = draw("attention", induction)
    figure.draw_without_rendering()
    panel = figure.axes[0]
    free, used = panel.get_position(original=True), panel.get_position()
    assert used.height < free.height
    assert used.y0 - free.y0 == pytest.approx(free.y1 - used.y1)


def test_a_sentence_is_of_the_data_or_that_which_is_given(induction: AttentionRun) -> None:
    texts = written(draw("attention", induction, tokens="d d a"))
    assert {"1 d", "2 d", "3 a"} <= set(texts)
    assert describe("attention", induction, tokens=["d", "a"]).count("2 a attends to") == 3
    assert len(patterns(induction, None)[0].tokens) == 12


@pytest.mark.parametrize(
    ("tokens", "code"), [("a b x", "token"), ("a " * 20, "too_long"), ("", "empty")]
)
def test_a_sentence_that_cannot_be_read_is_refused(
    induction: AttentionRun, tokens: str, code: str
) -> None:
    with pytest.raises(handcalc.InputError, match=r"vocabulary|position|token") as refused:
        draw("attention", induction, tokens=tokens)
    assert refused.value.code == code


def test_what_makes_no_difference_is_refused(induction: AttentionRun) -> None:
    with pytest.raises(handcalc.InputError, match=r'tokens= is for "attention" alone'):
        draw("tables", induction, tokens="a b")
    with pytest.raises(handcalc.InputError, match="best= is for toy models"):
        draw("tables", induction, best=[None, None])


def test_tables_are_those_of_exact_numbers() -> None:
    model = random_model(3, (1, 1), V=4, d_model=5, d_head=3)
    run = run_of(as_trained(model, TokenChain(4, 6)))
    found = {table.what: table.cells for table in tables(run)}

    def exact(table: Any) -> torch.Tensor:
        rows = [[float(cell) for cell in row] for row in table.cells]
        return torch.tensor(rows, dtype=torch.float64)

    direct = exact(handcalc.bigram_table(model))
    centred = direct - direct.mean(1, keepdim=True)
    assert torch.allclose(found["W_E W_U, rows centred"], centred)
    assert torch.allclose(found["OV of head 1.1"], exact(handcalc.ov_circuit(model, 1, 1)))
    assert torch.allclose(found["QK of head 2.1"], exact(handcalc.qk_circuit(model, 2, 1)))
    assert "K-composition 1.1 → 2.1" in found


def test_the_best_table_stands_beside_those_of_zero_layers(counts: AttentionRun) -> None:
    *_, best = tables(counts)
    assert (best.what, best.model) == ("Log counts, rows centred", "exact")
    assert best.cells.sum(1).abs().max() < 1e-12
    assert "least" in " ".join(written(draw("losses", counts)))


def test_the_title_of_tables_says_who_copies(induction: AttentionRun) -> None:
    assert draw("tables", induction).get_suptitle().endswith("copying, 2.1; matching, 1.1 → 2.1.")


def test_no_more_panels_than_can_be_read() -> None:
    models = tuple(AttentionSpec(TokenChain(4, 6), heads=4, steps=1, seed=k) for k in range(6))
    run = train(AttentionTraining(models, restarts=1))
    assert "8 of 48 are shown." in " ".join(written(draw("attention", run))).replace("\n", " ")
    assert "5 of 6 models are shown." in " ".join(written(draw("losses", run))).replace("\n", " ")
