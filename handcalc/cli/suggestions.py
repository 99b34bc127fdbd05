"""What to type instead, as a whole command that can be copied, and that takes nothing away."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

import click

from handcalc.wording import word

from .report import ReportedError

ANSWERS = ("--W", "--b", "--answer", "--file", "--watch")  # of which an answer has some
_NAMES = ("unknown_exercise", "unknown_embedding")  # errors that suggest another word
DESTROY = ("--yes", "--delete")
DRAWING = "--svg"
ALSO_DRAWINGS = ("--png", "--out", "--output")  # what others call the option of a drawing
_SUFFIX = re.compile(r"\.\w+$")


def whole(problem: ReportedError, words: Sequence[str], command: click.Command) -> ReportedError:
    """The problem with its suggestion as a whole command: the one that was typed, mended.

    A suggestion for what stands in a file, or that is to be typed at a prompt, stays as it is.
    """
    suggestion = problem.suggestion
    if suggestion is None or "\n" in suggestion or suggestion.startswith(("handcalc ", "pip ")):
        return problem
    options = options_of(command)
    unknown = (i for i, each in enumerate(words) if _is_unknown(each, options))
    if suggestion in options and (i := next(unknown, None)) is not None:  # it was nearly typed
        again = _with_name(words, i, suggestion)
    elif suggestion.startswith("--"):
        again = _with_options(words, shlex.split(suggestion), options)
    elif problem.where in options:
        again = _with_options(words, [f"{problem.where}={suggestion}"], options)
    elif problem.code in _NAMES and (i := _argument(words, options)) is not None:
        is_number = problem.code == "unknown_exercise" and words[i].isdecimal()
        again = ["exercises"] if is_number else [*words[:i], suggestion, *words[i + 1 :]]
    else:
        return problem
    return replace(problem, suggestion=command_line(again))


def _with_name(words: Sequence[str], i: int, name: str) -> list[str]:
    """The words with another name for the option at ``i``; a drawing's file gets its suffix.

    >>> _with_name(["forward", "--png", "z.png"], 1, "--svg")
    ['forward', '--svg', 'z.svg']
    """
    typed, equals, value = words[i].partition("=")
    again = [*words[:i], f"{name}{equals}{value}", *words[i + 1 :]]
    at = i if equals else i + 1
    is_file = at < len(again) and not again[at].startswith("--" if at > i else f"{name}=-")
    if name == DRAWING and typed in ALSO_DRAWINGS and is_file:
        again[at] = f"{_SUFFIX.sub('', again[at])}.svg"
    return again


def _is_unknown(each: str, options: Mapping[str, click.Option]) -> bool:
    return each.startswith("-") and each.partition("=")[0] not in options


def options_of(command: click.Command) -> Mapping[str, click.Option]:
    """The options of a command by their names."""
    options = (each for each in command.params if isinstance(each, click.Option))
    return {name: each for each in options for name in each.opts}


def _with_options(
    words: Sequence[str], changes: Sequence[str], options: Mapping[str, click.Option]
) -> list[str]:
    """The words with some options changed or added; another kind of answer is left out."""
    changed = {each.partition("=")[0] for each in changes if each.startswith("--")}
    dropped = changed.union(ANSWERS if changed.intersection(ANSWERS) - {"--b"} else ())
    if changed <= {"--W", "--b"}:  # a mended W leaves b as it is
        dropped = changed | ({"--answer"} if len(changed) > 1 else set())
    kept, place, i = list[str](), None, 0
    while i < len(words):
        name, equals, _ = words[i].partition("=")
        option = options.get(name)
        end = i + (1 if equals or option is None or option.is_flag else 2)
        if name not in dropped:
            kept += words[i:end]
        elif place is None:
            place = len(kept)
        i = end
    place = len(kept) if place is None else place
    return [*kept[:place], *changes, *kept[place:]]


def _argument(words: Sequence[str], options: Mapping[str, click.Option]) -> int | None:
    """Where the first word behind the command's name is that belongs to no option."""
    i = 1
    while i < len(words):
        name, equals, _ = words[i].partition("=")
        option = options.get(name)
        if option is None and not name.startswith("-"):
            return i
        i += 1 if equals or option is None or option.is_flag else 2
    return None


def command_line(words: Sequence[str]) -> str:
    """Words as one types them behind ``handcalc``.

    >>> command_line(["forward", "--W=1 0; 0 1", "--linear"])
    'handcalc forward --W="1 0; 0 1" --linear'
    """
    typed = ["handcalc"]
    for each in words:
        name, equals, value = each.partition("=")
        is_option = equals and name.startswith("--") and value
        typed.append(f"{name}={word(value)}" if is_option else word(each))
    return " ".join(typed)


def destroys(suggestion: str) -> bool:
    """Whether a suggested command would take something away.

    >>> destroys("handcalc reset --all"), destroys("handcalc runs"), destroys("handcalc hint 1")
    (True, False, False)
    """
    _, *words = suggestion.split()
    is_reset = words[:1] == ["reset"] and "--help" not in words
    return is_reset or any(each.partition("=")[0] in DESTROY for each in words)
