"""Damaged files of a run: each is an error that says which file and what to do; none is run."""

from __future__ import annotations

import ast
import builtins
import json
import pickle
import random
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as safetensors_save

import torchsim
from handcalc.errors import InputError
from tests.sim_runs import OTHER, SPEC, made_up, refusal, same_result, same_tensor
from torchsim import storage
from torchsim.storage.sealed import seal
from torchsim.storage.specifications import spec_digest
from torchsim.storage.tensors import run_tensors
from torchsim.training.checkpoint import State

JSON, TENSORS = ["spec.json", "record.json"], ["weights.safetensors", "checkpoint.safetensors"]
STATE = State(1, 20, {"W": torch.arange(6.0).reshape(3, 2)}, {"rate": 0.1})


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A root with a finished run in "done", one stopped at a checkpoint in "stopped"."""
    storage.save(made_up(), tmp_path / "done")
    with storage.FolderCheckpointer(tmp_path / "stopped", SPEC) as keeping:
        keeping.save(STATE)
    return tmp_path


def file_of(root: Path, name: str) -> Path:
    return root / ("stopped" if name.startswith("checkpoint") else "done") / name


def open_all(root: Path, name: str) -> object:
    """What reads the file of this name."""
    if name.startswith("checkpoint"):
        with storage.FolderCheckpointer(root / "stopped", SPEC) as keeping:
            return keeping.load()
    return storage.load(root / "done")


Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "empty": lambda _: b"",
    "one byte short": lambda raw: raw[:-2],
    "half": lambda raw: raw[: len(raw) // 2],
    "a few bytes": lambda raw: raw[:9],
    "zeros": lambda raw: bytes(len(raw)),
    "no text": lambda raw: b"\xff\xfe" + raw,
    "a page": lambda _: b"<html>404</html>",
    "deep": lambda _: b"[" * 100_000,
    "a list": lambda _: b"[1, 2]",
    "a number": lambda _: b"1" * 5000,
    "pickled": lambda _: pickle.dumps({"W": [1.0]}),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", JSON + TENSORS)
def test_a_damaged_file_is_an_error_that_helps(folders: Path, name: str, damage: Damage) -> None:
    file = file_of(folders, name)
    broken = damage(file.read_bytes())
    file.write_bytes(broken)
    with pytest.raises(InputError, match=rf"{name}.*another folder\.") as caught:
        open_all(folders, name)
    assert caught.value.code in ("damaged", "run_file")
    assert file.read_bytes() == broken  # left for whoever wants to mend it


@pytest.mark.parametrize("name", JSON + TENSORS)
def test_a_folder_is_no_file(folders: Path, name: str) -> None:
    file_of(folders, name).unlink()
    file_of(folders, name).mkdir()
    with pytest.raises(InputError, match=rf"{name} cannot be read: it is a folder\. Mend that, or"):
        open_all(folders, name)


def test_missing_weights_are_missed(folders: Path) -> None:
    file_of(folders, "weights.safetensors").unlink()
    with pytest.raises(InputError, match=r"no file .*weights\.safetensors\. Restore it, or train"):
        storage.load(folders / "done")


@pytest.mark.parametrize("name", TENSORS)
def test_no_bit_of_a_tensor_file_changes_unnoticed(folders: Path, name: str) -> None:
    file = file_of(folders, name)
    raw = file.read_bytes()
    chance = random.Random(6)  # noqa: S311 - which bits to flip is no secret
    for place in chance.sample(range(8 * len(raw)), 150):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        file.write_bytes(bytes(flipped))
        with pytest.raises(InputError, match=rf"{name} is damaged: .*another folder\."):
            open_all(folders, name)
    file.write_bytes(raw)
    assert open_all(folders, name) is not None  # the file itself was sound


@pytest.mark.parametrize("name", JSON)
def test_no_bit_of_a_json_file_changes_the_run(folders: Path, name: str) -> None:
    file, run = file_of(folders, name), made_up()
    raw = file.read_bytes()
    chance = random.Random(7)  # noqa: S311 - which bits to flip is no secret
    refused = 0
    for place in chance.sample(range(8 * len(raw)), 120):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        file.write_bytes(bytes(flipped))
        error = refusal(lambda: storage.load(folders / "done"))
        refused += error is not None
        if error is None:
            assert same_result(storage.load(folders / "done"), run)
            if name == "record.json":  # another space or escape, and no other record
                assert json.loads(flipped) == json.loads(raw)
        else:
            assert name in error.message
            assert "another folder" in error.message
    assert refused > {"spec.json": 40, "record.json": 110}[name]


CHANGES: dict[str, object] = {
    "preset": "introduction",
    "finished": "2020-01-01T00:00:00+00:00",
    "trainer": "sampled",
    "wall_seconds": 1.0,
    "device": "another",
    "versions": {"handcalc": "0"},
    "models": [],
}


@pytest.mark.parametrize(("key", "value"), CHANGES.items())
def test_a_changed_record_is_refused(folders: Path, key: str, value: object) -> None:
    rewritten(folders / "done" / "record.json", **{key: value})
    with pytest.raises(InputError, match=r"record\.json was changed: .*train anew in another"):
        storage.load(folders / "done")


def test_a_changed_loss_in_a_record_is_refused(folders: Path) -> None:
    file = folders / "done" / "record.json"
    models = json.loads(file.read_text(encoding="utf-8"))["models"]
    models[1]["exact_loss"] = 0.0
    rewritten(file, models=models)
    with pytest.raises(InputError, match=r"record\.json was changed"):
        storage.load(folders / "done")


def rewritten(file: Path, **changes: object) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**data, **changes}), encoding="utf-8")


@pytest.mark.parametrize("schema", [2, 0, "1", True, None])
@pytest.mark.parametrize("name", JSON)
def test_another_schema_is_read_by_its_own_version(
    folders: Path, name: str, schema: object
) -> None:
    rewritten(file_of(folders, name), schema=schema)
    with pytest.raises(InputError, match=rf'{name} has "schema" .*, and this version reads sche'):
        open_all(folders, name)


@pytest.mark.parametrize("name", TENSORS)
def test_another_schema_of_a_tensor_file(folders: Path, name: str) -> None:
    file_of(folders, name).write_bytes(seal({}, {"schema": 2, "layout": "new"}))
    with pytest.raises(
        InputError, match=rf'{name} has "schema" 2, and this version reads schema 1'
    ):
        open_all(folders, name)


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_file_of_someone_elses(folders: Path, name: str) -> None:
    file_of(folders, name).write_bytes(safetensors_save({"W": torch.zeros(2)}, {"by": "others"}))
    with pytest.raises(InputError, match=rf"{name} is damaged: .* not written by torchsim"):
        open_all(folders, name)


@pytest.mark.parametrize(
    ("name", "changes", "match"),
    [
        ("record.json", {"more": 1}, 'has no key "more"'),
        ("record.json", {"weights": {"file": "x"}}, '"weights" lacks the key "sha256"'),
        ("record.json", {"weights": {"file": "x", "sha256": 5}}, '"weights.sha256" is a text'),
        (
            "record.json",
            {"weights": {"file": "x", "sha256": "5"}},
            "do not belong together: the record has another checksum",
        ),
        ("spec.json", {"spec": 3}, '"spec" is an object in braces, not 3'),
        ("spec.json", {"preset": 3}, '"preset" is a text in quotes, or null, not 3'),
        ("spec.json", {"more": 3}, 'has no key "more"'),
    ],
)
def test_what_a_json_file_must_hold(
    folders: Path, name: str, changes: dict[str, object], match: str
) -> None:
    rewritten(file_of(folders, name), **changes)
    if name == "record.json":
        sealed_anew(file_of(folders, name))
    with pytest.raises(InputError, match=match) as caught:
        storage.load(folders / "done")
    assert "another folder" in caught.value.message


W = torch.zeros(4, 3, 2)
SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"model1.W": W.mT}, r'"model1.W" has the shape \(4, 2, 3\), and must have \(4, 3, 2\)'),
    ({"model1.b": None}, 'it lacks the tensor "model1.b"'),
    ({"model2.exact_loss": torch.zeros(5)}, r"shape \(5,\), and must have \(4,\)"),
    ({"model3.history_losses": torch.zeros(9, 4)}, r"shape \(9, 4\), and must have \(3, 4\)"),
    ({"model3.history_steps": None}, 'lacks the tensor "model3.history_steps"'),
    ({"model4.W": W}, 'a tensor "model4.W" that no model of this run has'),
]


@pytest.mark.parametrize(("changes", "match"), SHAPES)
def test_weights_of_other_shapes(folders: Path, changes: dict[str, Any], match: str) -> None:
    tensors = {
        name: tensor
        for name, tensor in {**run_tensors(made_up()), **changes}.items()
        if tensor is not None
    }
    header = {"spec": spec_digest(SPEC), "wall_seconds": 1.0, "device": "cpu"}
    plant(folders / "done", seal(tensors, header))
    with pytest.raises(InputError, match=rf"weights.safetensors is damaged: .*{match}.*another f"):
        storage.load(folders / "done")


def plant(folder: Path, raw: bytes) -> None:
    """Put weights into a run's folder, with their own checksum in the record."""
    (folder / "weights.safetensors").write_bytes(raw)
    weights = {"file": "weights.safetensors", "sha256": sha256(raw).hexdigest()}
    rewritten(folder / "record.json", weights=weights)
    sealed_anew(folder / "record.json")


