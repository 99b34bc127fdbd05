"""Files that a command writes: whole or not at all, and refused before the work if need be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Group, RenderableType

from handcalc.cli.report import CommandError, Report, ReportedError, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.cli.visible import visible
from handcalc.errors import InputError
from handcalc.storage.files import at_home, reason, try_writing, write
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import picture, text
from handcalc.views import svg as svg_view
from handcalc.views.layout import spaced


@dataclass(frozen=True, slots=True)
class Output:
    """A file, and the option that asked for it."""

    option: str
    path: Path

    @classmethod
    def at(cls, option: str, path: str | Path) -> Output:
        """The file of that path; a ~ that the shell left stands for the home folder."""
        return cls(option, at_home(path))

    @classmethod
    def of(cls, option: str, path: str | Path | None) -> Output | None:
        """What was asked for, if it was."""
        return None if path is None else cls.at(option, path)

    def refuse_early(self) -> None:
        """What would fail in the end fails before the work."""
        try:
            try_writing(self.path)
        except (OSError, ValueError) as error:
            raise CommandError(self._trouble(error)) from error

    def refuse_others(self, is_ours: Callable[[Path], bool], what: str) -> None:
        """A slip with an option costs nobody a file: only one of the kind is written over."""
        path = self.path
        try:
            other = path.is_file() and path.stat().st_size > 0 and not is_ours(path)
        except OSError:  # it cannot be read; whether it can be written is asked next
            return
        if other or (path.exists() and not path.is_file()):
            message = (
                f"{self.option}: the file {visible(str(path))} is no {what}, and it stays as it is."
            )
            raise CommandError(ReportedError("file_exists", message))

    def write(self, content: bytes | str) -> str:
        """Write it, and what to say of it: an older one is replaced, or stands if this fails."""
        raw = content.encode() if isinstance(content, str) else content
        verb = "Replaced" if self.path.exists() else "Wrote"
        try:
            write(self.path, raw)
        except (OSError, ValueError) as error:
            raise CommandError(self._trouble(error)) from error
        return f"{verb} {self.path}."

    def _trouble(self, error: OSError | ValueError) -> ReportedError:
        folder = self.path.parent
        why = reason(error)
        if isinstance(error, (FileNotFoundError, NotADirectoryError)) and not folder.is_dir():
            why = f"there is no folder {folder}"
        elif isinstance(error, IsADirectoryError):
            why = "it is a folder"
        message = f"{self.option}: the file {self.path} cannot be written: {why}."
        return ReportedError("unwritable_file", message)


def write_all(
    outputs: Iterable[tuple[Output | None, Callable[[], bytes | str]]],
) -> tuple[tuple[str, ...], ReportedError | None]:
    """Write what was asked for and can be written: what to say of it, and what could not be.

    What was worked out is to be shown whatever becomes of its files, so nothing is raised.
    """

    def writing(output: Output, content: Callable[[], bytes | str]) -> str:
        return output.write(content())

    return all_written(
        partial(writing, output, content) for output, content in outputs if output is not None
    )


def all_written(
    writings: Iterable[Callable[[], str]],
) -> tuple[tuple[str, ...], ReportedError | None]:
    """The same of what writes, and gives what to say of it or refuses."""
    notes, problems = [], []
    for writing in writings:
        try:
            notes.append(writing())
        except CommandError as refused:
            problems.append(refused.problem)
    if not problems:
        return tuple(notes), None
    message = " ".join(problem.message for problem in problems)
    return tuple(notes), replace(problems[0], message=f"{message} Make room, or name another file.")


def with_drawing(
    drawing: Output | None, content: Callable[[], bytes | str], report: Report
) -> Report:
    """A report on what is written as a drawing too, where one was asked for."""
    if drawing is None:
        return report
    notes, trouble = write_all([(drawing, content)])
    written = replace(
        report,
        data=lambda: {**report.data(), drawing.option[2:]: str(drawing.path)},
        text=lambda terminal: Group(
            report.text(terminal), *(terminal.plain(f"\n{note}") for note in notes)
        ),
    )
    return with_trouble(written, trouble)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What ``--draw`` and ``--svg`` ask for, on every command that takes a model.

    The drawing stands above the text, in a file, or both; data stay as they are, but for the name
    of the file. ``outputs`` is False for a W alone: it has no b, and no ReLU.
    """

    model: ToyModel
    on_page: bool
    file: Output | None
    outputs: bool = True

    @classmethod
    def of(cls, model: ToyModel, *, draw: bool, svg: Path | None, outputs: bool = True) -> Drawing:
        """What was asked for; a file that would not come about is refused before the work."""
        asked = cls(model, draw, Output.of("--svg", svg), outputs)
        if asked.file is not None:
            refuse_undrawn(model)
            asked.file.refuse_early()
        return asked

    def added_to(self, report: Report) -> Report:
        """The report below the drawing, so that its end stays on the screen; the file written."""
        page = report.text

        def drawn(terminal: Terminal) -> RenderableType:
            shown = text.drawing(self.model, terminal.notation, outputs=self.outputs)
            return spaced(shown, page(terminal))

        whole = replace(report, text=drawn) if self.on_page else report
        return with_drawing(
            self.file, lambda: svg_view.arrows(self.model, outputs=self.outputs), whole
        )


def refuse_undrawn(model: ToyModel) -> None:
    """Refuse ``--svg`` for a model that has no drawing."""
    try:
        picture.refuse_undrawn(model)
    except InputError as error:
        raise CommandError(ReportedError(error.code, f"--svg: {error.message}")) from error
