"""Matrices from array files: told by content, chosen by name and number, exact, never unpickled."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handcalc.errors import InputError
from handcalc.inputs.array_files import StoredArray, arrays_in, is_array_file
from handcalc.parsing import parse_vector
from tests.cli_runs import Shell
from tests.practice_runs import records

torch = pytest.importorskip("torch", reason="safetensors of torch are written with it")
from safetensors.numpy import save as save_numpy  # noqa: E402 - behind the check for torch
from safetensors.torch import save as save_torch  # noqa: E402 - behind the check for torch

W = np.array([[1, 0], [0, 0.1], [0, -0.25]], dtype=np.float32)
B = np.array([0, 0, 0.25], dtype=np.float32)


def npy(array: object, **how: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **how)
    return stream.getvalue()


def npz(compress: bool = False, **arrays: Any) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(stream, **arrays)
    return stream.getvalue()


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


FILES: dict[str, bytes] = {
    "npz": npz(W=W, b=B),
    "npz, compressed": npz(compress=True, W=W, b=B),
    "safetensors of numpy": save_numpy({"W": W, "b": B}),
    "safetensors of torch": save_torch({"W": torch.tensor(W), "b": torch.tensor(B)}),
}


@pytest.mark.parametrize("raw", FILES.values(), ids=FILES)
@pytest.mark.parametrize("name", ["weights", "weights.txt", "a:b.npz", "w@1#2"])
def test_W_and_b_of_one_file(shell: Shell, raw: bytes, name: str) -> None:
    Path(name).write_bytes(raw)
    for behind in (("", ""), (":W", ":b")):
        at = [f"--{part}=@{name}{which}" for part, which in zip("Wb", behind, strict=True)]
        found = shell("forward", *at, "--x=1 1 1", "--json").json()
        assert (found["W"], found["b"]) == (
            [["1", "0"], ["0", "1/10"], ["0", "-1/4"]],
            ["0", "0", "1/4"],
        )
        assert shell("geometry", at[0], "--json").json()["gram"][1][1] == "1/100"
        assert shell("loss", *at, "--sparsity=1/2", "--json").code == 0


@pytest.mark.parametrize(
    "raw",
    [
        npy(W),
        npy(np.asfortranarray(W)),
        npy(W.astype(">f4")),
        npz(anything=W),
        save_numpy({"anything": W}),
    ],
    ids=["npy", "Fortran's order", "big-endian", "one in an npz", "one in a safetensors"],
)
def test_the_only_array_needs_no_name(shell: Shell, raw: bytes) -> None:
    Path("w").write_bytes(raw)
    found = shell("geometry", "--W=@w", "--json").json()
    assert found["W"] == [["1", "0"], ["0", "1/10"], ["0", "-1/4"]]


@pytest.mark.parametrize(
    "array",
    [np.array([[1, -2]], dtype=kind) for kind in ("i1", "<i4", ">i8")]
    + [np.array([[1, 2]], dtype=kind) for kind in ("u1", ">u2", "u8")],
)
def test_integers_are_what_they_are(array: np.ndarray[Any, Any]) -> None:
    assert arrays_in(npy(array))[""].text() == " ".join(str(int(cell)) for cell in array[0])


@pytest.mark.parametrize("kind", ["f2", "<f4", ">f4", "f8"])
def test_a_float_is_the_shortest_decimal_that_reads_back(kind: str) -> None:
    random = np.random.default_rng(0)
    cells = np.concatenate([random.normal(size=50), 10.0 ** random.uniform(-4, 4, 50), [0.1, -0.0]])
    array = cells.astype(kind)
    text = arrays_in(npy(array))[""].text()
    for cell, value, word in zip(array, parse_vector(text), text.split(), strict=True):
        assert type(cell)(float(value)) == cell
        digits = word.lstrip("-").replace(".", "").strip("0")
        assert len(digits) <= len(np.format_float_scientific(cell, unique=True).split("e")[0])
    assert parse_vector(text)[-2] == Fraction(1, 10)


def test_bfloat16() -> None:
    bits = torch.arange(0x3C00, 0x4100, 7).to(torch.int16).view(torch.bfloat16)
    tensor = torch.cat([bits, -bits, torch.tensor([0.1, 3e38, 1e-40]).to(torch.bfloat16)])
    (array,) = arrays_in(save_torch({"b": tensor})).values()
    words = array.text().split()
    back = torch.tensor([float(Fraction(str(value))) for value in parse_vector(" ".join(words))])
    assert torch.equal(back.to(torch.bfloat16), tensor)
    assert words[-3] == "0.1"


RUN = {
    "model1.W": np.stack([W, 2 * W]),
    "model1.b": np.stack([B, 2 * B]),
    "model1.losses": np.zeros(2, dtype=np.float32),
    "model2.W": np.stack([3 * W, 4 * W]),
    "model2.b": np.stack([3 * B, 4 * B]),
}


@pytest.mark.parametrize(
    "choice",
    [("model1.W:2", "model1.b:2"), ("model1:2", "model1:2")],
    ids=["the arrays", "the model"],
)
def test_a_model_of_a_batch(shell: Shell, choice: tuple[str, str]) -> None:
    Path("weights.safetensors").write_bytes(save_numpy(RUN))
    at = [
        f"--{part}=@weights.safetensors:{which}" for part, which in zip("Wb", choice, strict=True)
    ]
    found = shell("forward", *at, "--x=1 1 1", "--json").json()
    assert found["W"] == [["2", "0"], ["0", "1/5"], ["0", "-1/2"]]
    assert found["b"] == ["0", "0", "1/2"]
    exercise = shell("exercise", "1", *at, "--json")
    assert exercise.json()["answer"]["raw"] == {"W": "2 0; 0 0.2; 0 -0.5", "b": "0 0 0.5"}


CHOICES = {
    "several": (
        "--W=@w:",
        ["model1.W (2 × 3 × 2)", "model1.losses (2)", "Choose one by its name"],
        "--W=@w:model1.W",
    ),
    "no such": ("--W=@w:V", ["There is no V in it", "model2.b (2 × 3)"], "--W=@w:model1.W"),
    "a batch": ("--W=@w:model2", ["is a batch: 2 of them", "from 1 to 2"], "--W=@w:model2.W:1"),
    "number 0": ("--W=@w:model2:0", ["There is no number 0 in model2.W"], None),
    "number 3": ("--W=@w:model2:3", ["There is no number 3 in model2.W"], None),
    "a number of 5,000 digits": (
        "--W=@w:model2:" + "9" * 5000,
        ["model2:999", "… in it"],
        "--W=@w:model1.W",
    ),
    "too deep": ("--b=@w:model1:1:2:3", ["There is no number 3"], None),
    "a batch of b": ("--b=@w:model1", ["is a batch: 2 of them"], "--b=@w:model1.b:1"),
}


@pytest.mark.parametrize(("option", "said", "suggestion"), CHOICES.values(), ids=CHOICES)
def test_what_to_choose_is_said(
    shell: Shell, option: str, said: list[str], suggestion: str | None
) -> None:
    Path("w").write_bytes(save_numpy(RUN))
    rest = [] if option.startswith("--W") else ["--W=1 0; 0 1; 0 0"]
    done = shell("forward", *rest, option.removesuffix(":"), "--json")
    error = done.json()["error"]
    assert (done.code, error["suggestion"]) == (2, suggestion)
    assert all(words in error["message"] for words in said)
    if suggestion is not None and suggestion.endswith(":1"):
        assert shell("forward", *rest, suggestion, "--x=1 0 0").code == 0


def test_a_list_of_many_arrays_is_cut(shell: Shell) -> None:
    Path("w").write_bytes(npz(**{f"layer{i:02}": W for i in range(30)}))
    assert "layer11 (3 × 2) and 18 more" in shell("geometry", "--W=@w").err.replace("\n", " ")


class Unpickled:
    """Says so if it is ever opened."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return Path.touch, (Path("opened"),)  # type: ignore[return-value]  # a path stands for it


