"""Options that take text: as it stands, out of ``@file``, or from standard input with ``-``.

What a file or standard input holds is bounded; it is text, decoded, or arrays, which come as text.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from handcalc.errors import InputError
from handcalc.storage.files import at_home, reason
from handcalc.wording import option_words, word

from .failures import of_input
from .report import CommandError, Exit, ReportedError

if TYPE_CHECKING:
    from handcalc.inputs.array_files import StoredArray

Function = TypeVar("Function", bound=Callable[..., Any])

MOST_BYTES = 1 << 20  # of a text: 400 × 30 numbers of 17 digits fit, in UTF-16 too
MOST_ARRAY_BYTES = 1 << 27  # of a file with arrays
_READER = "handcalc: the option that reads standard input"
TEXT = "TEXT"  # how help pages call what such an option takes
_USAGE = ("choice", "missing_extra", "size")  # of what is said of arrays: nothing is unreadable


@dataclass(frozen=True, slots=True)
class Given:
    """A text and where it came from: "--W", "--W=@file" or "--W=-"."""

    text: str
    where: str


@contextmanager
def reading(given: Given | None) -> Iterator[None]:
    """Name the option in whatever ``InputError`` comes out of the block."""
    try:
        yield
    except InputError as error:
        where = given.where if given else None
        raise CommandError(of_input(error, where), Exit.UNREADABLE) from error


def command_again(
    start: str, asked: Mapping[str, Any], usual: Mapping[str, Any] | None = None
) -> str:
    """The command that goes on from where this one stopped: the same, without ``--fresh``.

    What is ``usual`` is not said.

    >>> asked = {"small": True, "restarts": 4, "device": "auto", "fresh": True}
    >>> command_again("handcalc train by-hand", asked, {"device": "auto"})
    'handcalc train by-hand --small --restarts 4'
    """
    words = [start]
    for name, value in asked.items():
        option = f"--{name.replace('_', '-')}"
        if value is None or value is False or name == "fresh" or value == (usual or {}).get(name):
            continue
        text = value.where.partition("=")[2] or value.text if isinstance(value, Given) else value
        words.append(option if value is True else option_words(option, str(text)))
    return " ".join(words)


def text_option(name: str, *, about: str, required: bool = False) -> Callable[[Function], Function]:
    """An option such as ``--W`` that takes text; the command gets a ``Given`` or None as ``W``."""
    return click.option(
        name,
        name.lstrip("-"),
        required=required,
        metavar=TEXT,
        callback=_text,
        help=about,
    )


def file_option(about: str) -> Callable[[Function], Function]:
    """The option ``--file``: a path, or ``-`` for standard input; the value is the text in it."""
    return click.option(
        "--file", metavar="FILE", callback=_text_of_file, shell_complete=file_names, help=about
    )


def _text(ctx: click.Context, param: click.Parameter, value: str | None) -> Given | None:
    """Take the text, or read it from where the value says."""
    option = param.opts[0]
    if value is None or ctx.resilient_parsing:  # the shell only wants to know what could follow
        return None
    if value == "-" or value.startswith("-:"):
        _take_standard_input(option, ctx)
        return Given(read_value_from_input(option, value[2:]), f"{option}={value}")
    if value.startswith("@"):
        return Given(read_value(value[1:], option), f"{option}={value}")
    if value.partition("=")[0] in {name for other in ctx.command.params for name in other.opts}:
        # in ``--W --b "0 0"`` the value was forgotten, and click took the next option for it
        raise CommandError(ReportedError("usage", f"{option} needs a value; {value} is an option."))
    return Given(value, option)


def _text_of_file(ctx: click.Context, param: click.Parameter, value: str | None) -> Given | None:
    option = param.opts[0]
    if value is None or ctx.resilient_parsing:
        return None
    if value == "-":
        _take_standard_input(option, ctx)
        return Given(read_standard_input(option), f"{option}={value}")
    return Given(read_file(value, option), f"{option}={value}")


def file_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete file names."""
    return [CompletionItem(incomplete, type="file")]


