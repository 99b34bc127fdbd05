"""A W that is wider than tall: the hint that rows are features, and how to say what is meant."""

from __future__ import annotations

import pytest

from tests.cli_runs import Shell

WIDE, TALL = "--W=1 0 0; 0 1 -1", "--W=1 0; 0 1; 0 -1"
COMMANDS = [["geometry"], ["forward"], ["loss"], ["loss", "--sparsity=1/2"], ["forward", "--x=1"]]
HINT = "Note: W has one row per feature, so this is 2 features in 3 hidden dimensions."


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wide_W_has_a_note(shell: Shell, command: list[str]) -> None:
    done = shell(*command, WIDE)
    assert (done.code, done.err) == (0, "")
    assert done.out.replace(" \n", " ").replace("\n", " ").startswith(HINT)
    found = shell(*command, WIDE, "--json").json()
    (note, *_) = found["notes"]
    assert "whose W is the transposed one, add --rows dimensions" in note
    assert found["W"] == [["1", "0", "0"], ["0", "1", "-1"]]  # as it was typed


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_was_meant_can_be_said(shell: Shell, command: list[str]) -> None:
    meant = shell(*command, WIDE, "--rows", "features")
    assert (meant.code, HINT in meant.out) == (0, False)
    assert meant.out.strip() == shell(*command, WIDE).out.split("away.", 1)[1].strip()
    turned = shell(*command, WIDE, "--rows=dimensions")
    assert turned.out == shell(*command, TALL).out
    assert shell(*command, WIDE, "--rows=dimensions", "--json").json()["notes"] == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("W", [TALL, "--W=1 0; 0 1", "--W=1"])
def test_other_shapes_have_none(shell: Shell, command: list[str], W: str) -> None:
    assert "--rows" not in shell(*command, W).out
    assert shell(*command, W, "--json").json()["notes"] == []


@pytest.mark.parametrize("option", ["--b=0 0 1", "--x=1 1/2 1/4"])
def test_what_does_not_fit_a_wide_W_is_told_why(shell: Shell, option: str) -> None:
    error = shell("forward", WIDE, option, "--json").json()["error"]
    assert "not 3. W has one row per feature" in error["message"]
    assert shell("forward", WIDE, option, "--rows=dimensions").code == 0
    error = shell("forward", WIDE, option, "--rows=features", "--json").json()["error"]
    assert "one row per feature" not in error["message"]
