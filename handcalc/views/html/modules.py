"""ES modules that import each other, as one: a widget of a notebook is given as one text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z_]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const) (\w+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default .*\n", re.MULTILINE)


@cache
def bundled(name: str) -> str:
    """A module of this folder, or of the classroom's, with all that it imports before it.

    Each is a function that is called once, so that none sees what another keeps to itself.

    >>> lines = bundled("exercise_widget").splitlines()
    >>> [line for line in lines if line.startswith(("import", "export"))]
    ['export default { render: exercise_widget.render };']
    """
    return f"{''.join(_parts(name, set()))}export default {{ render: {name}.render }};\n"


def shipped(name: str) -> str:
    """A file of this folder, or of the classroom's.

    >>> ":host" in shipped("classroom.css")
    True
    """
    folder = files("handcalc.views.html")
    places = (folder / name, folder / "classroom" / name)
    return next(place for place in places if place.is_file()).read_text(encoding="utf-8")


def _parts(name: str, before: set[str]) -> Iterator[str]:
    """The modules that one needs, each once and before who imports it; then the module itself."""
    before.add(name)
    text = shipped(f"{name}.js")
    for _, needed in _IMPORT.findall(text):
        if needed not in before:
            yield from _parts(needed, before)
    exported = ", ".join(_EXPORT.findall(text))
    inner = _DEFAULT.sub("", _IMPORT.sub(r"const {\1} = \2;\n", text))
    inner = _EXPORT.sub(lambda found: found[0].removeprefix("export "), inner)
    yield f"const {name} = (() => {{\n{inner}return {{ {exported} }};\n}})();\n"
