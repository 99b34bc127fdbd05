"""From arguments to an exit code: the outermost ``try``, and the one place that prints reports."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches

import click
from click import ClickException, NoSuchCommand, NoSuchOption
from click.shell_completion import shell_complete

import handcalc
from handcalc.processes.signals import raise_on_signals

from .command import Program, command, common_options, require_our_exercises
from .commands import calculations, circuits, course, directions, lectures, networks, training
from .failures import explain, problem_text
from .report import (
    JSON,
    TYPESET,
    CommandError,
    Exit,
    ReadyReport,
    Report,
    ReportedError,
    Session,
    envelope,
    wants_json,
)
from .shell_words import check_words
from .suggestions import ALSO_DRAWINGS, DESTROY, DRAWING, command_line, destroys, whole
from .terminal import Terminal, guarded, prepare_streams, uninterrupted, unwritable_output

# --------------------------------------------------------------------------------------------------
# The command ``handcalc`` itself, with all others below it.


def _version(ctx: click.Context, __: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        raise ReadyReport(_version_report())


def _version_report() -> Report:
    number = handcalc.__version__
    return Report(lambda: {"version": number}, lambda _: f"handcalc {number}")


def _command_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The commands that begin so, for the shell's Tab key."""
    return [name for name in program.commands if name.startswith(incomplete)]


@command("help", example="handcalc help loss")
@click.argument("names", metavar="[COMMAND]", nargs=-1, shell_complete=_command_names)
@click.pass_context
def help_page(ctx: click.Context, names: tuple[str, ...]) -> Report:
    """Show the page of a command, or the list of all.

    It is the same as `handcalc COMMAND --help`.
    """
    from .console import help_report

    page = ctx.find_root()
    for name in names:
        known = page.command.commands if isinstance(page.command, click.Group) else {}
        if name not in known:
            raise NoSuchCommand(name, possibilities=known, ctx=page)
        page = click.Context(known[name], info_name=name, parent=page)
    return help_report(page)


@command("version", example="handcalc version")
def version() -> Report:
    """Print the version."""
    return _version_report()


_ABOUT = {"About handcalc": (help_page, version)}


