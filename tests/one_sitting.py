"""The first part in one sitting: what a beginner types at the prompt, and what the screen shows.

What is typed stands in ``data/one-sitting.txt``: below "## 7" the lines for exercise 7, "⏎" for an
empty one, and behind "#" what is told of the next. ``python -m tests.one_sitting`` sits down at a
terminal of 80 × 24, types it all, and writes docs/one-sitting.md.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cli_runs import surroundings

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "one-sitting.md"
SCRIPT = (HERE / "data" / "one-sitting.txt").read_text(encoding="utf-8")
COLUMNS, LINES = 80, 24

_ENTER = "⏎"
_ASKS = "\x1b[?7h"  # said before each line that is asked for; terminals take no notice
_EMPTY_LINE = "\x15"  # Ctrl-U takes away what stands in the line
_PATIENCE = 60  # seconds of silence that are a failure
_SEQUENCE = re.compile(r"\x1b\[([?\d;]*)([@-~])|\x1b[()][0-9A-B]|\x1b[=>]")
# the pause in which a paste would go on is short here, for nothing is pasted on several lines
_RUN = f"""
import builtins, sys
from handcalc.cli import main
from handcalc.cli.work import question

def marked(prompt, ask=input):
    print(end={_ASKS!r}, flush=True)
    return ask(prompt)

sys.argv[0], question._QUIET, builtins.input = "handcalc", 0.01, marked
main()
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What is typed at one prompt, and what is told of it first."""

    exercise: int
    typed: str
    told: str = ""


def script() -> Iterator[Line]:
    """What is typed, line by line."""
    exercise, told = 0, ""
    for line in SCRIPT.splitlines():
        if line.startswith("## "):
            exercise = int(line[3:])
        elif line.startswith("# "):
            told = line[2:]
        else:
            yield Line(exercise, line.replace(_ENTER, ""), told)
            told = ""


class Screen:
    """A terminal's text, however far it has scrolled: what GNU readline asks of one."""

    def __init__(self, columns: int = COLUMNS) -> None:
        self.columns, self.rows, self.row, self.column = columns, [[" "]], 0, 0
        self.asked = 0  # the line in which a line was asked for last

    def lines(self, first: int = 0) -> list[str]:
        """The lines from one on."""
        return ["".join(row).rstrip() for row in self.rows[first:]]

    def write(self, text: str) -> None:
        """Put text on the screen, and do what its control sequences say."""
        place = 0
        while place < len(text):
            found = _SEQUENCE.match(text, place)
            if found:
                self._obey(found[1] or "", found[2] or "")
            else:
                self._put(text[place])
            place = found.end() if found else place + 1

    def _put(self, character: str) -> None:
        if character == "\n":
            self._down()
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column -= 1
        elif character >= " " and not "\u0300" <= character <= "\u036f":
            if self.column == self.columns:
                self.column = 0
                self._down()
            self._cells(self.column + 1)[self.column] = character
            self.column += 1
        elif character >= " ":  # a combining mark stands in the cell before
            self._cells(self.column)[self.column - 1] += character

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append([" "])

    def _cells(self, count: int) -> list[str]:
        row = self.rows[self.row]
        row += [" "] * (count - len(row))
        return row

    def _obey(self, numbers: str, what: str) -> None:
        count = int(numbers) if numbers.isdigit() else 1
        if what in "AB":
            self.row += count if what == "B" else -count
        elif what in "CD":
            self.column += count if what == "C" else -count
        elif what in "KJ":
            del self._cells(self.column + 1)[self.column :]
            if what == "J":
                del self.rows[self.row + 1 :]
        elif what == "P":
            del self._cells(self.column + count)[self.column : self.column + count]
        elif what == "@":
            self._cells(self.column)[self.column : self.column] = " " * count


@dataclass(slots=True)
class Turn:
    """A line that was typed, with the prompt before it, and what came then."""

    line: Line
    prompt: list[str]
    shown: list[str]


@dataclass(slots=True)
class Sitting:
    """All that was shown: first before anything was typed, then turn by turn."""

    opening: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    code: int = 0


def sit(lines: list[Line], *arguments: str, columns: int = COLUMNS) -> Sitting:
    """Type lines at the prompt that a command opens, each when the line before was answered."""
    import pty  # Windows has none
    import struct
    from fcntl import ioctl
    from termios import TIOCSWINSZ

    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    with TemporaryDirectory() as folder:
        env = surroundings(
            TERM="xterm",
            NO_COLOR="1",
            PYTHONUTF8="1",
            INPUTRC=os.devnull,
            COLUMNS=str(columns),
            LINES=str(LINES),
            HANDCALC_STATE_DIR=folder,
        )
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, *arguments],
            env=env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        with process:
            os.close(theirs)
            try:
                return _typed(ours, process, lines, Screen(columns))
            finally:
                process.kill()
                os.close(ours)