def overwritten(raw: bytes, start: int, part: bytes) -> bytes:
    return raw[:start] + part + raw[start + len(part) :]


def in_directory(raw: bytes, place: int, value: int) -> bytes:
    """A zip file with another byte in the first entry of its directory."""
    return overwritten(raw, raw.index(b"PK\x01\x02") + place, bytes([value]))


REFUSED: dict[str, tuple[bytes, str]] = {
    "nan": (npy(np.array([[1, 0], [0, np.nan]])), "The array holds nan in row 2, column 2"),
    "inf": (npz(W=np.array([[1, -np.inf]])), "W holds -inf in place 2"),
    "bfloat16 nan": (
        save_torch({"W": torch.tensor([[1.0], [float("nan")]]).to(torch.bfloat16)}),
        "W holds nan in row 2, column 1",
    ),
    "bools": (npy(np.array([[True]])), "holds True and False, and numbers are asked for"),
    "bools in safetensors": (save_torch({"W": torch.tensor([[True]])}), "holds True and False"),
    "complex": (npy(np.array([[1j]])), "values of type complex128"),
    "text": (npy(np.array([["1"]])), "and numbers are asked for"),
    "records": (npy(np.zeros(2, dtype=[("a", "f4")])), "and numbers are asked for"),
    "8 bits": (
        save_torch({"W": torch.ones(1, 2).to(torch.float8_e5m2)}),
        "values of type F8_E5M2, and numbers are asked for",
    ),
    "objects": (npy(np.array([[Unpickled()]], dtype=object)), "pickled and so never opened"),
    "objects in an npz": (npz(W=np.array([[Unpickled()]], dtype=object)), "W holds Python objects"),
    "a pickle": (pickle.dumps(Unpickled()), "pickled objects, which can run any program"),
    "a header cut short": (npy(W).replace(b"(3, 2)", b"(3, 2 "), "is damaged"),
    "compressed bytes changed": (
        overwritten(npz(compress=True, W=W), 60, b"\xff" * 8),
        "is damaged",
    ),
    "packed in an unknown way": (in_directory(npz(W=W), 10, 99), "is damaged"),
    "encrypted": (in_directory(npz(W=W), 8, 1), "Its arrays are encrypted"),
    "empty": (npy(np.zeros((0, 2))), "0 × 2 holds no number"),
    "cut short": (npy(W)[:-3], "is damaged"),
    "no header": (npy(W)[:20], "is damaged"),
    "half a zip": (npz(W=W)[:100], "is damaged"),
    "cut safetensors": (save_numpy({"W": W})[:-3], "is damaged"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(50), "HDF5"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(50), "compressed with gzip"),
}


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, pickle.dumps(Unpickled()))
    return stream.getvalue()