def sealed_anew(file: Path) -> None:
    """Put the checksum of a changed record into it: of its data without the layout's number."""
    data = json.loads(file.read_text(encoding="utf-8"))
    rest = {name: value for name, value in data.items() if name not in ("schema", "sha256")}
    text = json.dumps(rest, sort_keys=True)
    rewritten(file, sha256=sha256(text.encode()).hexdigest())


def test_weights_of_another_run(folders: Path) -> None:
    storage.save(made_up(OTHER), folders / "other")
    plant(folders / "done", (folders / "other" / "weights.safetensors").read_bytes())
    with pytest.raises(InputError, match=r"weights.* of another run than .*spec\.json"):
        storage.load(folders / "done")


def test_weights_that_the_record_does_not_know(folders: Path) -> None:
    storage.save(made_up(seed=1), folders / "twin")
    shutil.copy(folders / "twin" / "weights.safetensors", folders / "done")
    with pytest.raises(
        InputError, match=r"weights.safetensors and record.json .*do not belong together"
    ):
        storage.load(folders / "done")


def test_a_checkpoint_of_another_run(folders: Path) -> None:
    with storage.FolderCheckpointer(folders / "other", OTHER) as keeping:
        keeping.save(STATE)
    shutil.copy(folders / "other" / "checkpoint.safetensors", folders / "stopped")
    with pytest.raises(InputError, match=r"written by another run.* delete it or train in another"):
        open_all(folders, "checkpoint.safetensors")


