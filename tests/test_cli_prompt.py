"""The prompt is a place to stay: keys, pasted commands, what is asked again, and how to leave."""

from __future__ import annotations

import stat
import sys
from collections.abc import Mapping

import pytest

from exercises import Exercise, load_all
from exercises.exercise import ChoiceAnswer
from exercises.reporting.prose import answer_options
from handcalc.cli.work.question import as_line
from tests.cli_runs import Shell, interruptible
from tests.practice_runs import COURSE, Typist, flat, records, state_folder, typing

W_PROMPT = "W (3 rows of 2, with ; or Enter between rows): "
B_ALONE = "b (3 numbers; W stays, `all` asks for both): "
SOLVED = ("1 0; 0 1; 0 0", "0 0 1/4")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return typing(monkeypatch)


@pytest.fixture
def dumb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that cannot change a line."""
    monkeypatch.setenv("TERM", "dumb")


# -- what is asked again ---------------------------------------------------------------------------


def test_b_alone_is_asked_for_where_W_is_right(shell: Shell, lines: list[str]) -> None:
    lines += [SOLVED[0], "", SOLVED[1]]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert done.out.count(W_PROMPT) == 1
    assert B_ALONE in done.out
    assert "Exercise 1: solved" in done.out
    assert records()["perfect-reconstruction"]["attempts"] == 2


def test_one_row_is_asked_for_where_it_alone_is_off(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 1; -1 0; 0 -2", "", "0 -1"]
    done = shell("exercise", "11")
    assert (done.code, lines) == (0, [])
    assert "Row 4 of W (2 numbers; the rest stays, `all` asks for everything): " in done.out


def test_a_whole_W_is_taken_for_a_row_too(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 1; -1 0; 0 -2", "", "0 1; -1 0; 0 -1; 1 0"]
    assert shell("exercise", "11").code == 0


def test_all_asks_for_everything_anew(shell: Shell, lines: list[str]) -> None:
    lines += [SOLVED[0], "", "all", "1 0; 0 1; 0 -1", "0 1/4 1/2"]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert done.out.count(W_PROMPT) == 2


def test_where_b_plays_no_part_it_is_not_asked_for_again(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 1; 0 1", "", "1 0; 0 1; 0 -1"]
    done = shell("exercise", "5")
    assert (done.code, lines) == (0, [])
    assert done.out.count("b (3 numbers") == 1


def test_a_typo_in_row_3_keeps_rows_1_and_2(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0", "0 1", "0 0!!", "0 0", SOLVED[1]]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert "W (3 rows of 2), rows 1 to 2 are kept. Row 3: 0 0\n" in done.out


@pytest.mark.usefixtures("dumb")
def test_a_typo_in_a_line_that_cannot_be_changed(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0; 0 x!; 0 0", "0 1", SOLVED[1]]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert "W (3 rows of 2), row 1 is kept. Row 2: 0 1\n" in done.out
    assert "(It was: 0 x!)" in done.out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0 1;\n1 0;0 1;", "0 1; 1 0; 0 1"),
        ("W = 0 1\n1 0; 0 1\nb = 0 0", "W = 0 1; 1 0; 0 1; b = 0 0"),
        ("[0 1;\n1 0]", "[0 1; 1 0]"),
    ],
)
def test_lines_become_one_that_says_the_same(text: str, line: str) -> None:
    assert as_line(text) == line


@pytest.mark.usefixtures("dumb")
def test_enter_keeps_the_answer_before(shell: Shell, lines: list[str]) -> None:
    lines += ["1/24", "", "1/12"]
    done = shell("exercise", "2", f"--course={COURSE}")
    assert done.code == 0
    assert done.out.count("(Enter keeps: 1/24)") == 2
    assert "That is the answer from before" in done.out
    assert records()["course-c9139ff2/loss-of-a-pair"]["attempts"] == 2


def test_the_answer_before_stands_in_the_line(
    shell: Shell, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    readline = pytest.importorskip("readline", reason="Windows has no such lines")
    given: list[str] = []

    def hear(hook: object) -> None:
        if hook is not None:
            given.append(hook.args[0])  # type: ignore[attr-defined]  # a partial of insert_text

    monkeypatch.setattr(readline, "set_startup_hook", hear)
    lines += ["1 0", "0 1", "0 1/2", "", "1 0; 0 1; 0 1/2h", "1 0; 0 1; 0 1/21 0; 0 1; 0 0"]
    done = shell("exercise", "2")
    assert "hint 1 of 2" in done.out  # a key behind what stands there
    assert given[0] == "1 0; 0 1; 0 1/2"
    assert "W = 1 0; 0 1; 0 1/2" in done.out
    assert lines == []


def test_an_empty_line_asks_again(shell: Shell, lines: list[str]) -> None:
    lines += ["", " ", "1/12"]
    done = shell("exercise", "2", f"--course={COURSE}")
    assert done.code == 0
    assert done.out.count("An empty line is no answer: ? shows the keys, q leaves.") == 2


# -- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["h", "hint", "H", " Hints "])
def test_a_hint_and_then_the_next(shell: Shell, lines: list[str], key: str) -> None:
    lines += [key, key]
    done = shell("exercise", "1")
    assert "Exercise 1, hint 1 of 2" in done.out
    assert "Exercise 1, hint 2 of 2" in done.out
    assert "That was the last; s: the solution." in done.out
    assert records()["perfect-reconstruction"]["hints"] == 2


def test_the_solution_asks(shell: Shell, lines: list[str]) -> None:
    lines += ["s", "n", "solution", "y"]
    done = shell("exercise", "1")
    assert done.out.count("Show its solution? [y/N]") == 2
    assert done.out.index("stays hidden") < done.out.index("Route 1")
    assert lines == []


def test_steps_and_a_drawing_of_the_answer(shell: Shell, lines: list[str]) -> None:
    lines += ["w", "d", SOLVED[0], "", "w", "d"]
    done = shell("exercise", "1")
    before, after = done.out.split("Exercise 1: not yet")
    assert "There is no answer yet to work through" in before
    assert "There is no answer yet to be drawn" in before
    assert "x̂₃ − x₃ = 0 − 1/4 = −1/4" in after
    assert "Feature 1 points right" in after


def test_next_is_another_that_is_not_solved(shell: Shell, lines: list[str]) -> None:
    lines += ["n", "next", "q"]
    last = len(load_all())
    done = shell("exercise", str(last - 1))
    assert done.out.index(f"Exercise {last - 1}:") < done.out.index(f"Exercise {last}:")
    assert done.out.index(f"Exercise {last}:") < done.out.index("Exercise 1:")
    assert "Come back with: handcalc exercise 1\n" in done.out
    lines += ["n", "n"]
    done = shell("exercise", str(last - 1), "--no-state")
    assert f"Exercise {last}:" in done.out
    assert "There is no other exercise that is not solved." in done.out


def test_help_names_the_keys_that_there_are(shell: Shell, lines: list[str]) -> None:
    lines += ["?"]
    assert "your arrows, drawn" in shell("exercise", "1").out
    lines += ["help"]
    out = shell("exercise", "3").out
    assert "drawn" not in out
    assert "handcalc …" in out


def test_a_letter_that_is_an_answer_is_no_key(shell: Shell, lines: list[str]) -> None:
    lines += ["d", "draw", "d 4"]
    done = shell("exercise", "10")
    assert "as in \"a 1\", not 'd'" in flat(done.out)
    assert "The answer here is no model: there is nothing to be drawn." in done.out
    assert "Your answer as understood: d 4" in done.out


def test_a_key_in_the_midst_of_an_answer_keeps_its_rows(shell: Shell, lines: list[str]) -> None:
    lines += ["1 0", "0 1", "h", "0 0", "?", SOLVED[1]]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert done.out.count("   row 3 of 3: ") == 2


@pytest.mark.parametrize("leave", ["q", "leave", "quit", "exit"])
def test_leaving_says_how_to_come_back(shell: Shell, lines: list[str], leave: str) -> None:
    lines += [leave]
    done = shell("exercise", "7", "--student", "ada")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("Come back with: handcalc exercise 7 --student ada\n")
    assert "nothing changed" in done.out
    lines += ["1/2", leave]
    done = shell("exercise", "7", "--student", "ada")
    assert (done.code, done.err) == (1, "")
    assert "nothing changed" not in done.out


# -- pasted commands -------------------------------------------------------------------------------


def test_what_the_screen_shows_can_be_pasted(shell: Shell, lines: list[str]) -> None:
    lines += [
        "handcalc hint 1",
        "$ handcalc hint",
        'handcalc exercise 1 --W="1 0; 0 1; 0 0"',
        'python -m handcalc exercise 1 --W="1 0; 0 1; 0 0" --b="0 0 1/4"',
    ]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert "hint 1 of 2" in done.out
    assert "hint 2 of 2" in done.out
    assert done.out.count("Exercise 1: Reconstruct") == 1
    assert records()["perfect-reconstruction"] == {
        "solved": True,
        "attempts": 2,
        "hints": 2,
        "solution": False,
    }


def test_a_pasted_answer_is_what_comes_before(shell: Shell, lines: list[str]) -> None:
    lines += ['handcalc exercise 1 --W="1 0; 0 1; 0 0"', SOLVED[1]]
    assert shell("exercise", "1").code == 0


def test_another_exercise_can_be_pasted(shell: Shell, lines: list[str]) -> None:
    lines += ["handcalc exercise 3", "handcalc next"]
    out = shell("exercise", "1").out
    assert out.index("Exercise 3: Predict") < out.rindex("Exercise 1: Reconstruct")


def test_any_command_can_be_pasted(shell: Shell, lines: list[str]) -> None:
    lines += [
        'handcalc loss --W="1 0; 0 1; 0 -1" --sparsity=1/4',
        "handcalc frobnicate",
        'handcalc exercise 9 --answer="1/5',
        "handcalc --version",
        "handcalc exercise 99",
    ]
    done = shell("exercise", "9")
    assert (done.code, lines) == (0, [])
    assert "Expected loss L = 3/16" in done.out
    assert "No such command" in done.err
    assert "Come back with: handcalc exercise 9" in done.out


def test_a_pasted_command_has_the_options_of_the_prompt(shell: Shell, lines: list[str]) -> None:
    lines += ["handcalc hint", "handcalc exercise 7 --answer=3/10"]
    done = shell("exercise", "7", "--student", "ada", "--no-state")
    assert done.code == 0
    assert "Exercise 7: solved" in done.out
    assert "Exercise 7, hint 1" in done.out
    assert records() == {}
    lines += ["handcalc exercise 7 --seed 3"]
    assert "two" not in shell("exercise", "7", "--student", "ada").err


# -- solved ----------------------------------------------------------------------------------------


def test_solved_leads_on_to_the_next(shell: Shell, lines: list[str]) -> None:
    lines += [*SOLVED, "", "n", "1 0; 0 1; 0 0", ""]
    done = shell("exercise", "1")
    assert (done.code, lines) == (0, [])
    assert done.out.index("Why it works") < done.out.index("n next exercise, q leave")
    assert "Exercise 2: solved" in done.out
    assert done.out.endswith("The next exercise: handcalc next\n")


def test_solved_offers_other_numbers(shell: Shell, lines: list[str]) -> None:
    lines += ["3/10", "x", "?", "a", "q"]
    done = shell("exercise", "7", "--student", "ada")
    assert (done.code, lines) == (0, [])
    assert "Type n, a, q, or ? for the keys." in done.out
    assert "again" in done.out.split("Type n, a, q")[1]
    assert "a the same with other numbers" in done.out
    first, second = done.out.split("Exercise 7: The best")[1:]
    assert first.split("How to answer")[0] != second.split("How to answer")[0]
    assert "Come back with: handcalc exercise 7 --seed " in done.out


def test_the_last_one_says_so(shell: Shell, lines: list[str]) -> None:
    folder = f"--course={COURSE}"
    shell("exercise", "1", folder, "--W=1; 0", "--b=0 1/2")
    for which, answer in (("3", "0.7 0.71"), ("4", "1 1/4 0"), ("5", "b 1")):
        shell("exercise", which, folder, f"--answer={answer}")
    lines += ["1/12", "q"]
    done = shell("exercise", "2", folder)
    assert "every exercise of the course is solved" in done.out
    assert "\na the same with other numbers, q leave, ? keys: " in done.out


def test_a_long_answer_may_stand_in_a_file(shell: Shell, lines: list[str]) -> None:
    assert "handcalc exercise 21 --watch=answer.txt" in shell("exercise", "21").out
    assert "--watch" not in shell("exercise", "1").out
    assert lines == []


@pytest.mark.slow
def test_the_whole_course_in_one_sitting(shell: Shell, lines: list[str]) -> None:
    """For each: a hint, the commonest wrong answer, the steps, then the right one, and next."""
    course = load_all()
    for exercise in course:
        key = exercise.key()
        lines += ["h", command(exercise, key.wrong[0].typed), "w", "d"]
        is_last = exercise.position == len(course)
        lines += [command(exercise, key.solutions[0].typed), "q" if is_last else "n"]
    done = shell("next")
    assert (done.code, lines) == (0, [])
    assert "Traceback" not in done.out + done.err
    assert done.out.count(": solved\n") == len(course)
    # behind the verdict, the steps and the drawing; where letters answer, those are no keys
    chosen = sum(isinstance(exercise.answer, ChoiceAnswer) for exercise in course)
    assert done.out.count("Try again, or: ") == len(course) + 2 * (len(course) - chosen)
    assert "every exercise of the course is solved" in done.out
    kept = records().values()
    assert [(each["solved"], each["attempts"], each["hints"]) for each in kept] == [
        (True, 2, 1)
    ] * len(course)


def command(exercise: Exercise, typed: Mapping[str, str]) -> str:
    """An answer as a command to be pasted."""
    return f"handcalc exercise {exercise.position} {answer_options(exercise, typed)}"


# -- at a real terminal ----------------------------------------------------------------------------


def test_one_sitting(terminal: tuple[int, int]) -> None:
    """Wrong, hint, wrong, right, next, and out, with the answer before in the line."""
    pytest.importorskip("readline", reason="Windows has no such lines")
    ours, theirs = terminal
    screen = Typist(ours)
    with interruptible("exercise", "1", stdin=theirs, stdout=theirs, stderr=theirs) as process:
        screen.until(b"between rows): ")
        screen.type(b"1 0\n0 1\n0 0\n")
        screen.until(b"for zeros): ")
        screen.type(b"0 0 -1/4\n")
        screen.until(b"What to try")
        assert b"0 0 -1/4" in screen.until(b"both): 0 0 -1/4")
        screen.type(b"h\n")
        screen.until(b"hint 1 of 2")
        screen.until(b"both): 0 0 -1/4")
        screen.type(b"\x150 0 1/4\n")
        screen.until(b"Why it works")
        screen.until(b"q leave")
        screen.type(b"n\n")
        screen.until(b"Exercise 2: ")
        screen.until(b"between rows): ")
        screen.type(b"\x1b[A")  # the arrow up: what was typed last
        screen.until(b"0 0 1/4")
        screen.type(b"\x15\x04")
        assert b"Traceback" not in screen.until(b"Come back with: handcalc exercise 2")
        assert process.wait(60) == 0


def test_the_history_is_kept_for_the_next_run(terminal: tuple[int, int]) -> None:
    pytest.importorskip("readline", reason="Windows has no such lines")
    ours, theirs = terminal
    screen = Typist(ours)
    file = state_folder() / "answers.history"
    for options in (["--no-state"], [], []):
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        with interruptible("exercise", "3", *options, **streams) as process:
            screen.until(b"(3 numbers): ")
            if file.exists():
                screen.type(b"\x1b[A")
                screen.until(b"9 8 7")
                screen.type(b"\x15")
            screen.type(b"9 8 7\n")
            screen.until(b"Try again")
            screen.until(b"(3 numbers): ")
            screen.type(b"q\n")
            screen.until(b"Come back")
            assert process.wait(60) == 1
        assert file.exists() == (options == [])
    assert file.read_text(encoding="utf-8").split("\n")[0] == "9 8 7"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