REFUSED["torch.save"] = zipped("w/data.pkl"), "a file of torch.save"
REFUSED["a document"] = zipped("word/document.xml"), "a zip file with no arrays of numpy"


@pytest.mark.parametrize(("raw", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_matrix_is_refused(shell: Shell, raw: bytes, said: str) -> None:
    Path("w").write_bytes(raw)
    done = shell("geometry", "--W=@w", "--json")
    assert (done.code, done.json()["error"]["option"]) == (3, "--W=@w")
    assert said in done.json()["error"]["message"]
    graded = shell("exercise", "1", "--file=w", "--json")
    assert graded.code == 3
    assert records() == {}
    assert not Path("opened").exists()


def test_a_bomb_is_refused_before_it_is_opened(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handcalc.inputs.array_files.MOST_BYTES", 10_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W.npy", bytes(10_001))
    Path("w").write_bytes(stream.getvalue())
    assert shell("geometry", "--W=@w", "--json").json()["error"]["code"] == "size"
    header = npy(W).replace(b"(3, 2)", b"(300000, 200000)").replace(b"          \n", b"\n", 1)
    with pytest.raises(InputError, match="It is damaged"):
        arrays_in(header)


@pytest.mark.parametrize(
    ("option", "raw", "square"),
    [("--W=-", npy(W), "1/100"), ("--W=-:model2:1", save_numpy(RUN), "9/100")],
)
def test_standard_input(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, option: str, raw: bytes, square: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert shell("geometry", option, "--json").json()["gram"][1][1] == square


def test_an_answer_file_may_hold_arrays(shell: Shell) -> None:
    right = np.array([[1, 0], [0, 1], [0, 0]])
    Path("w").write_bytes(npz(W=right, b=np.array([0, 0, 0.25])))
    assert shell("exercise", "1", "--file=w", "--json").json()["status"] == "solved"
    Path("w").write_bytes(save_numpy(RUN))
    error = shell("exercise", "1", "--file=w", "--json").json()["error"]
    assert error["suggestion"] == "--W=@w:model1.W:1 --b=@w:model1.b:1"
    Path("w").write_bytes(npy(np.stack([right, 2 * right])))
    error = shell("exercise", "1", "--file=w", "--json").json()["error"]
    assert error["suggestion"] == "--W=@w:1"
    assert shell("exercise", "1", error["suggestion"]).code == 1


def test_a_text_with_names_may_be_chosen_from(shell: Shell) -> None:
    Path("a.txt").write_text("# Ada\nW = [1 0; 0 1];\nb = [0 1/4];\n", encoding="utf-8")
    found = shell("forward", "--W=@a.txt", "--b=@a.txt", "--x=1 1", "--json").json()
    assert found["output"] == ["1", "5/4"]
    assert shell("forward", "--W=@a.txt:W", "--x=1 1", "--b=@a.txt:b", "--json").json() == found
    error = shell("forward", "--W=@a.txt:V", "--json").json()["error"]
    assert "There is not one V = … in it. It holds W, b." in error["message"]


def test_csv_is_text(shell: Shell) -> None:
    np.savetxt("w.csv", W, delimiter=",", header="Ada")
    assert shell("geometry", "--W=@w.csv", "--json").code == 0


@pytest.mark.parametrize(("missing", "extra"), [("numpy", "optimum"), ("safetensors", "sim")])
def test_what_to_install_is_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, missing: str, extra: str
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        "handcalc.errors.find_spec", lambda name: None if name == missing else find(name)
    )
    Path("w").write_bytes(save_numpy({"W": W}))
    done = shell("geometry", "--W=@w", "--json")
    assert done.code == 2
    assert done.json()["error"]["suggestion"] == f'pip install "handcalc[{extra}]"'


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00 no tensors", b"version https://git-lfs"])
@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".NPY"])
def test_a_name_of_arrays_and_no_arrays_is_a_damaged_file(
    shell: Shell, tmp_path: Path, raw: bytes, suffix: str
) -> None:
    file = tmp_path / f"own{suffix}"
    file.write_bytes(raw)
    for arguments in (("circuit", f"--file={file}"), ("geometry", f"--W=@{file}")):
        done = shell(*arguments, "--json")
        assert done.json()["error"]["code"] == "damaged_file"
        assert f"its name ends in {suffix.lower()}, and it does" in done.json()["error"]["message"]
        assert done.code == 3