def test_deleting_damaged_weights_is_no_way_out(folders: Path) -> None:
    file_of(folders, "weights.safetensors").write_bytes(b"half a fi")
    with pytest.raises(InputError, match="To begin anew, train with --fresh, or") as caught:
        storage.load(folders / "done")
    assert "delete" not in caught.value.message


def test_after_a_damaged_checkpoint_one_can_begin_anew(folders: Path) -> None:
    file = file_of(folders, "checkpoint.safetensors")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match="To begin anew, delete it, or train in another folder"):
        open_all(folders, file.name)
    file.unlink()
    with storage.FolderCheckpointer(folders / "stopped", SPEC) as keeping:
        assert keeping.load() is None
        keeping.save(STATE)
        read = keeping.load()
    assert read is not None
    assert same_tensor(read.tensors["W"], STATE.tensors["W"])


# -- nothing is ever unpickled --------------------------------------------------------------------


class Trap:
    """Prints where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (builtins.exec, ("raise SystemExit('unpickled')",))


@pytest.mark.parametrize("name", JSON + TENSORS)
@pytest.mark.parametrize("by_torch", [True, False])
def test_a_pickle_is_not_opened(folders: Path, name: str, by_torch: bool) -> None:
    file = file_of(folders, name)
    if by_torch:
        torch.save({"W": Trap()}, file)
    else:
        file.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InputError, match=f"{name} is damaged"):
        open_all(folders, name)


UNPICKLING = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {"torch.load", "torch.save", "numpy.load", "np.load", "torch.package", "torch.hub"}


def unpicklers(source: str) -> list[str]:
    """What a source imports or names that can unpickle."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        if isinstance(node, ast.Attribute):
            found.append(ast.unparse(node))
        if isinstance(node, ast.keyword):
            found.append(f"{node.arg}=")
    bad = UNPICKLING | CALLS | {"allow_pickle="}
    return [name for name in found if name in bad or name.partition(".")[0] in UNPICKLING]


def test_no_module_of_torchsim_can_unpickle() -> None:
    sources = sorted(Path(torchsim.__file__).parent.rglob("*.py"))
    assert len(sources) > 10
    assert {str(path): unpicklers(path.read_text(encoding="utf-8")) for path in sources} == {
        str(path): [] for path in sources
    }


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "def f():\n    from pickle import loads",
        "import torch\ntorch.load('x')",
        "from torch import load",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import joblib.memory",
    ],
)
def test_a_planted_unpickler_is_found(source: str) -> None:
    assert unpicklers(source)
