"""The wheel: what is in it, and that it works in an empty environment, from an empty folder.

The slow test does the same with the extra ``sim``, which brings torch: a model is trained there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import handcalc
import torchsim
from tests.guarded import CONFIGURATION, PACKAGES, ROOT

PROJECT = CONFIGURATION["project"]
NOT_OURS_TO_INSTALL = {"matplotlib", "numpy", "pandas", "safetensors", "scipy", "torch"}
FOLDERS = (*PACKAGES, "tests", "benchmarks")
FILES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", ".gitignore")


def run(
    command: Sequence[str | Path], cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def build(copy: Path, configuration: str) -> Path:
    """A folder with the wheel and the sdist, built from a copy: the tree stays as it is."""
    for folder in FOLDERS:
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, copy / folder, ignore=skipped)
    for file in FILES:
        shutil.copy(ROOT / file, copy / file)
    (copy / "pyproject.toml").write_text(configuration, encoding="utf-8")
    done = run([sys.executable, "-m", "hatchling", "build", "-d", "out"], copy)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "out"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    configuration = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return build(tmp_path_factory.mktemp("tree"), configuration)


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


def installed(home: Path, wheel: Path, extra: str = "") -> Path:
    """The scripts folder of a new environment that holds the wheel and what it requires."""
    venv.create(home, with_pip=True)
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    constraints = ["-c", ROOT / "constraints.txt"]
    done = run([folder / "python", "-m", "pip", "install", f"{wheel}{extra}", *constraints], home)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("environment"), wheel)


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An environment that knows nothing of the source tree."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONUTF8": "1", "HANDCALC_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def lacking(names: set[str]) -> list[str]:
    """What of the packages' files an archive with these names does not hold."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*"))
    wanted = {path.relative_to(ROOT).as_posix() for path in files if path.is_file()}
    return sorted(name for name in wanted - names if "__pycache__" not in name)


def names_in_sdist(folder: Path) -> set[str]:
    (path,) = folder.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_the_wheel_holds_the_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {*PACKAGES, f"handcalc-{handcalc.__version__}.dist-info"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert "exercises/bank/manifest.toml" in names
    assert any(re.fullmatch(r"exercises/bank/(?!manifest).+\.toml", name) for name in names)
    assert any(re.fullmatch(r"handcalc/parsing/.+\.lark", name) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert [name for name in names if "test" in name or name.endswith(".pyc")] == []


def test_every_file_of_the_packages_is_in_wheel_and_sdist(built: Path, wheel: Path) -> None:
    assert lacking(set(zipfile.ZipFile(wheel).namelist())) == []
    assert lacking(names_in_sdist(built)) == []


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_a_package_that_is_left_out_is_missed(tmp_path: Path, package: str) -> None:
    """The check above can fail: the same tree, built with a package fewer."""
    configuration = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    folder = build(tmp_path, configuration.replace(f', "{package}"', ""))
    (path,) = folder.glob("*.whl")
    for names in (set(zipfile.ZipFile(path).namelist()), names_in_sdist(folder)):
        assert f"{package}/__init__.py" in lacking(names)


def test_the_sdist_is_light(built: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in_sdist(built)}
    assert {*PACKAGES, "pyproject.toml", "README.md", "LICENSE"} <= tops
    assert tops.isdisjoint({"tests", "benchmarks"})


def test_exercise_1_from_an_empty_folder(
    scripts: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    done = run([scripts / "handcalc", "exercise", "1"], empty, surroundings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Exercise 1" in done.stdout.splitlines()[0]
    assert "--W=" in done.stdout
    assert "--b=" in done.stdout
    assert done.stderr == ""
    assert list(empty.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="a closed stream is made here with a POSIX shell")
def test_exercise_1_with_standard_input_closed(
    scripts: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    done = run(["sh", "-c", f"'{scripts}/handcalc' exercise 1 <&-"], empty, surroundings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Exercise 1" in done.stdout.splitlines()[0]


def test_the_module_is_the_command(
    scripts: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    command = run([scripts / "handcalc", "exercise", "1"], empty, surroundings)
    module = run([scripts / "python", "-m", "handcalc", "exercise", "1"], empty, surroundings)
    assert (module.returncode, module.stdout) == (command.returncode, command.stdout)


def test_the_installed_packages_import_without_the_source_tree(
    scripts: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    code = (
        f"import {', '.join(PACKAGES)}; print({', '.join(f'{name}.__file__' for name in PACKAGES)})"
        "; handcalc.embeddings()"
    )
    done = run([scripts / "python", "-W", "error", "-c", code], empty, surroundings)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == len(PACKAGES)
    assert str(ROOT) not in done.stdout


def test_the_base_install_is_light(
    scripts: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    listed = run([scripts / "python", "-m", "pip", "list", "--format=json"], empty, surroundings)
    there = {canonicalize_name(entry["name"]) for entry in json.loads(listed.stdout)}
    assert {"handcalc", "sympy", "python-flint"} <= there
    assert there & NOT_OURS_TO_INSTALL == set()


def test_without_the_extra_training_says_what_to_install(
    scripts: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    done = run([scripts / "handcalc", "train", "by-hand", "--small"], empty, surroundings)
    assert done.returncode == 2, done.stdout + done.stderr
    assert 'pip install "handcalc[sim]"' in done.stderr


@pytest.mark.slow
def test_the_wheel_trains_with_its_extra(
    wheel: Path, tmp_path: Path, empty: Path, surroundings: dict[str, str]
) -> None:
    scripts = installed(tmp_path / "environment", wheel, "[sim]")
    command = [scripts / "handcalc", "train", "by-hand", "--small", "--json"]
    done = run(command, empty, surroundings)
    assert done.returncode == 0, done.stdout + done.stderr
    trained = json.loads(done.stdout)
    asked = torchsim.preset("by-hand").spec(small=True).models
    assert (trained["status"], len(trained["models"])) == ("ok", len(asked))
    assert done.stderr == ""
    compared = run([scripts / "handcalc", "compare", "--json"], empty, surroundings)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert max(model["gap_percent"] for model in json.loads(compared.stdout)["models"]) < 1
    figure = run([scripts / "handcalc", "figure", "by-hand", "--out", "a.png"], empty, surroundings)
    assert figure.returncode == 0, figure.stdout + figure.stderr
    assert (empty / "a.png").stat().st_size > 10_000


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    exact = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {
        canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version) for pin in exact
    }


def wanted() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]
    return [need for need in map(Requirement, texts) if need.name != PROJECT["name"]]


@pytest.mark.parametrize("need", wanted(), ids=str)
def test_every_requirement_is_pinned_within_its_range(need: Requirement) -> None:
    assert need.specifier.contains(pins()[canonicalize_name(need.name)])


def test_every_pin_is_exact_and_stands_once() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = re.compile(r"[\w.-]+==[\w.]+( ; .+)?|#.*")
    assert [line for line in lines if not pinned.fullmatch(line)] == []
    assert len(pins()) == sum(not line.startswith("#") for line in lines)


@pytest.mark.parametrize(
    ("file", "pattern"),
    [("CITATION.cff", r"^version: (.+)$"), ("CHANGELOG.md", r"^## \[?([\d.]+)\]?")],
)
def test_one_version_everywhere(file: str, pattern: str) -> None:
    found = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    assert found[1] == handcalc.__version__
