"""The files that a graded class is written to, refused before the work where they would fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.work.outputs import Output, write_all

from . import feedback as feedback_pages
from . import results as results_files
from .gradebook import Gradebook, StudentLine
from .junit import junit
from .plan import GradeOptions
from .student_files import FolderOutput, file_names
from .tables import is_table, long_table, sheet


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The files that were asked for."""

    table: Output | None
    sheet: Output | None
    junit: Output | None
    results: FolderOutput | None
    feedback: FolderOutput | None

    @classmethod
    def of(cls, asked: GradeOptions) -> WrittenFiles:
        """Those of the options; what would fail in the end is refused before the work."""
        found = cls(
            Output.of("--csv", asked.table),
            Output.of("--sheet", asked.sheet),
            Output.of("--junit", asked.junit),
            FolderOutput.of("--results", asked.results, results_files.MARK),
            FolderOutput.of("--feedback", asked.feedback, feedback_pages.MARK),
        )
        for table in filter(None, (found.table, found.sheet)):
            table.refuse_others(is_table, "table of grades")
        if found.junit is not None:
            found.junit.refuse_others(_is_junit, "JUnit XML")
        for folder in filter(None, (found.results, found.feedback)):
            folder.refuse_early()
        return found

    def refuse_early(self) -> None:
        """Refuse files that could not be written."""
        for file in filter(None, (self.table, self.sheet, self.junit)):
            file.refuse_early()

    def write(
        self, book: Gradebook, result_names: Sequence[str]
    ) -> tuple[tuple[str, ...], ReportedError | None]:
        """Write them all, as far as that can be: what to say of it, and what could not be."""
        notes, trouble = write_all(
            [
                (self.table, lambda: long_table(book.rows, book.version)),
                (self.sheet, lambda: sheet(book)),
                (self.junit, lambda: junit(book)),
            ]
        )
        names = file_names(book)
        pages = (
            (self.results, result_names, results_files.results, ".json"),
            (self.feedback, names, feedback_pages.feedback, ".md"),
        )
        for folder, own, content, ending in pages:
            if folder is None:
                continue
            try:
                files = _of_each(own, book, content, ending)
                notes = (*notes, folder.write(files))
            except CommandError as refused:
                trouble = trouble or refused.problem
        return notes, trouble


def _of_each(
    names: Sequence[str],
    book: Gradebook,
    content: Callable[[StudentLine, Gradebook], str],
    ending: str,
) -> dict[str, str]:
    lines = zip(names, book.lines, strict=True)
    return {f"{name}{ending}": content(line, book) for name, line in lines}


def _is_junit(path: Path) -> bool:
    with path.open("rb") as file:
        return b"<testsuites" in file.read(200)
