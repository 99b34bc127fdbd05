"""Files and folders that cannot be written are refused before the work, whatever is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from handcalc.cli.report import CommandError
from handcalc.cli.work import embeddings, figure, phases, training
from handcalc.cli.work.outputs import Output, write_all
from handcalc.storage import BusyError
from handcalc.storage.files import try_writing, write
from tests.cli_runs import Shell

SWEEP = ("sweep", "--features=2", "--hidden=1", "--sparsity=1/2", "--restarts=1")
PHASES = ("phases", "--features=2", "--hidden=1", "--points=3")

BAD = {
    "no folder": "no/such/file",
    "a file for its folder": "file/x",
    "a folder in its place": "folder",
    "too long a name": "n" * 300,
    "a link that goes nowhere": "link",
}


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """In a folder with a file, a folder, and a link into a folder that is not there."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    for suffix in ("", ".png"):
        Path(f"folder{suffix}").mkdir()
        Path(f"link{suffix}").symlink_to("no/such/folder/x")
    return Shell(capsys)


def no_work(*_: object, **__: object) -> None:
    pytest.fail("the work began")


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("option", ["--csv", "--png", "--svg"])
def test_phases_refuses_early(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, bad: str, option: str
) -> None:
    monkeypatch.setattr(phases, "run_survey", no_work)
    refused(shell, *PHASES, f"{option}={bad}")


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_figure_refuses_early(shell: Shell, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setattr(figure, "_found", no_work)
    refused(shell, "figure", "by-hand", f"--out={bad}.png")


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_optimum_refuses_early(shell: Shell, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setattr(embeddings, "ProgressBar", no_work)
    refused(shell, "optimum", "--sparsity=1/2", f"--svg={bad}")


@pytest.mark.parametrize("bad", ["file/x", "file", "n" * 300, "link"])
def test_training_refuses_early(shell: Shell, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setattr(training, "_train_with_bar", no_work)
    Path("link").unlink()
    Path("link").symlink_to("link")  # to itself
    refused(shell, *SWEEP, f"--out={bad}")


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "~ nobody"),
        ("figure", "~ nobody"),
        ("exercises", "--course=~ nobody"),
        ("progress", "--export=~ nobody/x"),
        ("grade", "1", "~ nobody"),
        ("forward", "--W=@~ nobody/W.txt"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_home_of_nobody_is_a_name_like_others(shell: Shell, arguments: tuple[str, ...]) -> None:
    refused(shell, *arguments)


def refused(shell: Shell, *arguments: str) -> None:
    before = sorted(Path().iterdir())
    done = shell(*arguments, "--json")
    assert done.code == 2
    assert "models" not in done.json()
    assert done.json()["error"]["message"]
    assert sorted(Path().iterdir()) == before


def test_trying_leaves_everything_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "x.png"
    try_writing(file)
    assert list(tmp_path.iterdir()) == []
    file.write_text("before")
    try_writing(file)
    assert (list(tmp_path.iterdir()), file.read_text()) == ([file], "before")
    try_writing(Path(os.devnull))


def test_a_link_is_followed_and_the_rights_of_a_file_are_kept(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("before")
    file.chmod(0o640)
    link.symlink_to(file)
    write(link, b"after")
    assert link.is_symlink()
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("after", 0o640)


def test_one_file_that_fails_leaves_the_others(tmp_path: Path) -> None:
    def content(text: str) -> Callable[[], str]:
        return lambda: text

    notes, problem = write_all(
        [
            (Output("--csv", tmp_path / "no" / "a"), content("a")),
            (Output("--svg", tmp_path / "b"), content("b")),
        ]
    )
    assert notes == (f"Wrote {tmp_path / 'b'}.",)
    assert problem is not None
    assert problem.message.startswith(f"--csv: the file {tmp_path / 'no' / 'a'} cannot be written")
    assert (tmp_path / "b").read_text() == "b"
    with pytest.raises(CommandError, match="there is no folder"):
        Output("--csv", tmp_path / "no" / "a").refuse_early()


def test_a_run_is_listed_and_deleted(shell: Shell) -> None:
    assert shell(*SWEEP, "--device=cpu").code == 0
    assert shell("compare").code == 0
    listed = shell("runs", "--json").json()
    [run] = listed["runs"]
    assert (run["preset"], run["finished"], run["latest"]) == ("sweep", True, True)
    assert listed["best_known"]["files"] == 1
    unknown = shell("runs", f"--delete={run['name']}", "--delete=nonsense")
    assert unknown.code == 2
    assert "Nothing was deleted" in unknown.err
    other = Path(run["folder"]) / "notes.txt"
    other.touch()
    kept = shell("runs", f"--delete={run['name']}", "--json").json()["error"]
    assert kept["message"].endswith("cannot be deleted: its folder holds other files, too.")
    assert kept["suggestion"] is None
    other.unlink()
    twice = [f"--delete={name}" for name in (run["name"], "best-known", run["name"])]
    deleted = shell("runs", *twice, "--json").json()
    assert (deleted["runs"], deleted["best_known"]["files"]) == ([], 0)
    assert not Path(run["folder"]).exists()
    assert "There is no run" in shell("runs").out


def test_a_run_that_another_process_works_on_is_not_deleted(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(folder: Path, **_: object) -> None:
        raise BusyError(folder)

    assert shell(*SWEEP, "--device=cpu").code == 0
    assert shell("compare").code == 0
    [run] = shell("runs", "--json").json()["runs"]
    for module in ("torchsim.storage.folders.take_lock", "torchsim.comparison.best_store.locked"):
        monkeypatch.setattr(module, busy)
    for name in (run["name"], "best-known"):
        error = shell("runs", f"--delete={name}", "--json").json()["error"]
        assert (error["code"], error["suggestion"]) == ("busy", None)
        assert f"--delete: {name} in " in error["message"]
        assert "another process is at work on it" in error["message"]
    assert shell("runs", "--json").json()["best_known"]["files"] == 1


# -- drawings: --draw and --svg, the same on every command that takes a model ----------------------

ASKED = {
    "show": ("show", "relu"),
    "forward": ("forward", "--W=1 0; 0 1; 0 -1", "--x=1 1/4 1/2"),
    "geometry": ("geometry", "--W=1 0; 0 1; 0 -1"),
    "loss": ("loss", "--W=1 0; 0 1; 0 -1", "--sparsity=1/2"),
    "exercise": ("exercise", "1", "--W=1 0; 0 1; 0 -1", "--b=0 1/2 1/2", "--no-state"),
}


@pytest.mark.parametrize("command", ASKED)
def test_the_drawing_stands_in_the_text(shell: Shell, command: str) -> None:
    plain, drawn = (shell(*ASKED[command], *more) for more in ((), ("--draw",)))
    assert plain.code == drawn.code == (1 if command == "exercise" else 0)
    words = "The dotted circle has radius 1."
    assert words in " ".join(drawn.out.split())
    if command == "show":  # where it always stands, in a place of its own
        return
    assert drawn.out.endswith(f"\n\n{plain.out}")  # so that the end of the text stays in sight
    assert ("ReLU" in drawn.out[: -len(plain.out)]) is (command in ("forward", "loss", "exercise"))


@pytest.mark.parametrize("command", ASKED)
def test_the_drawing_is_written(shell: Shell, command: str) -> None:
    plain, drawn = (shell(*ASKED[command], *more) for more in ((), ("--svg=a.svg",)))
    assert drawn.out == f"{plain.out}\nWrote a.svg.\n"
    assert Path("a.svg").read_text(encoding="utf-8").startswith("<svg ")


@pytest.mark.parametrize("command", ASKED)
def test_a_drawing_changes_no_data_but_the_name_of_its_file(shell: Shell, command: str) -> None:
    plain = shell(*ASKED[command], "--json").json()
    assert shell(*ASKED[command], "--draw", "--json").json() == plain
    assert shell(*ASKED[command], "--svg=b.svg", "--json").json() == {**plain, "svg": "b.svg"}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("command", ASKED)
def test_drawings_are_refused_early(shell: Shell, command: str, bad: str) -> None:
    refused(shell, *ASKED[command], f"--svg={bad}")


@pytest.mark.parametrize("command", ["forward", "geometry", "loss"])
def test_what_has_no_drawing(shell: Shell, command: str) -> None:
    W = "--W=1 0 0 0; 0 1 0 0; 0 0 1 0; 0 0 0 1"
    assert "Arrows in 4 dimensions have no drawing" in shell(command, W, "--draw").out
    done = shell(command, W, "--svg=c.svg")
    assert done.code == 2
    assert done.err.startswith("--svg: Arrows in 4 dimensions have no drawing")
    assert not Path("c.svg").exists()


def test_an_exercise_without_a_model_or_an_answer_has_no_drawing(shell: Shell) -> None:
    done = shell("exercise", "1", "--svg=a b.svg", "--no-state")
    assert done.code == 2
    assert "--svg needs an answer to draw" in done.err
    assert 'handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0" --svg="a b.svg"' in done.err
    done = shell("exercise", "3", "--answer=1 1 1", "--draw", "--no-state")
    assert (done.code, done.err) == (2, "--draw draws a model, and exercise 3 asks for none.\n")


def test_an_answer_that_cannot_be_read_is_not_drawn(shell: Shell) -> None:
    done = shell("exercise", "1", "--W=1 0; 0", "--svg=d.svg", "--draw", "--no-state")
    assert done.code == 3
    assert not Path("d.svg").exists()
