"""Proofs that an embedding is the best, kept as they come, and the check of a certificate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from hashlib import sha256
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import RenderableType

import handcalc
from handcalc.cli.failures import GOES_ON, LOST, interruption, of_input
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal import ProgressBar, Terminal
from handcalc.cli.typed_text import command_again, path_of
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.processes.cores import cores
from handcalc.processes.signals import stop_asked
from handcalc.storage.files import state_folder
from handcalc.storage.kept_file import KeptFile
from handcalc.superposition.best.optimum import Optimum
from handcalc.superposition.certificates.certificate import Certificate, from_bytes
from handcalc.superposition.certificates.certified import refuse_certain
from handcalc.superposition.certificates.checked import rounded_down
from handcalc.superposition.certificates.checker.checking import check
from handcalc.superposition.certificates.checker.checking import compile_loops as compile_check
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.certificates.proof import Proof
from handcalc.superposition.certificates.proving import begin, compile_loops
from handcalc.superposition.certificates.proving import prove as work_out
from handcalc.superposition.certificates.search import kept as kept_search
from handcalc.superposition.certificates.search.covering import Search
from handcalc.superposition.certificates.stored import stored_content, stored_names
from handcalc.superposition.loss.problem import Problem
from handcalc.views import certificates, markdown
from handcalc.views.circuits import markdown as page_markdown
from handcalc.views.circuits import text as page_text
from handcalc.views.json import proofs as data
from handcalc.views.layout import Paragraph, to_type
from handcalc.views.text import proofs as text
from handcalc.wording import joined, lasted, word

from .outputs import Output, write_all
from .waiting import compile_aloud

_OWN = ("seconds", "jobs", "fresh", "no_state")  # options that say how to prove, and not what
_BETWEEN = 30.0  # seconds from one state that is kept to the next
_SHARE = 20  # keeping a large one takes no more than such a part of the time
_LONGEST = 100  # characters of the name of a file
_LOOPS = "loops of the proof"
_BOXES, _CHECKING = "Boxes", "Checking"
_DONE = {
    "boxes": "{} boxes are looked at",
    "leaves": "all boxes are looked at, {} of them checked again",
}
_TO_VERIFY = (
    "With --certificate FILE what this rests on is written, and handcalc verify FILE works all of "
    "it out again."
)


@dataclass(frozen=True, slots=True)
class ProofWork:
    """What is to be proved, how, and what is kept of it.

    ``again`` is the command that goes on from where this one stopped, ``plain`` the one without a
    proof.
    """

    claim: CertifiedClaim
    name: str
    again: str
    plain: str
    seconds: int | None
    threads: int
    fresh: bool
    no_state: bool
    certificate: Output | None

    @classmethod
    def of(
        cls, problem: Problem, asked: Mapping[str, Any], certificate: Output | None
    ) -> ProofWork:
        """What was asked for; what cannot be proved, or written, is refused before the search."""
        what = {name: value for name, value in asked.items() if name not in _OWN}
        usual = {"seed": 0, "digits": 30, "distribution": "independent"}
        plain = command_again("handcalc optimum", what, usual)
        how = {"prove": True, "certificate": certificate and str(certificate.path)}
        how |= {name: asked[name] for name in _OWN}
        with _refusing(plain):
            claim = CertifiedClaim(problem)
        if certificate is not None:
            certificate.refuse_others(_is_certificate, "certificate")
            certificate.refuse_early()
        return cls(
            claim,
            _name(problem, what),
            command_again("handcalc optimum", what | how, usual),
            plain,
            asked["seconds"],
            asked["jobs"] or cores(),
            asked["fresh"],
            asked["no_state"],
            certificate,
        )

    @property
    def path(self) -> Path | None:
        """Where the search is kept, or None where nothing is."""
        return None if self.no_state else state_folder() / "proofs" / f"{self.name}.npz"


def prove(session: Session, work: ProofWork, best: Optimum) -> Report:
    """The page of the best, with its proof as far as it comes."""
    with _refusing(work.plain):
        refuse_certain(best)
    warnings: list[str] = []
    proof = _proved(session, work, best, warnings)
    notes, trouble = write_all([(work.certificate, proof.certificate.to_bytes)])
    written = work.certificate.path if work.certificate is not None and not trouble else None

    def page(terminal: Terminal) -> RenderableType:
        further: list[RenderableType] = [terminal.plain(note) for note in notes]
        if proof.status == "unfinished":
            lead = "The same command goes on from there: "
            kept = Paragraph("Nothing of it is kept, as --no-state says.")
            further.append(kept if work.no_state else to_type(work.again, lead))
        if written is not None:
            command = f"handcalc verify {word(str(written))}"
            further.append(to_type(command, "To have all of it worked out again: "))
        return text.proof(proof, terminal.notation, [*further, *_unwritten(written)])

    report = Report(
        data=lambda: _with_file(data.proof(proof), written),
        text=page,
        markdown=lambda: markdown.proof(proof, [] if written else [_TO_VERIFY]),
        warnings=tuple(warnings),
    )
    return with_trouble(report, trouble)


def _unwritten(written: Path | None) -> list[RenderableType]:
    return [] if written is not None else [Paragraph(_TO_VERIFY)]


def _with_file(found: dict[str, Any], written: Path | None) -> dict[str, Any]:
    """The data of a proof, with the file in which its certificate is."""
    name = None if written is None else str(written)
    return found | {"proved": {**found["proved"], "certificate": name}}


def _name(problem: Problem, what: Mapping[str, Any]) -> str:
    """The name of what is kept: one for each question, in letters that every disk takes."""
    parts = {
        "features": problem.features,
        "hidden": problem.hidden,
        "distribution": problem.distribution.name,
        "sets": getattr(problem.distribution, "sets", None),
        "sparsity": _one_or_each(problem.sparsities),
        "importance": _one_or_each(problem.importance),
        **{name: what[name] for name in ("restarts", "seed", "digits")},
    }
    said = "-".join(f"{name}-{value}" for name, value in parts.items() if value is not None)
    digest = sha256(said.encode()).hexdigest()[:12]
    return f"{re.sub('[^a-z0-9-]+', '_', said)[:_LONGEST]}-{digest}"


def _one_or_each(numbers: Vector) -> str:
    """Numbers as options have them: one where all are the same."""
    return " ".join(map(str, numbers[:1] if len(set(numbers)) == 1 else numbers))


@contextmanager
def _refusing(plain: str) -> Iterator[None]:
    """What cannot be proved can still be searched for."""
    try:
        yield
    except InputError as error:
        raise CommandError(replace(of_input(error), suggestion=plain)) from error


# --------------------------------------------------------------------------------------------------
# The proof: a bar, and a file with the search as it is.


def _proved(session: Session, work: ProofWork, best: Optimum, warnings: list[str]) -> Proof:
    """The proof as far as it comes; on Ctrl-C it is refused, with how to go on."""
    if not session.json:
        compile_aloud(session, compile_loops, _LOOPS)
    with _open(work.path, warnings) as file:
        with _refusing(work.plain):
            begun = begin(work.claim, best.model)
        search = _gone_on_with(begun, file, work.fresh, warnings)
        if search is not begun and not session.json:
            session.terminal.complain(f"Going on from {search.count:,} boxes.", "")
        watch = _Watch(ProgressBar(session, _BOXES), file, search, float(best.loss))
        try:
            with watch.bar, stop_asked() as watch.asked, _refusing(work.plain):
                proof = work_out(
                    work.claim,
                    best,
                    seconds=work.seconds,
                    threads=work.threads,
                    search=search,
                    on_progress=watch.on_progress,
                    on_round=watch.on_round,
                )
        except KeyboardInterrupt as stop:
            raise _interruption(session, stop, work, watch, warnings) from None
    if file.trouble is not None:
        warnings.append(file.trouble)
    return proof


def _interruption(
    session: Session, stop: KeyboardInterrupt, work: ProofWork, watch: _Watch, warnings: list[str]
) -> CommandError:
    """The refusal of a proof that was stopped, with what is kept of it."""
    done = watch.bar.so_far(_DONE[watch.stage])
    if work.no_state:
        return interruption(session, stop, done, LOST)
    trouble = " ".join(filter(None, [*warnings, watch.file.trouble]))
    kept = f"not all of it is kept. {trouble.rstrip('.')}" if trouble else GOES_ON
    return interruption(session, stop, done, kept, work.again)


@dataclass(slots=True)
class _Watch:
    """Who looks at a proof as it goes: moves the bar, keeps the search, and stops where asked."""

    bar: ProgressBar
    file: KeptFile
    search: Search
    loss: float
    asked: Callable[[], bool] = lambda: False
    stage: str = "boxes"
    margin: float = -inf
    next: float = field(default_factory=lambda: monotonic() + _BETWEEN)

    def on_progress(self, stage: str, done: int, total: int) -> None:
        """So many boxes are looked at or, once the search has ended, checked."""
        if stage != self.stage:
            self.stage = stage
            self.keep()
            self.bar.begin(_CHECKING)
        self.bar(done, total)
        if stage != "boxes" and self.asked():
            raise KeyboardInterrupt

    def on_round(self, search: Search) -> None:
        """The search stands between two rounds, so that it may be kept."""
        # what was known of a box is known of its halves, even where less is found for one of them
        self.margin = max(self.margin, min(search.margin, 0.0))
        if self.margin > -self.loss:
            bound = rounded_down(Fraction(self.loss + self.margin), 5)
            self.bar.say(f"{_BOXES}, L ≥ {bound:g}")
        if self.asked():
            self.keep()
            raise KeyboardInterrupt
        if monotonic() >= self.next:
            self.keep()

    def keep(self) -> None:
        """Keep the search as it is; the longer that takes, the seldomer it is done."""
        began = monotonic()
        if self.file.path is not None:
            self.file.put(kept_search.to_bytes(self.search))
        now = monotonic()
        self.next = now + max(_BETWEEN, _SHARE * (now - began))


@contextmanager
def _open(path: Path | None, warnings: list[str]) -> Iterator[KeptFile]:
    """The file; where none can be kept, none and a warning."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(KeptFile(path))
        except InputError as error:
            if error.code != "unwritable_state":
                raise CommandError(of_input(error)) from error
            warnings.append(error.message)
            file = KeptFile()
        yield file


