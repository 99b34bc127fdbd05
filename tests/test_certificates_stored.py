"""Wherever a page says that an embedding is proved to be the best, a certificate says so, too."""

from __future__ import annotations

import re

import pytest

import handcalc
from handcalc.superposition.certificates.certificate import from_bytes
from handcalc.superposition.certificates.checker.checking import conclude
from handcalc.superposition.certificates.stored import (
    stored_certificate,
    stored_content,
    stored_names,
)
from handcalc.superposition.closed_forms.three_in_two import three_in_two
from handcalc.superposition.loss.problem import Problem
from handcalc.views.text.best import sure, typed
from tests.guarded import ROOT

QUICK = ("two-in-one-half",)
SLOW = tuple(name for name in stored_names() if name not in QUICK)


@pytest.mark.parametrize("name", stored_names())
def test_a_certificate_is_about_the_problem_of_its_name(name: str) -> None:
    problem = from_bytes(stored_content(name)).claim.problem
    assert stored_certificate(problem) == name


@pytest.mark.parametrize("name", stored_names())
def test_its_margins_and_regions_prove_the_best(name: str) -> None:
    found = conclude(from_bytes(stored_content(name)))
    assert found.is_proved
    assert found.gap < 1e-50


@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_all_of_it_holds_when_it_is_worked_out_again(name: str) -> None:
    certificate = from_bytes(stored_content(name))
    assert handcalc.check_certificate(certificate).is_proved


@pytest.mark.parametrize("name", SLOW)
def test_its_model_is_the_best_that_is_worked_by_hand(name: str) -> None:
    certificate = from_bytes(stored_content(name))
    S = certificate.claim.problem.sparsities[0]
    best = three_in_two(str(S)).best
    loss = handcalc.expected_loss(certificate.model, certificate.claim.problem.distribution).value
    assert abs(float(loss) - float(best.values.total)) < 1e-14


@pytest.mark.parametrize("sparsity", ["1/5", "3/10", "2/5", "1/2", "7/10", "9/10"])
def test_the_page_of_the_best_says_proved_only_with_a_certificate(sparsity: str) -> None:
    result = three_in_two(sparsity)
    name = stored_certificate(Problem.of(3, 2, sparsity))
    assert ("that is proved" in sure(result)) == (name is not None)
    assert (typed(result) == f"handcalc verify {name}") == (name is not None)


def test_certificates_that_texts_name_are_there() -> None:
    texts = [*(ROOT / "exercises" / "bank").glob("*.toml"), *(ROOT / "docs").glob("*.md")]
    named = {
        (path.name, name)
        for path in texts
        for name in re.findall(r"handcalc verify\s([a-z]+-in-[a-z-]+)", path.read_text("utf-8"))
    }
    assert {name for _, name in named} <= set(stored_names())
    assert {path for path, _ in named} >= {
        "best-at-nine-tenths.toml",
        "best-at-three-tenths.toml",
        "proofs.md",
    }
