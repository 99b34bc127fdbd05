"""The server of the classroom, for this machine alone: its files, and ``POST /call``.

It answers at 127.0.0.1 only, to a browser that knows its token: the files stand below the token in
the path, and a call brings it in a header. A request for another host is refused, so that no page
of another site can speak to it by a name that leads here. Bodies are bounded, calls are answered in
processes that are killed past their time, and what waits too long for one is told so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from secrets import token_urlsafe
from threading import Event
from typing import Any, TypeGuard

import handcalc
from handcalc.cli.classroom.calls import Call, Program, answerer
from handcalc.processes.time_limits import Busy, Died, TimedOut, TimedProcesses
from handcalc.views.html.page import first_data

SECONDS = 30.0
"""What a call may take."""

TOKEN_HEADER = "X-Handcalc-Token"

_HOST = "127.0.0.1"
_LONGEST = 20  # digits of a length, so that zeros before it hide nothing
_MOST_BYTES = 1 << 18  # of a body: the longest answer that a person types is far below
_MOST_WORDS = 200  # of a command line
_PATIENCE = 20.0  # seconds that a call waits for a process
_SILENCE = 15.0  # seconds that a connection may say nothing
_PROCESSES = 2
_ENDLESS = ("web", "lecture")  # what waits for somebody, and never answers

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Classroom(ThreadingHTTPServer):
    """The server, at ``url`` once it is made; port 0 is any that is free.

    ``answer_in_json`` is the program's, which other processes import. ``visited`` is set once a
    browser has found its way. Errors: ``OSError`` where the
    port is taken.
    """

    daemon_threads = True
    request_queue_size = 256  # so many may knock at once

    def __init__(
        self,
        answer_in_json: Program,
        port: int = 0,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self.token = token_urlsafe(24)
        self.visited = Event()
        self.seconds = seconds
        self.processes = TimedProcesses(answerer, answer_in_json, _PROCESSES)
        super().__init__((_HOST, port), _Request)

    @property
    def hosts(self) -> tuple[str, str]:
        """What a browser may call it by."""
        return f"{_HOST}:{self.server_port}", f"localhost:{self.server_port}"

    @property
    def url(self) -> str:
        """The page with which it begins."""
        return f"http://{self.hosts[0]}/{self.token}/"

    def server_close(self) -> None:
        """Close it, and end its processes."""
        super().server_close()
        self.processes.close()

    def handle_error(self, *_: object) -> None:
        """A browser that goes away in the middle is no news."""


class _Request(BaseHTTPRequestHandler):
    """One request; whatever is not expected is refused without a word on why it is not there."""

    server: Classroom
    protocol_version = "HTTP/1.1"
    server_version = f"handcalc/{handcalc.__version__}"
    sys_version = ""
    timeout = _SILENCE

    def do_GET(self) -> None:
        """A file of the classroom."""
        if not self._is_for_us():
            return
        _, token, *rest = self.path.partition("?")[0].split("/", 2)
        name = (rest[0] if rest else "") or "index.html"
        content = _content(name) if rest and self._is_token(token) else None
        if content is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here.")
        else:
            self.server.visited.set()
            self._send(HTTPStatus.OK, content, _TYPES[name.rpartition(".")[2]])

    def do_POST(self) -> None:
        """A command line, answered with what it prints with ``--json``."""
        body = self._body()  # read or refused first, so that the connection can go on
        if body is None or not self._is_for_us():
            return
        if self.path != "/call" or not self._is_token(self.headers.get(TOKEN_HEADER, "")):
            self._refuse(HTTPStatus.FORBIDDEN, "The token is missing or wrong.")
            return
        call = _call(body)
        if call is None:
            said = f'A call is {{"argv": […], "input": "…"}} with at most {_MOST_WORDS} words.'
            self._refuse(HTTPStatus.BAD_REQUEST, said)
        elif _is_endless(call[0]):
            self._refuse(HTTPStatus.BAD_REQUEST, "That command never ends: type it at a terminal.")
        else:
            self._answer(call)

    def _answer(self, call: Call) -> None:
        found = self.server.processes.ask(call, seconds=self.server.seconds, patience=_PATIENCE)
        match found:
            case Busy():
                said = "Too many calls at once: ask again."
                self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, said)
            case TimedOut():
                said = (
                    f"That takes more than {self.server.seconds:g} seconds: type it at a terminal."
                )
                self._refuse(HTTPStatus.GATEWAY_TIMEOUT, said)
            case Died():
                said = "The process that worked on it died. Ask again, or for something smaller."
                self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, said)
            case text, code:
                content = f'{{"exit": {code:d}, "result": {text}}}'
                self._send(HTTPStatus.OK, content.encode(), _TYPES["json"])

    def _is_for_us(self) -> bool:
        """Whether it is this server that is meant, and no page of another that asks."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        if host in self.server.hosts and origin in (None, f"http://{host}"):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "This server answers its own pages only.")
        return False

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode(), self.server.token.encode())

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if (
            length.isascii()
            and length.isdecimal()
            and len(length) <= _LONGEST
            and int(length) <= _MOST_BYTES
        ):
            return self.rfile.read(int(length))
        self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A call has up to {_MOST_BYTES} bytes.")
        return None

    def _refuse(self, status: HTTPStatus, said: str) -> None:
        self.close_connection = True  # what is left of the request is not read
        error = {"code": status.phrase.lower().replace(" ", "_"), "message": said}
        self._send(status, json.dumps({"error": error}).encode(), _TYPES["json"])

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is logged: what a learner asks is nobody's business."""


@cache
def _content(name: str) -> bytes | None:
    """A file of the classroom by its name; None for anything else, whatever the name says."""
    shipped = files("handcalc.views.html")
    if name == "figure.json":
        return json.dumps(first_data()).encode()
    places = {place.name: place for place in (shipped / "classroom").iterdir()}
    places["figure.js"] = shipped / "figure.js"
    place = places.get(name)
    if place is None or name.rpartition(".")[2] not in _TYPES:
        return None
    return place.read_bytes()


def _call(body: bytes) -> Call | None:
    """The words of a call and what is typed into it; None where it is none."""
    try:
        given: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    words, typed = given.get("argv"), given.get("input", "")
    return (words, typed) if _is_command_line(words) and isinstance(typed, str) else None


def _is_command_line(words: object) -> TypeGuard[list[str]]:
    return (
        isinstance(words, list)
        and len(words) <= _MOST_WORDS
        and all(isinstance(word, str) for word in words)
    )


def _is_endless(words: Sequence[str]) -> bool:
    """Whether these words are a command that waits; a student may be called like one."""
    command = next((word for word in words if not word.startswith("-")), "")
    return command in _ENDLESS or any(word.partition("=")[0] == "--watch" for word in words)
