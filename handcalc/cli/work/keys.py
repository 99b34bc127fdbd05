"""What may be typed at the prompt of an exercise besides an answer: keys, and pasted commands."""

from __future__ import annotations

import shlex

KEYS = {
    "h": ("hint", "a hint, and then the next"),
    "s": ("solution", "the solution; you are asked first"),
    "w": ("steps", "your last answer, worked through step by step"),
    "d": ("draw", "your arrows, drawn"),
    "n": ("next", "the next exercise that is not solved"),
    "q": ("leave", "leave, as Ctrl-D and Ctrl-C do; what is solved is kept"),
    "?": ("keys", "these keys"),
    "all": ("both", "W and b anew, where only a part is asked for"),
}
_ALSO = {
    "hints": "h",
    "work": "w",
    "worked": "w",
    "drawing": "d",
    "help": "?",
    "exit": "q",
    "quit": "q",
}
OF_A_MODEL = ("w", "d", "all")
_PROGRAMS = ("handcalc", "python -m handcalc", "python3 -m handcalc")


def key_in(line: str) -> str | None:
    """The key that a line is, or the word for one."""
    word = line.strip().lower()
    if word in KEYS:
        return word
    return _ALSO.get(word) or next((key for key, (name, _) in KEYS.items() if name == word), None)


def command_in(line: str) -> list[str] | None:
    """The arguments of a pasted ``handcalc …``; None where a line is none.

    >>> command_in('$ handcalc exercise 7 --answer="1/2 0"'), command_in("1 0; 0 1")
    (['exercise', '7', '--answer=1/2 0'], None)
    """
    typed = line.strip().removeprefix("$").strip()
    for program in _PROGRAMS:
        if typed == program or typed.startswith(f"{program} "):
            try:
                return shlex.split(typed.removeprefix(program))
            except ValueError:  # a quote that is never closed: what is wrong is said of the words
                return typed.removeprefix(program).split()
    return None
