"""Command lines that a shell took apart: values without quotes, long dashes, and how to mend them.

A shell divides at blanks, ends a command at ``;`` and makes several words of ``{1,0}`` before
handcalc sees anything. What arrives shows it, and that is said before click reads the words: click
would only name an extra argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import click

from handcalc.errors import InputError
from handcalc.wording import joined

from .command import require_our_exercises
from .report import CommandError, ReportedError
from .suggestions import ANSWERS, command_line, options_of
from .typed_text import TEXT

Options: TypeAlias = Mapping[str, click.Option]

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"  # as word processors write them, and a minus
_QUOTES = "'\"\u2018\u2019\u201c\u201d\u201e`"
_LIKE_NUMBERS = re.compile(
    rf"(?:[\d.,;:/*^+|()\[\]{{}}=√π½¼¾⅓⅔{_QUOTES}\{_DASHES}]|x\d|sqrt|cos|sin|pi|root)+|[A-Za-z]"
)
_HAS_ROWS = re.compile(r";\s*[^\s;]|\]\s*[,;]?\s*\[|\)\s*,\s*\(|\}\s*,\s*\{")
_NUMBER = re.compile(r"[-\u2212+]?[\d.]+(?:[/^*][\d.]+)*")
_NEGATIVE = re.compile(r"-[\d.]")
_PLANE = 2  # dimensions that W has, unless something says how many
_MOST_NAMED = 4  # of the words that stand beside a value


def check_words(program: click.Group, words: Sequence[str]) -> None:
    """Refuse a command line that a shell has visibly taken apart, with the whole of it mended."""
    start = next((i + 1 for i, each in enumerate(words) if not each.startswith("-")), 0)
    command = program.commands.get(words[start - 1]) if start else None
    if command is None:
        return
    options = options_of(command)
    for refuse in (_refuse_dashes, _refuse_blanks, _refuse_braces):
        refuse(words, start, options)
    apart = [
        value
        for value in _values(words, start, options)
        if value.rest and not _is_argument(value, words, start, command, options)
    ]
    if apart:
        raise CommandError(_unquoted(apart, words))
    if words[start - 1] == "exercise":
        _refuse_bare_answers(words, start, options)


# --------------------------------------------------------------------------------------------------
# A value without quotes: its first word came as the value, the others as arguments.


@dataclass(frozen=True, slots=True)
class _Value:
    """What came for a text option, and the words behind it that look like more of it.

    Its words are those from ``start`` up to ``end``.
    """

    option: str
    came: str
    rest: tuple[str, ...]
    start: int
    end: int

    @property
    def is_cut(self) -> bool:
        """Whether rows of W are missing: the shell ended the command at the first ``;``."""
        has_rows = self.is_flat or _HAS_ROWS.search(" ".join((self.came, *self.rest)))
        return self.option == "--W" and not has_rows

    @property
    def is_flat(self) -> bool:
        """Whether all numbers of W are there, and only ; between its rows is missing."""
        numbers = (self.came, *self.rest)
        is_whole = len(numbers) > 2 * _PLANE and len(numbers) % _PLANE == 0
        return self.option == "--W" and is_whole and all(map(_NUMBER.fullmatch, numbers))

    @property
    def text(self) -> str:
        """All of it in one, without the quotes that a shell left; … stands for what is missing."""
        if self.is_flat:
            return _in_rows((self.came, *self.rest), _PLANE)
        text = " ".join((self.came, *self.rest)).strip(f"{_QUOTES} ")
        return f"{text.strip(' ;,[]{}()')}; …" if self.is_cut else text


def _values(words: Sequence[str], start: int, options: Options) -> Iterator[_Value]:
    """The values of all options; only those that take text have words behind them."""
    i = start
    while i < len(words):
        name, equals, came = words[i].partition("=")
        option = options.get(name)
        if option is None or option.is_flag:
            i += 1
            continue
        if not equals:
            came = words[i + 1] if i + 1 < len(words) else ""
            if came.partition("=")[0] in options:  # the value was forgotten, and click says so
                i += 1
                continue
        behind = end = i + (1 if equals else 2)
        if option.metavar == TEXT:
            while (more := _more(words[end:], options)) > 0:
                end += more
        yield _Value(name, came, tuple(_as_typed(words[behind:end])), i, end)
        i = end


def _more(words: Sequence[str], options: Options) -> int:
    """How many of the words, from the first one on, belong to the value before them."""
    if not words or words[0].partition("=")[0] in options:
        return 0
    return _file_names(words) or bool(_LIKE_NUMBERS.fullmatch(words[0]))


def _file_names(words: Sequence[str]) -> int:
    """How many of the words a shell made of ``*``: the names of all files here."""
    try:
        here = sorted(path.name for path in Path.cwd().iterdir() if path.name[0] != ".")
    except OSError:
        return 0
    return len(here) if here == sorted(words[: len(here)]) else 0


def _as_typed(words: Sequence[str]) -> Iterator[str]:
    """The words with ``*`` in place of the names of all files."""
    i = 0
    while i < len(words):
        files = _file_names(words[i:])
        yield "*" if files else words[i]
        i += files or 1


def _is_argument(
    value: _Value, words: Sequence[str], start: int, command: click.Command, options: Options
) -> bool:
    """Whether the one word behind a value is an exercise's ID, as in --answer=1/2 7."""
    if len(value.rest) > 1 or not value.rest[0].isdecimal():
        return False
    if value.option == "--W" and not _HAS_ROWS.search(value.came):
        return False
    taken = {i for each in _values(words, start, options) for i in range(each.start, each.end)}
    is_free = all(i in taken or words[i].startswith("-") for i in range(start, len(words)))
    return is_free and any(isinstance(each, click.Argument) for each in command.params)


