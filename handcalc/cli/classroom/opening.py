"""The classroom opened in a browser, without its token on the browser's command line.

What stands on a command line, every user of the machine may read. So the browser is given a file
that only this user may read, which leads on to the address; once it was followed, it is gone.
"""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>handcalc</title>
<p><a href="{url}">The classroom</a></p>
"""


@contextmanager
def opened(url: str, followed: Event) -> Iterator[None]:
    """Have the browser open a private file that leads to ``url``, while the block goes on.

    The file goes as soon as ``followed`` is set, at the latest with the block. Where none can be
    written, nothing opens: the terminal says the address, too.
    """
    with ExitStack() as kept:
        kept.callback(followed.set)
        with suppress(OSError):
            folder = TemporaryDirectory(prefix="handcalc-", ignore_cleanup_errors=True)
            file = Path(kept.enter_context(folder), "classroom.html")  # both for this user alone
            file.touch(mode=0o600, exist_ok=False)
            file.write_text(_PAGE.format(url=escape(url)), encoding="utf-8")
            _begin(_forget, file, followed)
            # a browser in the terminal keeps who calls it, and the block is what answers it
            _begin(webbrowser.open, file.as_uri())
        yield


def _begin(work: Callable[..., object], *given: object) -> None:
    Thread(target=work, args=given, daemon=True).start()


def _forget(file: Path, followed: Event) -> None:
    followed.wait()
    file.unlink(missing_ok=True)