def test_text_is_no_array_file() -> None:
    for text in ("1 0; 0 1", "W = 1 0 {}", "12345678{", "{", ""):
        assert not is_array_file(text.encode())
    assert StoredArray("", "float64", np.array(0.5)).text() == "0.5"


def test_a_run_of_training_is_read(shell: Shell) -> None:
    """A folder of our own training, whole: W and b of one of its restarts."""
    done = shell("train", "by-hand", "--small", "--out", "run", "--json")
    assert done.code == 0
    model = done.json()["models"][0]
    found = {}
    for number in range(1, model["restarts"] + 1):
        at = [f"--{part}=@run/weights.safetensors:model1:{number}" for part in "Wb"]
        found[number] = shell("forward", *at, "--x=1 1 1", "--json")
    assert {done.code for done in found.values()} == {0}
    weights = [done.json()["W"] for done in found.values()]
    best = [[float(cell) for cell in row] for row in model["W"]]
    assert any(
        np.allclose([[float(Fraction(c)) for c in r] for r in each], best) for each in weights
    )


@pytest.mark.parametrize("n", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_a_large_matrix(shell: Shell, n: int) -> None:
    """With 17 digits, as an array and as a text."""
    large = np.random.default_rng(1).normal(size=(n, 30))
    Path("w.npy").write_bytes(npy(large))
    np.savetxt("w.csv", large, delimiter=",", fmt="%.17g")
    found = shell("geometry", "--W=@w.npy", "--json").json()
    assert len(found["dimensionality"]) == n
    assert float(Fraction(found["W"][-1][2])) == large[-1, 2]
    assert shell("forward", "--W=@w.csv", "--x=1", "--json").code == 0


def test_an_array_without_a_name_is_not_chosen_by_one(shell: Shell) -> None:
    Path("batch.npy").write_bytes(npy(np.zeros((3, 4, 2))))
    error = shell("geometry", "--W=@batch.npy:x", "--json").json()["error"]
    assert "There is no x in it" in error["message"]
    assert "It has no name: leave the name out" in error["message"]
    assert error["suggestion"] is None
