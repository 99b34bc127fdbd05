"""Build the published classroom: the pages, Python for browsers, and the package, in one folder.

    python site/build.py FOLDER

What it takes from elsewhere is pinned: Pyodide from npm, wheels from PyPI at the versions of
``constraints.txt``. What it makes is static, asks no other host for anything, and works offline
after the first visit.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tarfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from shared_libraries import asked_for, trimmed

from handcalc.views.html.page import first_data

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "handcalc/views/html"

PYODIDE = "pyodide@314.0.7"
PYTHON = ("--platform", "pyemscripten_2026_0_wasm32", "--python-version", "3.14")
PYODIDE_FILES = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
    "python_stdlib.zip",
)
COMPILED = ("python-flint", "msgspec")  # with wheels for browsers of their own
PURE = (
    "click",
    "filelock",
    "lark",
    "latex2mathml",
    "markdown-it-py",
    "mdurl",
    "mpmath",
    "platformdirs",
    "pygments",
    "rich",
    "rich-click",
    "sympy",
)
LIBRARY = re.compile(r"\.libs/.*\.so$")
LEFT_OUT = (
    re.compile(  # what no page comes to: fields of sympy, colours for programs, lists of parts
        r"/tests?/|^torchsim/|^(sympy|mpmath)/.*/(benchmarks|bench)/|\.dist-info/sboms/"
        r"|^sympy/(categories|crypto|diffgeom|liealgebras|sandbox|stats|vector)/"
        r"|^sympy/physics/(?!__init__|units/)|^sympy/parsing/(autolev|c|fortran|latex)/"
        r"|^pygments/(lexers|formatters)/(?!__init__|_mapping)"
    )
)


def pinned(name: str) -> str:
    """A distribution at the version that the tests run with."""
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(name)}==([^ ;\n]+)", constraints, re.MULTILINE | re.IGNORECASE)
    if found is None:
        raise SystemExit(f"constraints.txt pins no {name}.")
    return f"{name}=={found[1]}"


def fetch_pyodide(folder: Path, work: Path) -> None:
    """Python for browsers, from npm."""
    subprocess.run(["npm", "pack", PYODIDE, "--silent"], cwd=work, check=True)
    (archive,) = work.glob("pyodide-*.tgz")
    folder.mkdir()
    with tarfile.open(archive) as packed:
        for name in PYODIDE_FILES:
            content = packed.extractfile(f"package/{name}")
            if content is None:
                raise SystemExit(f"{PYODIDE} has no {name}.")
            (folder / name).write_bytes(content.read())


def fetch_wheels(work: Path) -> list[Path]:
    """What the package stands on, and the package itself, as wheels."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    download = [*pip, "download", "--no-deps", "--only-binary=:all:", "--dest", str(work)]
    browser = [*PYTHON, "--implementation", "cp", "--abi", "cp314"]
    subprocess.run([*download, *browser, *map(pinned, COMPILED)], check=True)
    subprocess.run([*download, *map(pinned, PURE)], check=True)
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(work), str(ROOT)], check=True)
    return sorted(work.glob("*.whl"))


def compiled(wheels: list[Path], pyodide: Path, work: Path) -> dict[str, bytes]:
    """What is in the wheels, by its place among installed packages, each module as bytecode."""
    archive = work / "packages.zip"
    with ZipFile(archive, "w") as all_packages:
        for wheel in wheels:
            with ZipFile(wheel) as packed:
                for name in packed.namelist():
                    if not (name.endswith("/") or LEFT_OUT.search(name)):
                        all_packages.writestr(name, packed.read(name))
    compiling = Path(__file__).with_name("compile.mjs")
    subprocess.run(["node", compiling, pyodide, archive], check=True)
    with ZipFile(archive) as packed:
        return {name: packed.read(name) for name in sorted(packed.namelist())}


def pack(files: dict[str, bytes], folder: Path) -> None:
    """All of them in one archive, but for the largest library, which is compiled as it comes."""
    asked = set[str]().union(*(asked_for(files[name]) for name in files if name.endswith(".so")))
    files |= {name: trimmed(files[name], asked) for name in files if LIBRARY.search(name)}
    flint = files.pop("python_flint.libs/libflint.so")
    (folder / "libflint.bin").write_bytes(gzip.compress(flint, 9, mtime=0))
    unpacked = BytesIO()
    with tarfile.open(fileobj=unpacked, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    (folder / "packages.bin").write_bytes(gzip.compress(unpacked.getvalue(), 9, mtime=0))


def write_pages(folder: Path) -> None:
    """The pages of ``handcalc web``, told that a worker answers them."""
    for file in (PAGES / "classroom").iterdir():
        shutil.copy(file, folder)
    shutil.copy(PAGES / "figure.js", folder)
    for name in ("worker.js", "python.js", "offline.js"):
        shutil.copy(Path(__file__).with_name(name), folder)
    (folder / "figure.json").write_text(json.dumps(first_data()), encoding="utf-8")
    index = folder / "index.html"
    page = index.read_text(encoding="utf-8")
    policy = (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
        "connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'"
    )
    heads = (
        '<meta charset="utf-8">\n<meta name="engine" content="worker">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
    index.write_text(page.replace('<meta charset="utf-8">', heads), encoding="utf-8")


def list_files(folder: Path) -> None:
    """What the page loads, for its bar and to keep it offline: names and sizes."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    whole = sha256(b"".join(sha256(file.read_bytes()).digest() for file in files))
    version = whole.hexdigest()[:16]
    keeper = folder / "offline.js"  # browsers look for a new one, and change nothing without it
    code = keeper.read_text(encoding="utf-8")
    keeper.write_text(f'const VERSION = "{version}";\n{code}', encoding="utf-8")
    sizes = {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}
    listed = {"files": sizes}
    (folder / "files.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Build into a folder that is empty or not there yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty: name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        work = Path(place)
        fetch_pyodide(folder / "pyodide", work)
        pack(compiled(fetch_wheels(work), folder / "pyodide", work), folder)
    write_pages(folder)
    list_files(folder)
    total = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder}: {total / 2**20:.1f} MB. Serve it as it is, over http or https.")


if __name__ == "__main__":
    main()