def _take_standard_input(option: str, ctx: click.Context) -> None:
    """Keep standard input for one option only: the second would find nothing left."""
    first = ctx.meta.setdefault(_READER, option)
    if first != option:
        message = f"{first} reads standard input already; {option} cannot read it too."
        raise CommandError(ReportedError("usage", message))


# --------------------------------------------------------------------------------------------------
# What files and standard input hold.


def path_of(name: str) -> Path:
    """The path by a name as it stands or, where nothing is there, with its ~ as a home folder.

    A shell's ``*`` also finds what Word leaves, ``~$dora.docx``.
    """
    return Path(name) if os.path.lexists(name) else at_home(name)


def read_file(path: str, option: str) -> str:
    """The text of a file with an answer; exit code 2 where there is none to be had.

    Arrays in it come as text, each behind its name.
    """
    if not path:
        raise CommandError(ReportedError("missing_file", f"{option} needs a file name."))
    return answer_text(_bytes_of(path, option), f"{option}: the file {path}", option, path)


def read_standard_input(option: str) -> str:
    """All of standard input, in the same way and up to the same bounds."""
    return answer_text(_standard_input(option), f"{option}: standard input", option, "-")


def read_value(path: str, option: str) -> str:
    """The text that ``@path`` stands for in an option.

    Behind the name of the file may stand, after a colon, which of its arrays, or of the texts with
    names in it, is meant; else it is the one that is called like the option, or the only one.
    """
    if not path:
        raise CommandError(ReportedError("missing_file", f"{option} needs a file name."))
    file, choice = _file_and_choice(path)
    raw = _bytes_of(file, option)
    return _value(raw, f"{option}: the file {file}", option, f"@{file}", choice)


def read_value_from_input(option: str, choice: str) -> str:
    """The same from standard input, which ``-`` stands for, or ``-:NAME``."""
    return _value(_standard_input(option), f"{option}: standard input", option, "-", choice)


def read_arrays_or_text(path: str, option: str) -> dict[str, StoredArray] | str:
    """The arrays of a file with a model, or its text; ``-`` is standard input."""
    if not path:
        raise CommandError(ReportedError("missing_file", f"{option} needs a file name."))
    raw = _standard_input(option) if path == "-" else _bytes_of(path, option)
    what = f"{option}: {'standard input' if path == '-' else f'the file {path}'}"
    arrays = _arrays(raw, what, f"{option}={path}")
    return decoded_answer(raw, what) if arrays is None else arrays


def corpus_argument(_: click.Context, __: click.Parameter, value: str) -> Given:
    """A corpus as it stands, from ``@file``, or from standard input with ``-``."""
    if value == "-":
        return Given(read_standard_input("TEXT"), "TEXT=-")
    if value.startswith("@"):
        return Given(read_file(value[1:], "TEXT"), f"TEXT={value}")
    return Given(value, "TEXT")


def _bytes_of(path: str, option: str) -> bytes:
    try:
        with path_of(path).open("rb") as file:
            return file.read(MOST_ARRAY_BYTES + 1)
    except FileNotFoundError:
        raise CommandError(
            ReportedError("missing_file", f"{option}: there is no file {path}.")
        ) from None
    except (OSError, ValueError) as error:
        sentence = f"{option}: the file {path} cannot be read: {reason(error)}."
        raise CommandError(ReportedError("unreadable_file", sentence)) from None


def _standard_input(option: str) -> bytes:
    try:
        stream = getattr(sys.stdin, "buffer", None)
        return bytes(stream.read(MOST_ARRAY_BYTES + 1)) if stream else sys.stdin.read().encode()
    except (OSError, ValueError) as error:
        sentence = f"{option}: standard input cannot be read: {error}."
        raise CommandError(ReportedError("unreadable_file", sentence)) from None


def _file_and_choice(path: str) -> tuple[str, str]:
    """A file that is there, and what stands behind it; its own name may have colons in it."""
    # Colons are tried from the right, so that the longest name that is there is the file's; where
    # none is, the whole text is what the refusal calls missing.
    name, choice = path, ""
    while not _is_there(name):
        before, colon, last = name.rpartition(":")
        if not colon:
            return path, ""
        name, choice = before, f"{last}:{choice}" if choice else last
    return name, choice


