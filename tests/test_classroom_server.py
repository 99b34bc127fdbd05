"""The server of the classroom: what it answers, and everything that it refuses."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from handcalc.cli.classroom.calls import OF_A_COURSE, InCourse
from handcalc.cli.classroom.opening import opened
from handcalc.cli.classroom.server import Classroom
from handcalc.cli.program import answer_in_json, program
from tests.cli_runs import ROOT, Shell, interruptible, outside

SLOW = ["optimum", "--features=8", "--hidden=4", "--sparsity=1/2", "--restarts=4000"]


@pytest.fixture(scope="module")
def room() -> Iterator[Classroom]:
    """A classroom that is open."""
    with Classroom(answer_in_json, seconds=8) as room:
        Thread(target=room.serve_forever, daemon=True).start()
        yield room
        room.shutdown()


def knock(
    room: Classroom,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes, Mapping[str, str]]:
    """The status, the body and the headers of one answer."""
    connection = HTTPConnection(room.hosts[0], timeout=120)
    connection.request(method, path, body, dict(headers or {}))
    answer = connection.getresponse()
    found = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return found


def call(room: Classroom, argv: object, **headers: str) -> tuple[int, dict[str, Any]]:
    """What a call is answered, with the token unless another one is given."""
    known = {"X-Handcalc-Token": room.token, **headers}
    status, body, _ = knock(room, "POST", "/call", json.dumps({"argv": argv}).encode(), known)
    found: dict[str, Any] = json.loads(body)
    return status, found


def test_a_call_is_answered_with_what_the_command_prints(room: Classroom, shell: Shell) -> None:
    words = ["loss", "--W=1 0; 0 1; 0 -1", "--sparsity=9/10"]
    assert call(room, words) == (200, {"exit": 0, "result": shell(*words, "--json").json()})
    assert call(room, [*words, "--json"])[1]["result"]["loss"] == "1/300"


def test_typeset_answers_have_a_page_of_mathml(room: Classroom) -> None:
    _, found = call(room, ["forward", "--W=1 0; 0 1; 0 -1", "--typeset"])
    page = found["result"]["page"]
    assert page.count("<math") == page.count("</math>") > 5
    assert "$" not in page


def test_what_is_wrong_has_the_exit_code_and_the_sentence_of_the_command(room: Classroom) -> None:
    _, found = call(room, ["forward", "--W=1 0; 0"])
    assert found["exit"] == 3
    assert found["result"]["error"]["code"] == "ragged"
    assert call(room, ["no-such-command"])[1]["exit"] == 2


def test_standard_input_comes_with_the_call(room: Classroom) -> None:
    body = json.dumps({"argv": ["geometry", "--W=-"], "input": "1 0; 0 1"}).encode()
    _, answer, _ = knock(room, "POST", "/call", body, {"X-Handcalc-Token": room.token})
    assert json.loads(answer)["result"]["capacity"] == "2"


@pytest.mark.parametrize("headers", [{"X-Handcalc-Token": "wrong"}, {"X-Handcalc-Token": ""}])
def test_without_the_token_nothing_is_answered(room: Classroom, headers: dict[str, str]) -> None:
    status, found = call(room, ["version"], **headers)
    assert (status, found["error"]["message"]) == (403, "The token is missing or wrong.")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "example.org"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://example.org"},
        {"Origin": "null"},
    ],
)
def test_pages_of_others_are_refused(room: Classroom, headers: dict[str, str]) -> None:
    assert call(room, ["version"], **headers)[0] == 403
    status, _, _ = knock(room, "GET", f"/{room.token}/", headers=headers)
    assert status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wrong/",
        "/{}",
        "/{}/page.py",
        "/{}/../page.py",
        "/{}/%2e%2e/page.py",
        "/{}/nothing.js",
        "/{}//etc/passwd",
        "/call",
        "/{}/classroom/index.html",
    ],
)
def test_nothing_but_its_own_files_is_there(room: Classroom, path: str) -> None:
    status, body, _ = knock(room, "GET", path.format(room.token))
    assert (status, json.loads(body)["error"]["message"]) == (404, "There is nothing here.")


@pytest.mark.parametrize(
    "name", ["", "figure.js", "figure.json", "classroom.js", "classroom.css", "icon.svg"]
)
def test_its_files_come_with_a_policy_that_lets_nothing_else_in(room: Classroom, name: str) -> None:
    status, body, headers = knock(room, "GET", f"/{room.token}/{name}")
    assert status == 200
    assert len(body) > 100
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"argv": "version"}',
        b'{"argv": [1]}',
        b'{"argv": ["version"], "input": 1}',
        b'{"argv": [' + b'"x",' * 300 + b'"x"]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_call_is_refused(room: Classroom, body: bytes) -> None:
    status, answer, _ = knock(room, "POST", "/call", body, {"X-Handcalc-Token": room.token})
    assert status == 400
    assert "A call is" in json.loads(answer)["error"]["message"]


def test_a_long_body_is_not_read(room: Classroom) -> None:
    with socket.create_connection(("127.0.0.1", room.server_port), timeout=60) as line:
        head = f"POST /call HTTP/1.1\r\nHost: {room.hosts[0]}\r\nContent-Length: 10000000\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(1000).startswith(b"HTTP/1.1 413 ")
    for length in ("-1", "x", "", "9" * 5000, f"{0:020}3145728"):
        with socket.create_connection(("127.0.0.1", room.server_port), timeout=60) as line:
            head = f"POST /call HTTP/1.1\r\nHost: {room.hosts[0]}\r\nContent-Length: {length}\r\n"
            line.sendall(f"{head}\r\n".encode())
            assert line.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert call(room, ["version"])[0] == 200


def test_commands_that_never_end_are_refused(room: Classroom) -> None:
    for words in (["web"], ["exercise", "1", "--watch=f"], ["lecture", "1"]):
        status, found = call(room, words)
        assert (status, found["error"]["message"][:26]) == (400, "That command never ends: t")


def test_a_student_may_be_called_like_a_command(room: Classroom) -> None:
    status, found = call(room, ["exercise", "1", "--student", "web"])
    assert (status, found["result"]["position"]) == (200, 1)


def test_two_hundred_calls_at_once_are_all_answered(room: Classroom) -> None:
    with ThreadPoolExecutor(200) as pool:
        found = Counter(pool.map(lambda _: call(room, ["version"])[0], range(200)))
    assert set(found) <= {200, 503}
    assert found[200] > 0
    assert call(room, ["version"])[0] == 200


def test_a_call_past_its_time_is_ended_and_the_next_answered(room: Classroom) -> None:
    status, found = call(room, SLOW)
    assert (status, found["error"]["message"][:29]) == (504, "That takes more than 8 second")
    assert call(room, ["version"])[0] == 200


def test_a_client_that_goes_away_harms_nobody(room: Classroom) -> None:
    line = socket.create_connection(("127.0.0.1", room.server_port))
    line.sendall(b"POST /call HTTP/1.1\r\nContent-Le")
    line.close()
    assert call(room, ["version"])[0] == 200


def test_it_listens_on_this_machine_alone(room: Classroom) -> None:
    assert room.server_address[0] == "127.0.0.1"


def test_web_says_at_once_where_it_is_and_ends_with_ctrl_c() -> None:
    with interruptible("web", "--json", "--no-open", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = b""
        while not said.rstrip().endswith(b"}"):
            said += process.stdout.readline()
        found = json.loads(said)
        host, token = found["url"].removeprefix("http://").rstrip("/").split("/")
        assert (host.split(":")[0], token) == ("127.0.0.1", found["token"])
        connection = HTTPConnection(host, timeout=60)
        connection.request("GET", f"/{token}/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()[:15]) == (200, b"<!doctype html>")
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout.read() == b""


# A browser that keeps what it was called with, and what it saw, and then follows the file.
_BROWSER = """
import json, os, pathlib, socket, sys, urllib.request
file = pathlib.Path(sys.argv[1].removeprefix("file://"))
url = file.read_text().split('url=')[1].split('">')[0]
modes = [place.stat().st_mode & 0o777 for place in (file, file.parent)]
page = urllib.request.urlopen(url).read().decode()
told = {"argv": sys.argv, "modes": modes, "url": url, "page": page}
line = socket.create_connection(("127.0.0.1", int(os.environ["TEST_PORT"])))
line.sendall(json.dumps(told).encode())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a file has no mode, and no BROWSER")
def test_no_command_line_holds_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "browser.py"
    browser.write_text(_BROWSER, encoding="utf-8")
    told = socket.create_server(("127.0.0.1", 0))
    told.settimeout(60)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {browser} %s")
    monkeypatch.setenv("TEST_PORT", str(told.getsockname()[1]))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with told, interruptible("web", "--json", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with told.accept()[0] as line:
            seen = json.load(line.makefile())
        said = b""
        while not said.rstrip().endswith(b"}"):
            said += process.stdout.readline()
        found = json.loads(said)
        assert seen["url"] == found["url"]
        assert seen["page"].startswith("<!doctype html>")
        assert seen["modes"] == [0o600, 0o700]
        (file,) = seen["argv"][1:]
        assert found["token"] not in file
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert list(tmp_path.glob("handcalc-*")) == []


def test_the_file_that_leads_there_goes_once_it_was_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr("webbrowser.open", asked.put)
    followed = Event()
    with opened("http://127.0.0.1:1/a&b/", followed):
        file = Path(url2pathname(urlsplit(asked.get(timeout=30)).path))
        assert "url=http://127.0.0.1:1/a&amp;b/" in file.read_text(encoding="utf-8")
        before = threading.enumerate()
        followed.set()
        for thread in before:
            if thread.name.endswith("(_forget)"):
                thread.join(30)
        assert not file.exists()
    assert not file.parent.exists()
    monkeypatch.setattr("tempfile.tempdir", str(file.parent))
    with opened("http://127.0.0.1:1/", Event()):
        assert asked.empty()  # no file, no browser: the terminal says the address


def test_a_port_that_is_taken_is_said(room: Classroom) -> None:
    done = outside("web", "--no-open", f"--port={room.server_port}")
    assert done.returncode == 2
    assert f"Port {room.server_port} is not to be had".encode() in done.stderr


# -- what pages say --------------------------------------------------------------------------------


def asked_of_play(W: str, b: str) -> list[list[str]]:
    """What the page Play asks of a model."""
    model, S = [f"--W={W}", f"--b={b}"], "--sparsity=1/2"
    loss = ["loss", *model, S]
    forward = ["forward", *model]
    return [
        forward,
        [*forward, "--x=1 1/2 1/4"],
        ["geometry", model[0]],
        loss,
        [*loss, "--gradient"],
    ]


@pytest.mark.parametrize(
    "words",
    [
        *asked_of_play("1 0; 0 1; 0 0", "0 0 0"),
        *asked_of_play("1/7 0; -1/3 1; 0 -3/7", "0 -1/7 1/9"),
        *asked_of_play("37/100 -11/100; -33/100 1; 9/100 -39/100", "0 -7/20 1/20"),
        ["show", "relu"],
        ["show", "best"],
    ],
)
def test_a_page_names_no_call_and_no_option_and_has_signs_of_its_own(words: list[str]) -> None:
    page = json.loads(answer_in_json([*words, "--anyway", "--typeset"])[0])["page"]
    read = unescape(re.sub(r"<math.*?</math>|<[^>]+>", "", page, flags=re.DOTALL))
    assert re.findall(r"handcalc\.\w+|in Python|(?:^|\s)--\w+|(?<![\w)])-[\d√(]", read) == []


def test_the_page_of_a_loss_has_its_integrals_where_the_terminal_has() -> None:
    for W, is_told in (("1 0; 0 1; 0 -1", True), ("1 0; 0 1; 0 -1; 1 1", False)):
        asked = ["loss", f"--W={W}", "--sparsity=9/10", "--anyway", "--typeset"]
        page = json.loads(answer_in_json(asked)[0])["page"]
        assert ("Pattern by pattern" in page) is is_told
        assert ("∫" in page) is is_told


# -- the course of a lecturer ----------------------------------------------------------------------


def test_the_commands_of_a_course_are_those_that_take_one() -> None:
    taking = {
        name
        for name, command in program.commands.items()
        if any(param.name == "course" for param in command.params)
    }
    assert taking - {"grade", "web"} == OF_A_COURSE


def test_a_classroom_practises_the_course_of_a_lecturer() -> None:
    answer = InCourse(answer_in_json, str(ROOT / "tests/data/course"))
    listed = json.loads(answer(["exercises"])[0])["exercises"]
    assert listed[0]["id"] == "two-in-one"
    named = ["exercises", f"--course={ROOT / 'tests/data/circuits'}"]
    assert json.loads(answer(named)[0])["exercises"][0]["id"] not in {e["id"] for e in listed}
    assert json.loads(answer(["version"])[0])["status"] == "ok"


@pytest.mark.parametrize(
    ("course", "said"),
    [
        ("nowhere", b"there is no folder nowhere"),
        ("tests/data", b"manifest.toml: there is no such"),
    ],
)
def test_a_course_that_cannot_be_read_is_said_before_anything_opens(
    course: str, said: bytes
) -> None:
    done = outside("web", "--no-open", f"--course={course}")
    assert done.returncode == 2
    assert said in done.stderr