def _unquoted(values: Sequence[_Value], words: Sequence[str]) -> ReportedError:
    first = values[0]
    named = [f'"{each}"' for each in first.rest[:_MOST_NAMED]]
    more = len(first.rest) - len(named)
    beside = joined([*named, f"{more} more"] if more else named)
    said = f'{first.option} came without quotes: its value was "{first.came}" alone, and {beside} '
    said += "stood beside it."
    if first.is_cut:
        said += (
            " A shell ends a command at ; and the rows behind it did not arrive: where it says "
            '"command not found" below, those are the rows.'
        )
    if first.is_flat:
        said += f" Rows of W have ; between them; here, as for {_PLANE} dimensions."
    mended = list(words)
    for value in reversed(values):
        mended[value.start : value.end] = [f"{value.option}={value.text}"]
    message = f"{said} {how_to_quote(first.option, first.text)}"
    return ReportedError("unquoted", message, suggestion=command_line(mended))


def _in_rows(numbers: Sequence[str], width: int) -> str:
    """Numbers as a matrix is typed.

    >>> _in_rows(["1", "0", "0", "1"], 2)
    '1 0; 0 1'
    """
    rows = (numbers[i : i + width] for i in range(0, len(numbers), width))
    return "; ".join(" ".join(row) for row in rows)


def how_to_quote(option: str, text: str) -> str:
    """How each shell takes a value with blanks and semicolons in it."""
    return (
        "Quote the whole value:\n\n"
        f"  bash, zsh, fish   {option}='{text}'\n"
        f"  PowerShell        '{option}={text}'\n"
        f'  cmd               {option}="{text}"\n'
    )


# --------------------------------------------------------------------------------------------------
# Other lines that arrive as something else.


def _refuse_dashes(words: Sequence[str], start: int, options: Options) -> None:
    """``—W`` out of a word processor, ``-W`` and ``W="…"`` are meant as ``--W``."""
    for i, each in enumerate(words[start:], start):
        name, equals, value = each.partition("=")
        bare = name.lstrip(_DASHES)
        meant = f"--{bare}"
        if name in options or meant not in options or _is_value(words, i, start, options):
            continue
        if name == bare and not (equals and options[meant].metavar == TEXT):
            continue  # a word such as the name of an embedding
        message = f"{name} is no option: {meant} begins with two hyphens."
        raise CommandError(_mended(words, i, i + 1, f"{meant}{equals}{value}", message))


def _is_value(words: Sequence[str], i: int, start: int, options: Options) -> bool:
    """Whether a word is the value of the option before it."""
    before = options.get(words[i - 1]) if i > start else None
    return before is not None and not before.is_flag