def _gone_on_with(begun: Search, file: KeptFile, fresh: bool, warnings: list[str]) -> Search:
    """The search that was kept of the same question; what is none of its kind is set aside."""
    content = None if fresh else file.get()
    if content is None:
        return begun
    try:
        return kept_search.from_bytes(content, begun)
    except InputError as error:
        aside = file.set_aside()
        where = f" It is now {aside}, and" if aside is not None else " So"
        said = f"What was kept in {file.path} cannot be gone on with. {error}"
        warnings.append(f"{said}{where} the proof began anew.")
        return begun


# --------------------------------------------------------------------------------------------------
# The check of a certificate.


def verify(session: Session, file: str, jobs: int | None) -> Report:
    """What a certificate proves; one that claims more than is true is refused."""
    certificate, began = _read(file), monotonic()
    if not session.json:
        compile_aloud(session, compile_check, "loops of the check")
        began = monotonic()
    try:
        with ProgressBar(session, _CHECKING, time_left=True) as bar:
            found = check(certificate, threads=jobs or cores(), on_progress=bar)
    except InputError as error:
        exit_code = Exit.NOT_SOLVED if error.code == "refused" else Exit.UNREADABLE
        raise CommandError(of_input(error), exit_code) from error
    seconds = monotonic() - began
    sentences = certificates.checked_sentences(found, certificate)
    page = certificates.verified(certificate, found, [f"The check took {lasted(seconds)}."])
    return Report(
        data=lambda: data.verified(certificate, found, sentences[0], seconds),
        text=lambda terminal: page_text.rendered(page, terminal.notation),
        markdown=lambda: page_markdown.rendered(page),
    )


def _read(file: str) -> Certificate:
    """The certificate in a file, or one that comes with the package, by its name.

    A file of that name comes first. Errors: exit codes as for all files.
    """
    path = path_of(file)
    try:
        if file in stored_names() and not path.exists():
            return from_bytes(stored_content(file))
        return handcalc.load_certificate(path)
    except FileNotFoundError as error:
        message = f"The certificate {file} is missing from this installation of handcalc."
        raise CommandError(ReportedError("missing_file", message)) from error
    except InputError as error:
        if error.code == "not_found":
            missing = not path.exists()
            names = joined(stored_names(), "or")
            none = f"There is no file {file}. With the package come the certificates {names}."
            message = none if missing else error.message
            code = "missing_file" if missing else "unreadable_file"
            raise CommandError(ReportedError(code, message)) from error
        raise CommandError(of_input(error), Exit.UNREADABLE) from error


def _is_certificate(path: Path) -> bool:
    """Whether a file may be replaced by a certificate: it is one."""
    try:
        from_bytes(path.read_bytes())
    except InputError as error:
        return error.code == "version"
    return True