def _typed(
    end: int, process: subprocess.Popen[bytes], lines: list[Line], screen: Screen
) -> Sitting:
    found = Sitting()
    first = 0
    _show(end, screen)
    for number, line in enumerate(lines):
        begins = screen.asked
        if number == 0:
            found.opening = screen.lines()[:begins]
        elif found.turns:
            found.turns[-1].shown = screen.lines(first)[: begins - first]
        os.write(end, f"{_EMPTY_LINE}{line.typed}\n".encode())
        is_over = not _show(end, screen)
        first = _answered(screen, begins, line.typed)
        found.turns.append(Turn(line, screen.lines(begins)[: first - begins], []))
        if is_over:
            found.turns[-1].shown = screen.lines(first)
            break
    found.code = process.wait(_PATIENCE)
    return found


def _answered(screen: Screen, begins: int, typed: str) -> int:
    """The line behind the one that was typed, which may have gone on."""
    text = ""
    for number, line in enumerate(screen.lines(begins), 1):
        text += line.ljust(screen.columns)
        if text.rstrip().endswith(typed):
            return begins + number
    raise AssertionError(f"{typed!r} is not on the screen: {screen.lines(begins)}")


def _show(end: int, screen: Screen) -> bool:
    """Show what comes until a line is asked for; False where nothing more is to come."""
    came = ""
    while True:
        ready, _, _ = select.select([end], [], [], _PATIENCE)
        assert ready, f"nothing comes after {screen.lines()[-LINES:]}"
        came, has_more = _read(end, came)
        before, mark, prompt = came.partition(_ASKS)
        if not has_more:
            screen.write(before)
            return False
        if mark and prompt:
            screen.write(before)
            screen.asked = screen.row
            while select.select([end], [], [], 0.01)[0]:  # what stands in the line at first
                prompt, _ = _read(end, prompt)
            screen.write(prompt)
            return True


def _read(end: int, came: str) -> tuple[str, bool]:
    """What came, with more behind it; False where there is no more."""
    try:
        more = os.read(end, 65536)
        while (wanted := _missing(more)) > 0:
            more += os.read(end, wanted)
    except OSError:  # Linux says so at the end
        return came, False
    return came + more.decode(), bool(more)


def _missing(came: bytes) -> int:
    """How many bytes are still to come of the last letter."""
    for back, byte in enumerate(reversed(came[-4:]), 1):
        if byte & 0xC0 != 0x80:  # the first byte of a letter says how many it has
            return sum(byte >= least for least in (0xC0, 0xE0, 0xF0)) + 1 - back
    return 0


# --------------------------------------------------------------------------------------------------
# The page: all of it in order, with what is long left out.

_LEFT_OUT = "…"
_MOST_WORKED = 9  # lines of what is worked through
_OPENING = """# One sitting

What a terminal of 80 × 24 shows from `handcalc next` on, until all exercises of the first part are
solved: wrong answers, hints, typos, rounded numbers, keys and pasted commands of somebody who has
never seen a toy model of superposition, and who never leaves the prompt. What was typed stands
behind the prompts; a line with nothing but … stands for lines that are left out. In a terminal the
answer from before already stands in the line, to be changed; here it was wiped out first.

The page is written by `python -m tests.one_sitting`, and a test compares it with what happens.
"""


def page(done: Sitting) -> str:
    """The sitting as a Markdown page: a section for each exercise, and a block for each stretch."""
    parts = [_OPENING]
    block: list[str] = []

    def close() -> None:
        if block:
            text = re.sub(r"\n{3,}", "\n\n", "\n".join(block)).strip("\n")
            parts.append(f"```text\n{text}\n```\n")
        block.clear()

    exercise, opening = 0, done.opening
    for turn in done.turns:
        if turn.line.exercise != exercise:
            close()
            exercise = turn.line.exercise
            title = next(line for line in opening if line.startswith("Exercise "))
            parts.append(f"## {title.removeprefix('Exercise ').replace(':', '.', 1)}\n")
            block += shortened(opening, "", is_first=exercise == 1)
        if turn.line.told:
            close()
            parts.append(f"{turn.line.told}\n")
        block += turn.prompt
        opening = turn.shown
        goes_on = turn.line.typed == "n" and "How to answer" in turn.shown
        if not goes_on:
            block += shortened(turn.shown, turn.line.typed, is_first=exercise == 1)
    close()
    return "\n".join(parts)


def shortened(lines: list[str], typed: str, *, is_first: bool = False) -> list[str]:
    """What is kept of what was shown: the beginning of what is long, but for the first exercise."""
    if typed in ("w", "work") or typed.startswith("handcalc loss"):
        return lines if len(lines) <= _MOST_WORKED else [*lines[:_MOST_WORKED], _LEFT_OUT, ""]
    if not is_first:
        lines = [line for line in lines if not line.startswith("Try again, or: ")]
        if "How to answer" in lines:
            first = lines.index("", 4)
            return [*lines[: first + 1], _LEFT_OUT, ""]
    for last in ("How to answer", "About your answer" if is_first else "Why it works"):
        if last in lines and typed != "s":
            return [*lines[: lines.index(last)], _LEFT_OUT, "", *_behind(lines)]
    return lines


def _behind(lines: list[str]) -> list[str]:
    """What is said when all exercises of the part are solved."""
    said = "That was the last of the part"
    return next((lines[k:] for k, line in enumerate(lines) if line.startswith(said)), [])


if __name__ == "__main__":
    PAGE.write_text(page(sit(list(script()), "next")), encoding="utf-8")
