"""The best known by problem: kept exactly, only ever lower, safe from damage and each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from handcalc.superposition.loss.distribution import Correlated, SparseUniform
from handcalc.superposition.loss.problem import Problem
from tests.cli_runs import ROOT
from torchsim import ModelSpec, TrainingRun, TrainingSpec
from torchsim.comparison import best_known, best_store
from torchsim.comparison.best_store import BestStore, KnownBest, losses_of
from torchsim.run import History, Trained

PAIR = Problem.of(2, 1, sparsity="1/2")


def lengths(length: float, problem: Problem = PAIR) -> KnownBest:
    """An antipodal pair of this length, with what it really loses."""
    made = KnownBest(0.0, np.asarray([[length], [-length]]), np.zeros(2), 8, 4, proved=False)
    return replace(made, loss=losses_of([problem], [made])[0])


def file_of(folder: Path) -> Path:
    [file] = folder.glob("relu-*.json")
    return file


def test_what_was_kept_is_read_back(tmp_path: Path) -> None:
    best = lengths(0.9)
    BestStore(tmp_path).improve({PAIR: best})
    found = BestStore(tmp_path).known([PAIR, Problem.of(2, 1, sparsity="1/3")])
    assert list(found) == [PAIR]
    kept = found[PAIR]
    assert (kept.loss, kept.restarts, kept.agreed, kept.proved) == (best.loss, 8, 4, False)
    assert np.array_equal(kept.W, best.W)
    assert np.array_equal(kept.b, best.b)


@pytest.mark.parametrize("lower_first", [True, False])
def test_a_loss_only_ever_gets_lower(tmp_path: Path, lower_first: bool) -> None:
    low, high = sorted((lengths(0.9), lengths(0.2)), key=lambda best: best.loss)
    for best in (low, high) if lower_first else (high, low):
        BestStore(tmp_path).improve({PAIR: best})
    assert BestStore(tmp_path).known([PAIR])[PAIR].loss == low.loss


def test_rounding_is_no_improvement(tmp_path: Path) -> None:
    best = lengths(0.9)
    BestStore(tmp_path).improve({PAIR: best})
    before = file_of(tmp_path).read_bytes()
    BestStore(tmp_path).improve({PAIR: replace(best, loss=best.loss * (1 - 1e-12))})
    assert file_of(tmp_path).read_bytes() == before


def test_a_problem_is_known_by_what_it_is(tmp_path: Path) -> None:
    """However it was said: 0.5 is 1/2, one S for all is one each."""
    BestStore(tmp_path).improve({PAIR: lengths(0.9)})
    same = [
        Problem.of(2, 1, sparsity="0.5", importance="1 1"),
        Problem.of(2, 1, SparseUniform("1/2 1/2")),
        Problem.of(2, 1, Correlated([(1,), (2,)], "1/2")),
    ]
    for problem in same:
        assert list(BestStore(tmp_path).known([problem])) == [problem]
    others = [
        Problem.of(2, 1, sparsity="1/2", importance="1 1/2"),
        Problem.of(2, 1, sparsity="1/2 1/3"),
        Problem.of(2, 1, Correlated([(1, 2)], "1/2")),
        Problem.of(2, 2, sparsity="1/2"),
    ]
    for problem in others:
        assert BestStore(tmp_path).known([problem]) == {}


def changed(file: Path, **entry: Any) -> None:
    content = json.loads(file.read_text())
    for each in content["problems"].values():
        each.update(entry)
    file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-9]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"\xff\x00"),
        lambda file: file.write_text("[" * 100_000),
        lambda file: file.write_text('{"schema": 1, "problems": []}'),
        lambda file: changed(file, loss=1e-9),
        lambda file: changed(file, loss="0.1"),
        lambda file: changed(file, W=[[0.9], [-0.8]]),
        lambda file: changed(file, W=[[0.9, 0], [-0.9, 0]]),
        lambda file: changed(file, W=None),
        lambda file: changed(file, W=[[10**400], [0]]),
        lambda file: changed(file, W=[[1e200], [-1e200]]),
        lambda file: changed(file, agreed=1.5),
    ],
)
def test_a_damaged_file_is_said_and_mended(tmp_path: Path, damage: Any) -> None:
    BestStore(tmp_path).improve({PAIR: lengths(0.9)})
    damage(file_of(tmp_path))
    store = BestStore(tmp_path)
    assert store.known([PAIR]) == {}
    [said] = store.trouble
    assert said == f"{file_of(tmp_path)} is damaged; what it should hold is searched for anew."
    store.improve({PAIR: lengths(0.9)})
    healed = BestStore(tmp_path)
    assert healed.known([PAIR])[PAIR].loss == lengths(0.9).loss
    assert healed.trouble == []


def test_a_file_of_another_version_is_kept_aside(tmp_path: Path) -> None:
    BestStore(tmp_path).improve({PAIR: lengths(0.9)})
    file = file_of(tmp_path)
    other = file.read_text().replace('"schema": 1', '"schema": 2')
    file.write_text(other)
    store = BestStore(tmp_path)
    assert store.known([PAIR]) == {}
    [said] = store.trouble
    assert said.startswith(f"{file} was laid out by another version.")
    assert file.read_text() == other  # to look changes nothing
    store.improve({PAIR: lengths(0.9)})
    aside = file.with_name(f"{file.name}.other")
    assert aside.name in said
    assert aside.read_text() == other
    assert list(BestStore(tmp_path).known([PAIR])) == [PAIR]
    assert BestStore(tmp_path).files() == [file]


def test_a_better_search_searches_again_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    low, high = sorted((lengths(0.9), lengths(0.2)), key=lambda best: best.loss)
    BestStore(tmp_path).improve({PAIR: low})
    monkeypatch.setattr(best_store, "METHOD", best_store.METHOD + 1)
    store = BestStore(tmp_path)
    assert store.known([PAIR]) == {}
    store.improve({PAIR: high})
    assert store.known([PAIR])[PAIR].loss == low.loss
    assert BestStore(tmp_path).known([PAIR])[PAIR].loss == low.loss


def test_nothing_is_searched_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    search = best_known.search

    def counted(problems: Any) -> Any:
        calls.append(len(problems))
        return search(problems)

    monkeypatch.setattr(best_known, "search", counted)
    models = [ModelSpec.of(2, 1, f"{k}/20") for k in range(15)]
    told: list[tuple[int, int]] = []
    first = best_known.best_known(
        models, BestStore(tmp_path), lambda done, total: told.append((done, total))
    )
    assert (calls, told) == ([12, 3], [(12, 15), (15, 15)])
    again = best_known.best_known(models, BestStore(tmp_path))
    assert calls == [12, 3]
    assert [best.loss for best in first if best] == [best.loss for best in again if best]


def trained(*ends: float) -> TrainingRun:
    """A run whose models, of one problem, ended as antipodal pairs of these lengths."""
    models = tuple(ModelSpec.of(2, 1, "1/2", seed=seed) for seed in range(len(ends)))

    def one(model: ModelSpec, length: float) -> Trained:
        best = lengths(length)
        W, b = torch.from_numpy(best.W)[None], torch.from_numpy(best.b)[None]
        loss = torch.tensor([best.loss], dtype=torch.float64)
        return Trained(model, W, b, loss, loss, torch.zeros(1), History((1,), loss[None]))

    spec = TrainingSpec(models, restarts=1)
    return TrainingRun(spec, tuple(map(one, models, ends)), 0.0, "made up")


def test_training_that_comes_lower_than_what_is_kept_improves_it(tmp_path: Path) -> None:
    BestStore(tmp_path).improve({PAIR: lengths(0.2)})  # a search that did badly
    run = trained(0.9)
    [best] = best_known.best_of_trained(run.trained, BestStore(tmp_path))
    assert best is not None
    assert best.loss == pytest.approx(0.0762824470, abs=1e-10)  # the minimum below it
    assert BestStore(tmp_path).known([PAIR])[PAIR].loss == best.loss
    [same] = best_known.best_of_trained(trained(0.2).trained, BestStore(tmp_path))
    assert same is not None
    assert same.loss == best.loss


@pytest.mark.parametrize("ends", [(0.9, 0.2), (0.2, 0.9)])
def test_one_problem_has_one_best(tmp_path: Path, ends: tuple[float, ...]) -> None:
    """Whichever of its models came lower than the search."""
    BestStore(tmp_path).improve({PAIR: lengths(0.2)})
    for store in (BestStore(tmp_path), BestStore(tmp_path)):
        found = best_known.best_of_trained(trained(*ends).trained, store)
        losses = [best.loss for best in found if best is not None]
        assert losses == [pytest.approx(0.0762824470, abs=1e-10)] * 2


WRITER = """
import sys
from pathlib import Path
from tests.test_sim_best_store import PAIR, lengths
from handcalc.superposition.loss.problem import Problem
from torchsim.comparison.best_store import BestStore
start = int(sys.argv[2])
for k in range(start, 16, 2):
    problem = Problem.of(2, 1, sparsity=f"{k}/16")
    length = 0.5 + k / 100
    BestStore(Path(sys.argv[1])).improve({problem: lengths(length, problem), PAIR: lengths(length)})
"""


@pytest.mark.slow
def test_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(k)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for k in (0, 1)
    ]  # fmt: skip
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    problems = [Problem.of(2, 1, sparsity=f"{k}/16") for k in range(16)]
    store = BestStore(tmp_path)
    assert list(store.known(problems)) == problems
    lowest = min(lengths(0.5 + k / 100).loss for k in range(16))
    assert store.known([PAIR])[PAIR].loss == pytest.approx(lowest, rel=1e-6)
    assert store.trouble == []


def test_a_folder_that_cannot_be_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = BestStore(tmp_path / "file" / "best-known")
    store.improve({PAIR: lengths(0.9)})
    assert store.known([PAIR])[PAIR].loss == lengths(0.9).loss
    [said] = store.trouble
    assert "cannot be kept" in said
    assert "HANDCALC_STATE_DIR" in said
