"""Specifications as data: what is read equals what was written, or is refused by file and key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Block, Distribution, SparseUniform
from tests.sim_runs import SPEC, specs
from torchsim import storage
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.storage.specifications import spec_digest


@settings(deadline=None, max_examples=40)
@given(specs())
def test_a_specification_survives_its_data(spec: TrainingSpec) -> None:
    read = storage.spec_from_data(json.loads(json.dumps(storage.spec_to_data(spec))))
    assert read == spec
    assert spec_digest(read) == spec_digest(spec)


def test_what_a_specification_looks_like_in_data() -> None:
    data = json.loads(json.dumps(storage.spec_to_data(SPEC)))
    assert data["models"][0] == {
        "features": 3,
        "hidden": 2,
        "activation": "relu",
        "seed": 7,
        "importance": ["1", "1/2", "1/4"],
        "distribution": {"kind": "independent", "sparsity": ["1/2", "0", "sqrt(2)/2"]},
    }
    kinds = [model["distribution"] for model in data["models"][1:]]
    assert kinds == [
        {"kind": "one-active"},
        {"kind": "anticorrelated", "sets": [[3, 1]], "sparsity": ["9/10"]},
    ]
    assert (data["rate"], data["restarts"], data["trainer"]) == (1e-3, 4, "exact")


class Odd(Distribution):
    """A distribution that the command line has no word for."""

    def blocks(self, n: int) -> tuple[Block, ...]:
        return SparseUniform("1/2").blocks(n)

    def sentence(self) -> str:
        return "Odd."


def test_an_unknown_kind_of_distribution_is_not_written() -> None:
    spec = TrainingSpec((ModelSpec.of(2, 1, distribution=Odd()),))
    with pytest.raises(InputError, match=r"independent, one-active, .*, not Odd"):
        storage.spec_to_data(spec)


def changed(**changes: object) -> dict[str, Any]:
    return {**storage.spec_to_data(SPEC), **changes}


def with_model(**changes: object) -> dict[str, Any]:
    first: Any = storage.spec_to_data(SPEC)["models"]
    return changed(models=[{**first[0], **changes}])


SPARSE = {"kind": "independent", "sparsity": ["1/2"]}
REFUSED: list[tuple[object, str]] = [
    ([], r"file.json: the whole is an object in braces, not \[\]"),
    (changed(restart=3), 'has no key "restart"; is "restarts" meant'),
    (changed(xyz=3), 'has no key "xyz"; it has trainer'),
    ({"trainer": "exact"}, 'the whole lacks the key "optimiser"'),
    (changed(steps="10"), '"steps" is a whole number, not "10"'),
    (changed(steps=10.0), '"steps" is a whole number, not 10.0'),
    (changed(steps=True), '"steps" is a whole number, not true'),
    (changed(steps=0), "number of steps is a whole number from 1, not 0"),
    (changed(rate="1"), '"rate" is a number, not "1"'),
    (changed(rate=float("nan")), "rate is a number above 0, not nan"),
    (changed(rate=10**400), '"rate" is a number that a float can hold'),
    (changed(trainer="magic"), 'trainer is "sampled" or "exact", not \'magic\''),
    (changed(sampler="mersenne"), "sampler is .*philox.*, not 'mersenne'"),
    (changed(device=1), '"device" is a text in quotes, not 1'),
    (changed(models=[]), "A run trains at least one model"),
    (changed(models={}), r'"models" is a list in brackets, not \{\}'),
    (changed(models=[3]), r'"models\[0\]" is an object in braces, not 3'),
    (with_model(seed=-1), r'"models\[0\]": A seed is a whole number from 0'),
    (with_model(hidden=0), "number of hidden dimensions is a whole number from 1, not 0"),
    (with_model(features=10**9), r'"models\[0\].importance" has one text for each of the 10'),
    (with_model(importance=["1", "x", "1"]), r'"models\[0\].importance\[1\]": .*x'),
    (with_model(importance=["1", 1, "1"]), r'importance\[1\]" is a text in quotes, not 1'),
    (with_model(importance=["1", "1", "-1"]), "An importance is at least 0, not -1"),
    (with_model(distribution="independent"), 'distribution" is an object whose "kind" is'),
    (with_model(distribution={"kind": ["a"]}), '"kind" is "independent" or "one-active" or'),
    (with_model(distribution={**SPARSE, "sets": []}), 'distribution" has no key "sets"'),
    (with_model(distribution={"kind": "one-active", "sparsity": []}), 'no key "sparsity"'),
    (with_model(distribution={**SPARSE, "sparsity": ["2"]}), "A sparsity is .* not 2"),
    (with_model(distribution={**SPARSE, "sparsity": []}), "One sparsity is asked for"),
    (
        with_model(distribution={"kind": "correlated", "sets": [[1, 4]], "sparsity": ["0"]}),
        "Sets hold the features 1 to 3",
    ),
    (
        with_model(distribution={"kind": "correlated", "sets": [["1"]], "sparsity": ["0"]}),
        r'distribution.sets\[0\]\[0\]" is a whole number, not "1"',
    ),
]


@pytest.mark.parametrize(("data", "match"), REFUSED)
def test_what_no_specification_says(data: object, match: str) -> None:
    with pytest.raises(InputError, match=match) as caught:
        storage.spec_from_data(data, "file.json")
    assert caught.value.code == "run_file"
    assert caught.value.message.startswith("file.json: ")
    assert caught.value.message.endswith("Correct the file, or train anew in another folder.")
