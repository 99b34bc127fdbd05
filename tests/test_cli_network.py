"""``handcalc network``: its pages, its JSON, and what is refused."""

from __future__ import annotations

from typing import get_args

import pytest

import handcalc
from handcalc.cli.names import NETWORKS
from handcalc.cli.options import NETWORK_TASKS
from handcalc.cli.work.networks import toy_model_of
from handcalc.networks.relu_network import Task
from tests.cli_runs import Shell, outside_together

OWN = ("--W_in=1 -1; 1 1", "--W_out=1 1; 0 1", "--task=absolute")


def test_names_and_tasks_are_those_of_the_gallery(shell: Shell) -> None:
    found = shell("network", "--json").json()["networks"]
    assert tuple(each["name"] for each in found) == NETWORKS
    assert tuple(each.name for each in handcalc.networks()) == NETWORKS
    assert get_args(Task) == NETWORK_TASKS
    page = shell("network").out
    assert all(name in page for name in NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_name_has_a_page(shell: Shell, name: str) -> None:
    done = shell("network", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}: ")
    assert max(map(len, done.out.splitlines())) <= 80
    found = shell("network", name, "--json").json()
    assert (found["name"], found["seen"]) == (name, handcalc.network(name).seen)
    assert found["by_active"] == [str(c) for c in handcalc.network(name).loss.by_active or ()]


def test_the_keys_of_a_network(shell: Shell) -> None:
    found = shell("network", "asymmetric", "--sparsity=19/20", "--json").json()
    assert (found["loss"], found["value"]) == ("172531/61440000", 172531 / 61440000)
    assert found["pass"]["output"] == ["0", "15/16", "1/2"]
    assert found["pass"]["difference"] == ["-1/2", "-1/16", "1/2"]
    assert found["W_in"][0] == ["-1/4", "0", "1/4", "0"]
    assert "polynomial" not in found
    symbolic = shell("network", *OWN, "--json").json()
    assert symbolic["value"] is None
    assert symbolic["polynomial"] == symbolic["loss"]
    assert "pass" not in symbolic


def test_own_weights_inputs_and_importances(shell: Shell) -> None:
    network = handcalc.ReluNetwork("1 -1; 1 1", "1 1; 0 1", "0 -1/8")
    given = (*OWN, "--b=0 -1/8", "--importance=1 1/2")
    sets = ("--distribution=correlated", "--sets=1 2", "--sparsity=1/2")
    found = shell("network", *given, *sets, "--x=-1/2 3", "--json").json()
    distribution = handcalc.Correlated([(1, 2)], "1/2")
    loss = handcalc.network_loss(network, "absolute", distribution, "1 1/2")
    assert (found["loss"], found["task"]) == (str(loss.value), "absolute")
    assert found["pass"]["output"] == [str(v) for v in network.output("-1/2 3")]
    assert found["pass"]["notes"][0].startswith("x2 = 3 lies outside [-1, 1]")
    page = shell("network", *given, *sets, "--x=-1/2 3")
    assert max(map(len, page.out.splitlines())) <= 80
    for said in ("2               1/2  1687/24576", "Note: x2 = 3", "feature  importance"):
        assert said in page.out, said


def test_another_bias_has_no_story(shell: Shell) -> None:
    done = shell("network", "asymmetric", "--b=0 -1/20 0", "--sparsity=19/20")
    assert done.out.startswith("asymmetric, with another bias")
    assert handcalc.network("asymmetric").story[:20] not in done.out
    found = shell("network", "asymmetric", "--b=0 -1/20 0", "--sparsity=19/20", "--json").json()
    assert float(found["value"]) < 172531 / 61440000


def test_an_input_is_worked_where_the_loss_is_not(shell: Shell) -> None:
    wide = ("--W_in=1; 1; 1; 1; 1", "--x=1/2")
    done = shell("network", *wide)
    assert done.code == 0
    assert "The loss is not worked out. Up to 4 features" in done.out
    assert shell("network", *wide, "--json").json()["loss"] is None
    one = shell("network", wide[0], "--distribution=one-active", "--json").json()
    assert one["loss"] == "4/3"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["asymetric"], 2, "Try: handcalc network asymmetric"),
        (["--x=1"], 2, "--x needs --W_in, or the name of a network."),
        (["--W_out=1"], 2, "--W_out needs --W_in"),
        (["asymmetric", "--W_out=1"], 2, "leave --W_out out"),
        (["asymmetric", "--b=1 2"], 3, "--b"),
        (["asymmetric", "--x=1 2"], 3, "--x"),
        (["--W_in=1 0; 0 1", "--W_out=1 0"], 3, "--W_out"),
        (["--W_in=1 oops"], 3, "--W_in"),
        (["--W_in=1", "--x=x1"], 3, "--x"),
        (["--W_in=1", "--sparsity=2"], 3, "--sparsity"),
        (["--W_in=1", "--importance=-1"], 3, "--importance"),
        (["--W_in=1", "--task=square"], 2, "identity"),
        (["--W_in=1; 1; 1; 1; 1"], 2, "--distribution=one-active"),
        (["--W_in=" + " ".join("1" * 101)], 2, "100 neurons"),
    ],
)
def test_what_is_refused(shell: Shell, arguments: list[str], code: int, says: str) -> None:
    done = shell("network", *arguments)
    assert done.code == code
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert shell("network", *arguments, "--json").json()["error"] is not None


def test_a_terminal_with_ascii_alone() -> None:
    asked = [["network", *words] for words in ([], ["asymmetric"], ["shared-neuron"])]
    for done in outside_together([(each, {"PYTHONIOENCODING": "ascii"}) for each in asked]):
        assert done.returncode == 0
        assert done.stdout.isascii()
        assert b"<U+" not in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_rounded_loss_is_said_once(shell: Shell) -> None:
    given = ("--W_in=1 -1; 1/3 1; 2 sqrt(2)", "--task=absolute", "--sparsity=1/2 1/3 0")
    assert "Loss L: about 5.916842\n" in shell("network", *given).out


@pytest.mark.parametrize(
    ("W_in", "W_out", "task", "is_toy"),
    [
        ("1 0; 1/2 1/2", None, "identity", True),
        ("1 0; 1/2 1/2", "1 0; 1/2 1", "identity", False),
        ("1 0; -1/2 1/2", None, "identity", False),
        ("1 0; 1/2 1/2", None, "absolute", False),
    ],
)
def test_only_a_toy_model_is_asked_about(
    W_in: str, W_out: str | None, task: Task, is_toy: bool
) -> None:
    """Where no neuron is cut off the network is one; exercises ask for the outputs of those."""
    network = handcalc.ReluNetwork(W_in, W_out, "-1/8")
    twin = toy_model_of(network, task)
    assert (twin is not None) is is_toy
    if twin is not None:
        assert network.output("1 2/3") == handcalc.forward(twin, "1 2/3").output