def _refuse_blanks(words: Sequence[str], start: int, options: Options) -> None:
    """``--W = "1 0; 0 1"`` and ``--W= "1 0; 0 1"`` are several words to a shell."""
    for i, each in enumerate(words[start:], start):
        name, equals, value = each.partition("=")
        following = words[i + 1 : i + 3]
        if name not in options or options[name].metavar != TEXT or value or not following:
            continue
        if not equals and following[0].startswith("="):
            text = following[0][1:] or " ".join(following[1:])
            end = i + (2 if following[0][1:] else 3)
        elif equals and following[0].partition("=")[0] not in options:
            text, end = following[0], i + 2
        else:
            continue
        message = f"Between {name}, = and the value there is no blank: they are one word."
        raise CommandError(_mended(words, i, end, f"{name}={text}", message))


def _refuse_braces(words: Sequence[str], _: int, options: Options) -> None:
    """bash, zsh and fish make ``--W=1 --W=0`` of ``--W={1,0}``."""
    for name, option in options.items():
        given = [i for i, each in enumerate(words) if each.startswith(f"{name}=")]
        if option.multiple or option.metavar != TEXT:
            continue
        if len(given) < 2 or given[-1] - given[0] >= len(given):
            continue
        text = f"{{{', '.join(words[i].partition('=')[2] for i in given)}}}"
        is_flat = name != "--W"  # of braces in braces only the numbers came
        message = (
            f"{name} came {len(given)} times. Shells make that of braces without quotes, as in "
            f"{name}={{1,0}}. {how_to_quote(name, text if is_flat else '{{1, 0}, {0, 1}}')}"
        )
        problem = _mended(words, given[0], given[-1] + 1, f"{name}={text}", message)
        suggestion = problem.suggestion if is_flat else None
        raise CommandError(replace(problem, code="unquoted", suggestion=suggestion))


def _refuse_bare_answers(words: Sequence[str], start: int, options: Options) -> None:
    """``exercise 7 3/8``: numbers behind the exercise's ID, and no option that takes them."""
    values = [*_values(words, start, options)]
    taken = {i for value in values for i in range(value.start, value.end)}
    bare = [
        i
        for i, each in enumerate(words)
        if i >= start and i not in taken and (each[:1] != "-" or _NEGATIVE.match(each))
    ]
    given = {value.option for value in values}
    if len(bare) < 2 or given.intersection((*ANSWERS, "--course")):
        return
    which, *numbers = (words[i] for i in bare)
    if not all(map(_LIKE_NUMBERS.fullmatch, numbers)):
        return
    if (answer := _as_options(which, numbers)) is None:
        return
    message = "An answer stands behind an option, which says what it is."
    rest = [each for i, each in enumerate(words) if i not in bare[1:]]
    again = command_line([*rest[: bare[0] + 1], *answer, *rest[bare[0] + 1 :]])
    raise CommandError(ReportedError("usage", message, suggestion=again))


def _as_options(which: str, numbers: Sequence[str]) -> list[str] | None:
    """Numbers as the options that an exercise takes, or None where they do not fit it."""
    require_our_exercises()
    from exercises import load
    from exercises.exercise import MatricesAnswer, ModelAnswer

    try:
        asked = load(which).answer
    except InputError:  # the exercise is not there, and that is said when it is looked for
        return None
    if isinstance(asked, MatricesAnswer):
        first, *others = asked.matrices
        is_whole = not others and len(numbers) == first.rows * first.columns
        return [f"--answer={_in_rows(numbers, first.columns)}"] if is_whole else None
    if not isinstance(asked, ModelAnswer):
        return [f"--answer={' '.join(numbers)}"]
    size = asked.features * asked.dimensions
    W, b = numbers[:size], numbers[size:]
    if len(W) < size or len(b) not in (0, asked.features):
        return None
    return [f"--W={_in_rows(W, asked.dimensions)}", *([f"--b={' '.join(b)}"] if b else [])]


def _mended(
    words: Sequence[str], start: int, end: int, instead: str, message: str
) -> ReportedError:
    again = command_line([*words[:start], instead, *words[end:]])
    return ReportedError("usage", message, suggestion=again)
