"""Files that a command writes: whole or not at all, and refused before the work if need be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Group, RenderableType

from handcalc.cli.report import CommandError, Report, ReportedError, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.storage.files import at_home, reason, try_writing, write


@dataclass(frozen=True, slots=True)
class Output:
    """A file, and the option that asked for it."""

    option: str
    path: Path

    @classmethod
    def at(cls, option: str, path: Path) -> Output:
        """The file of that path; a ~ that the shell left stands for the home folder."""
        return cls(option, at_home(path))

    @classmethod
    def of(cls, option: str, path: Path | None) -> Output | None:
        """What was asked for, if it was."""
        return None if path is None else cls.at(option, path)

    def refuse_early(self) -> None:
        """What would fail in the end fails before the work."""
        try:
            try_writing(self.path)
        except (OSError, ValueError) as error:
            raise CommandError(self._trouble(error)) from error

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
    notes, problems = [], []
    for output, content in outputs:
        if output is None:
            continue
        try:
            notes.append(output.write(content()))
        except CommandError as refused:
            problems.append(refused.problem)
    if not problems:
        return tuple(notes), None
    message = " ".join(problem.message for problem in problems)
    return tuple(notes), replace(problems[0], message=f"{message} Make room, or name another file.")


def with_drawing(
    drawing: Output | None,
    svg: Callable[[], str],
    data: Callable[[], Mapping[str, object]],
    text: Callable[[Terminal], RenderableType],
) -> Report:
    """A report on arrows, which are written as a drawing where one was asked for."""
    notes, trouble = write_all([(drawing, svg)])
    written = {} if drawing is None else {"svg": str(drawing.path)}
    report = Report(
        data=lambda: {**data(), **written},
        text=lambda terminal: Group(
            text(terminal), *(terminal.plain(f"\n{note}") for note in notes)
        ),
    )
    return with_trouble(report, trouble)