@click.group(
    "handcalc",
    cls=Program,
    panels=calculations.PANELS
    | circuits.PANELS
    | directions.PANELS
    | networks.PANELS
    | course.PRACTICE
    | lectures.PANELS
    | training.PANELS
    | course.TEACHING
    | _ABOUT,
    invoke_without_command=True,
    add_help_option=False,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
@click.pass_context
def program(ctx: click.Context) -> Report | None:
    """Toy models of superposition, worked out exactly by hand rules, and exercises on them."""
    if ctx.invoked_subcommand is not None:
        return None
    require_our_exercises()
    from .work.course import home

    return home()


program.params.extend(common_options())

_NAME = "handcalc"
_COMPLETE = "_HANDCALC_COMPLETE"
_OF_THIS_EXERCISE = {"exercise", "hint", "solution"}  # where an ID is that of the prompt's own
_LETTER = len("--W")


def main() -> None:
    """Run the command line on ``sys.argv`` and leave with its exit code."""
    gc.disable()  # one answer and out: looking for garbage takes a tenth of the time for nothing
    raise_on_signals()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Answer one command line, print the answer, and give the exit code; nothing is raised."""
    prepare_streams()
    if instruction := os.environ.get(_COMPLETE):
        return shell_complete(program, {}, _NAME, _COMPLETE, instruction)
    if wants_json(arguments):
        return _run_json(arguments)
    session = Session(Terminal(), json=False, answer=_run_text, answer_in_json=answer_in_json)
    return _run_text(arguments, session)


def _run_text(arguments: Sequence[str], session: Session) -> int:
    terminal = session.terminal
    try:
        report = _answer(arguments, session)
        _show(report, terminal)
        if report.afterwards is not None:
            report.afterwards()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last resort: whatever fails is said
        if isinstance(error, CommandError):  # in JSON a suggestion stands beside its option
            words = [argument for argument in arguments if argument != "--json"]
            command = program.commands.get(_command(words), program)
            error.problem = whole(error.problem, words, command)
        report = explain(error)
        _show(report, terminal)
    return report.exit_code


def _run_json(arguments: Sequence[str]) -> int:
    text, report = answer_in_json(arguments)
    # written at once and at the end: whatever fails before, standard output has one whole object
    with uninterrupted(), guarded(sys.stdout) as failures:
        sys.stdout.write(text)
        sys.stdout.flush()
    if failures:
        terminal = Terminal()
        terminal.complain(problem_text(unwritable_output(failures[0]), terminal))
        return Exit.USAGE
    if report.afterwards is not None:
        report.afterwards()
    return report.exit_code


def answer_in_json(arguments: Sequence[str]) -> tuple[str, Report]:
    """The one object that answers a command line with ``--json``, and the report that it shows.

    >>> text, report = answer_in_json(["version"])
    >>> int(report.exit_code), '"status": "ok"' in text
    (0, True)
    """
    command = _command(arguments)
    try:
        session = Session(Terminal(), json=True, answer_in_json=answer_in_json)
        report = _answer(arguments, session)
        text = envelope(report, command, typeset=TYPESET in arguments)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last resort: whatever fails is said
        report = explain(error)
        text = envelope(report, command)
    return text, report


def _command(arguments: Sequence[str]) -> str:
    """The name of the command that the arguments call, or of the program itself.

    >>> _command(["--json", "forward", "--W"]), _command(["frobnicate"])
    ('forward', 'handcalc')
    >>> _command(["dev", "check", "course"])
    'dev check'
    """
    words = (argument for argument in arguments if not argument.startswith("-"))
    word = next(words, "")
    command = program.commands.get(word)
    if command is None:
        return _NAME
    below = next(words, "")
    is_below = isinstance(command, click.Group) and below in command.commands
    return f"{word} {below}" if is_below else word


def _usual(session: Session) -> dict[str, dict[str, object]] | None:
    """What commands take for what is not said, at the prompt of an exercise."""
    if session.carried is None:
        return None
    own = {param.name for param in program.params}  # the map is for the program's options, too
    usual = {name: dict(session.carried) for name in program.commands if name not in own}
    for name in usual.keys() - _OF_THIS_EXERCISE:
        usual[name].pop("which", None)
    return usual


def _answer(arguments: Sequence[str], session: Session) -> Report:
    """Let click read the arguments and call the command; ``--json`` is taken out beforehand."""
    rest = [argument for argument in arguments if argument not in (JSON, TYPESET)]
    try:
        check_words(program, rest)
        with program.make_context(_NAME, rest, obj=session, default_map=_usual(session)) as ctx:
            report: Report = program.invoke(ctx)
    except ReadyReport as done:
        return done.report
    except ClickException as error:
        raise CommandError(_usage(error, rest)) from error
    return report


_KINDS = {"a valid integer range": "a whole number", "a valid float range": "a number"}
"""What click calls a number that has bounds, and what people do."""


def _usage(error: ClickException, words: Sequence[str]) -> ReportedError:
    """What click refused, with a name near to what was typed, or where to read on."""
    if isinstance(error, NoSuchOption):
        return _unknown_option(error, words)
    command = _command(words)
    near = getattr(error, "possibilities", None)
    message = error.message if near else error.format_message()
    for kind, plain in _KINDS.items():
        message = message.replace(kind, plain)
    suggestion = f"{_NAME} --help" if command == _NAME else f"{_NAME} {command} --help"
    if command == "help":
        suggestion = f"{_NAME} help"
    if near:
        typed = getattr(error, "command_name", None)  # of a command; a choice is near as well
        again = command_line([near[0] if each == typed else each for each in words])
        suggestion = f"{_NAME} {near[0]} --help" if destroys(again) else again
    return ReportedError("usage", message, suggestion=suggestion)


def _unknown_option(error: NoSuchOption, words: Sequence[str]) -> ReportedError:
    """The options that there are, and the one that is near: by its letters, not by its length."""
    command = _command(words)
    params = [] if error.ctx is None else error.ctx.command.params
    known = [o.opts[-1] for o in params if o.opts and not getattr(o, "hidden", False)]
    known = [name for name in known if name.startswith("-")]
    typed = error.option_name
    in_our_course = not any(each.startswith("--course") for each in words)
    if command in _OF_THIS_EXERCISE and typed[1:].isdecimal() and in_our_course:
        return _no_exercise(typed)
    same = [name for name in known if name.lower() == typed.lower()]
    same = same or [name for name in known if typed in ALSO_DRAWINGS and name == DRAWING]
    near = same or (get_close_matches(typed, known, n=1) if len(typed) > _LETTER else [])
    near = [name for name in near if name not in {each.partition("=")[0] for each in words}]
    who = _NAME if command == _NAME else f"{_NAME} {command}"
    *most, last = known
    message = f"No such option {typed}: {who} takes {', '.join(most)} and {last}."
    is_safe = near and near[0] not in DESTROY
    return ReportedError("usage", message, suggestion=near[0] if is_safe else f"{who} --help")


def _no_exercise(typed: str) -> ReportedError:
    """What is said of ``handcalc exercise -1``, which click takes for an option."""
    require_our_exercises()
    from exercises.course import manifest_slugs

    message = f'There is no exercise "{typed}": positions go from 1 to {len(manifest_slugs())}.'
    return ReportedError("unknown_exercise", message, suggestion=f"{_NAME} exercises")


def _show(report: Report, terminal: Terminal) -> None:
    """Answers to standard output; warnings, and what went wrong, to standard error."""
    for warning in report.warnings:
        terminal.complain(terminal.plain(f"Note: {warning}"))
    if report.problem is None or report.complete:
        terminal.show(report.text(terminal))
    else:
        terminal.complain(report.text(terminal))
    if report.problem is not None and report.complete:
        terminal.complain("", problem_text(report.problem, terminal))
