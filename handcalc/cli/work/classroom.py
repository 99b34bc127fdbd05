"""``handcalc web``: the classroom, by this machine's own engine, until Ctrl-C."""

from __future__ import annotations

from contextlib import nullcontext, suppress

from handcalc.cli.classroom.calls import InCourse, Program
from handcalc.cli.classroom.opening import opened
from handcalc.cli.classroom.server import Classroom
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.work.course import course_context
from handcalc.views.layout import to_type


def web(session: Session, port: int, *, course: str | None, opens: bool) -> Report:
    """Where the classroom is; once that is said, it is served until somebody stops it."""
    if session.answer_in_json is None:  # a session that the program did not begin
        raise CommandError(ReportedError("usage", "The classroom opens from the program itself."))
    answer_in_json: Program = session.answer_in_json
    if course is not None:
        course_context(course=course).exercises()  # what is wrong with it is said before it opens
        answer_in_json = InCourse(answer_in_json, course)
    try:
        room = Classroom(answer_in_json, port)
    except OSError as error:
        message = f"Port {port} is not to be had: {error.strerror}."
        raise CommandError(ReportedError("port", message, suggestion="handcalc web")) from error

    def serve() -> None:
        in_browser = opened(room.url, room.visited) if opens else nullcontext()
        with room, suppress(KeyboardInterrupt), in_browser:
            room.serve_forever()

    return Report(
        data=lambda: {"url": room.url, "token": room.token},
        text=lambda _: to_type(room.url, "The classroom is open until you type Ctrl-C: "),
        afterwards=serve,
    )
