"""Names of runs: given by ``train``, ``sweep`` and ``runs``, and taken wherever a RUN is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from handcalc.cli.names import kept_names
from handcalc.cli.program import program
from handcalc.errors import InputError
from tests.cli_runs import Shell, outside_together
from tests.kept_runs import HEADS, ONE, TOY, half, listed, state, words
from tests.test_cli_completion import completions
from torchsim.storage import name_of


def test_a_name_stands_for_the_run_everywhere(shell: Shell, tmp_path: Path) -> None:
    assert shell(*ONE).code == 0
    [folder] = state().glob("sweep-*")
    assert shell(*TOY).code == 0  # which is the latest from now on
    assert "It is called mine now." in shell("runs", "--name", folder.name, "mine").out
    assert name_of(folder) == "mine"
    assert shell("compare", "mine", "--json").json()["run"] == str(folder)
    assert shell("compare", folder.name, "--json").json()["run"] == str(folder)
    drawn = shell("figure", "mine", "--kind=gram", f"--png={tmp_path}/a.png", "--json").json()
    assert (drawn["run"], drawn["preset"]) == (str(folder), "sweep")
    drawn = shell("figure", "sweep", "--run=mine", f"--png={tmp_path}/a.png", "--json").json()
    assert drawn["run"] == str(folder)
    assert shell(*ONE, "--json").json()["read_from_disk"] is True  # the same command finds it
    assert name_of(folder) == "mine"
    assert shell("runs", "mine", "--name=yours").code == 0
    assert shell("compare", "mine").code == 2
    assert shell("runs", "yours", f"--name={folder.name}").code == 0  # takes the name away
    assert name_of(folder) is None
    assert shell("runs", "--name", "nowhere", "yours").code == 2


def test_a_training_has_its_name_from_the_start(shell: Shell) -> None:
    for command in (ONE, TOY, HEADS):
        named = (*command, "--name=here")
        folder = Path(shell(*named, "--json").json()["run"])
        assert name_of(folder) == "here"
        assert shell(*named, "--json").json()["read_from_disk"] is True
        assert shell(*command, "--fresh", "--json").json()["run"] == str(folder)
        assert name_of(folder) == "here"
        assert shell(*command, "--name=there").code == 0
        assert name_of(folder) == "there"
        assert shell("runs", "--delete=there").code == 0
    for option in ("--no-state", "--out=here"):
        done = shell(*ONE, "--name=here", option)
        assert "--name is for runs in handcalc's own folder" in words(done.err)
    assert not Path("here").exists()


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("", "the one given is empty", "--name first"),
        ("a/b", "has no slashes", "--name a-b"),
        ("../../etc", "has no slashes", "--name etc"),
        ("a\x1b[31mb", "do not print", "--name a-31mb"),
        ("x" * 65, "at most 64 characters", f"--name {'x' * 58}"),
        ("by-hand", "it stands for more than one", "--name by-hand-2"),
        ("induction", "it stands for more than one", "--name induction-2"),
        ("sweep", "it stands for more than one", "--name sweep-2"),
        ("best-known", "it stands for more than one", "--name best-known-2"),
        ("other", "Another run is called other", "--name other-2"),
        ("-x", "begins with a letter or a digit", "--name x"),
        ("~", "begins with a letter or a digit", "--name first"),
    ],
)
def test_names_that_are_refused(shell: Shell, name: str, said: str, instead: str) -> None:
    assert shell(*ONE, "--name=mine").code == 0
    assert shell(*TOY, "--name=other").code == 0
    before = {file: file.read_bytes() for file in state().rglob("*") if file.is_file()}
    for command in (("runs", "mine"), (*ONE, "--fresh")):
        done = shell(*command, f"--name={name}", "--json")
        assert done.code == 2
        error = json.loads(done.out)["error"]
        assert said in error["message"]
        assert error["suggestion"].endswith(instead)
    assert before == {file: file.read_bytes() for file in state().rglob("*") if file.is_file()}


def test_a_name_and_a_folder_here_are_not_mistaken_for_each_other(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell(*ONE, "--name=mine").code == 0
    assert shell(*TOY, "--out=mine").code == 0
    for command in (("compare", "mine"), ("runs", "mine"), ("figure", "mine")):
        done = shell(*command)
        assert (done.code, "mine is what 2 runs are called" in words(done.err)) == (2, True)
    assert shell("runs", "./mine", "--json").json()["preset"] == "by-hand"
    named = shell("runs", "./mine", "--name=yours")
    assert "is not in handcalc's own folder" in words(named.err)
    assert shell("runs", "--delete=mine").code == 0
    assert Path("mine/record.json").exists()
    assert shell("runs", "mine", "--json").json()["preset"] == "by-hand"


def test_a_damaged_run_in_the_folder_disturbs_no_other(shell: Shell) -> None:
    assert shell(*ONE, "--name=mine").code == 0
    for name, text in (("broken", "{"), ("hostile", '{"schema": 1, "name": "a\\nb"}')):
        (state() / name).mkdir()
        (state() / name / "spec.json").write_text(text)
    found = listed(shell)
    assert found["mine"]["damaged"] is None
    assert "is not whole JSON" in found["broken"]["damaged"]
    assert "damaged" in shell("runs").out
    assert shell("compare", "mine").code == 0
    for name in ("broken", "hostile"):
        for arguments in ([], ["--name=better"], ["--merge=mine"]):
            asked = ["runs", name, *arguments]
            if arguments == ["--merge=mine"]:
                asked = ["runs", f"--merge={name}", *arguments]
            done = shell(*asked)
            assert (done.code, "spec.json" in done.err) == (2, True)
    assert shell("runs", "--delete=broken", "--delete=hostile").code == 0
    assert list(listed(shell)) == ["mine"]


def test_of_two_processes_one_gets_the_name(shell: Shell) -> None:
    for k in range(2):
        assert shell(*ONE[:-2], f"--restarts={k + 1}", f"--name=run {k}").code == 0
    commands = [(("runs", f"run {k}", "--name=best"), os.environ) for k in range(2)]
    done = outside_together(commands)
    assert sorted(each.returncode for each in done) == [0, 2]
    refused = [each.stderr.decode() for each in done if each.returncode]
    assert all("Another run is called best" in words(text) for text in refused)
    assert [name for name in listed(shell) if name == "best"] == ["best"]
    assert len(listed(shell)) == 2


def test_a_run_that_another_process_trains_is_not_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = half()

    def busy(*_: object, **__: object) -> None:
        raise InputError("busy", "Another process is at work.", suggestion="--out ANOTHER_FOLDER")

    monkeypatch.setattr("torchsim.storage.folders.lock", busy)
    done = shell("runs", "sweep-half", "--name=mine", "--json")
    error = json.loads(done.out)["error"]
    assert (done.code, error["code"], error["suggestion"]) == (2, "busy", None)
    assert name_of(folder) is None


def test_the_tab_key_offers_names(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell(*ONE, "--name=mine").code == 0
    assert shell(*TOY, "--name=two words").code == 0
    (state() / "broken").mkdir()
    (state() / "broken" / "spec.json").write_text("[")
    [toy] = state().glob("by-hand-*")
    for typed in ("compare ", "runs ", "runs --merge ", "runs --delete ", "figure --run "):
        offered = completions(typed, capsys, monkeypatch)
        assert {"plain,mine", f"plain,{toy.name}", "plain,broken"} <= set(offered)
        assert ("plain,best-known" in offered) == (typed == "runs --delete ")
    assert "plain,mine" in completions("figure m", capsys, monkeypatch)
    shutil.rmtree(state())
    [run, *_] = program.commands["runs"].params
    assert kept_names(None, run, "") == []  # type: ignore[arg-type]  # no context is needed