def _is_there(path: str) -> bool:
    try:
        return bool(path) and path_of(path).exists()
    except (OSError, ValueError):
        return False


def answer_text(raw: bytes, what: str, option: str, path: str) -> str:
    """The text of an answer that is in bytes; arrays in them come as text, each behind its name."""
    where = f"{option}={path}"
    arrays = _arrays(raw, what, where)
    if arrays is None:
        return decoded_answer(raw, what)
    try:
        texts = []
        for name, array in arrays.items():
            if array.values.ndim > 2:
                raise _choose_each(array, arrays, path)
            texts.append(f"{name} = {array.text()}" if name else array.text())
    except InputError as error:
        raise _refused(error, where) from None
    return "\n".join(texts)


def _choose_each(array: StoredArray, arrays: dict[str, StoredArray], path: str) -> InputError:
    """A batch of models is no answer: one of them is, by its number."""
    b = array.name.removesuffix("W") + "b"
    parts = [("--W", array.name), *([("--b", b)] if b in arrays and b != array.name else [])]
    return InputError(
        "choice",
        f"{array.described} is a batch, and an answer is one of them.",
        suggestion=" ".join(
            f"{option}={word(':'.join(filter(None, (f'@{path}', name, '1'))))}"
            for option, name in parts
        ),
    )


def _value(raw: bytes, what: str, option: str, source: str, choice: str) -> str:
    where = f"{option}={source}"
    arrays = _arrays(raw, what, where)
    try:
        if arrays is None:
            return _named(decoded_answer(raw, what), option, choice)
        from handcalc.inputs.array_files import chosen

        return chosen(arrays, choice, option.lstrip("-"), 2 if option == "--W" else 1).text()
    except InputError as error:
        if error.code == "choice" and error.suggestion is not None:
            error.suggestion = f"{option}={word(f'{source}:{error.suggestion}')}"
        raise _refused(error, where) from None


def _arrays(raw: bytes, what: str, where: str) -> dict[str, StoredArray] | None:
    """The arrays in a file, or None for a text."""
    from handcalc.inputs.array_files import arrays_in, is_array_file

    try:
        if not is_array_file(raw, where):
            return None
        if len(raw) > MOST_ARRAY_BYTES:
            sentence = f"{what} is too large: more than {MOST_ARRAY_BYTES:,} bytes."
            raise CommandError(ReportedError("file_too_large", sentence))
        return arrays_in(raw)
    except InputError as error:
        raise _refused(error, where) from None


def _named(text: str, option: str, choice: str) -> str:
    """The text for an option, out of one with names, comments or fences in it."""
    from handcalc.parsing.named_texts import named_texts

    name = choice or option.lstrip("-")
    try:
        parts = named_texts(text)
    except InputError:
        parts = ()  # the reader says more of a single text
    found = [part for part in parts if part.key == name]
    if len(found) == 1:
        return found[0].alone(parts)
    if choice:
        names = ", ".join(part.key for part in parts if part.key)
        held = f"It holds {names}" if names else "It holds no names"
        raise InputError("choice", f"There is not one {choice} = … in it. {held}.")
    return parts[0].text if len(parts) == 1 and not parts[0].name else text


def _refused(error: InputError, where: str) -> CommandError:
    usage = error.code in _USAGE
    return CommandError(of_input(error, where), Exit.USAGE if usage else Exit.UNREADABLE)


def decoded_answer(raw: bytes, what: str) -> str:
    """The text in bytes: UTF-8, or UTF-16 where a mark at the start says so.

    Windows PowerShell writes it with such a mark.
    """
    if len(raw) > MOST_BYTES:
        sentence = f"{what} is too large: more than {MOST_BYTES:,} bytes, and answers are short."
        raise CommandError(ReportedError("file_too_large", sentence))
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return raw.decode("utf-16" if utf16 else "utf-8")
    except UnicodeDecodeError as error:
        sentence = f"{what} is not UTF-8 text: byte {error.start + 1} does not fit."
        raise CommandError(ReportedError("not_utf8", sentence)) from None
