"""Certificates as files: what is written is read, and damage is named as such."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handcalc import InputError
from handcalc.superposition.certificates.certificate import (
    Certificate,
    from_bytes,
    load_certificate,
)
from handcalc.superposition.certificates.certified import certify, check_certificate
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.loss.distribution import Anticorrelated, Correlated, OneActive
from handcalc.superposition.loss.problem import Problem


@pytest.fixture(scope="module")
def true() -> Certificate:
    return certify(2, 1, "1/2", threads=1).certificate


def same(one: Certificate, other: Certificate) -> bool:
    covers = all(
        np.array_equal(getattr(one.cover, name), getattr(other.cover, name))
        and getattr(one.cover, name).dtype == getattr(other.cover, name).dtype
        for name in ("codes", "touches", "biases", "cuts", "margins")
    )
    regions = all(
        np.array_equal(getattr(mine, name), getattr(yours, name))
        for mine, yours in zip(one.regions, other.regions, strict=True)
        for name in ("low", "high", "biases")
    )
    told = (one.claim, one.model, one.side) == (other.claim, other.model, other.side)
    return covers and regions and told


def test_what_is_written_is_read(true: Certificate, tmp_path: Path) -> None:
    assert same(from_bytes(true.to_bytes()), true)
    true.save(tmp_path / "half.zip")
    found = load_certificate(tmp_path / "half.zip")
    assert same(found, true)
    assert found.to_bytes() == true.to_bytes()
    assert check_certificate(found, threads=1) == check_certificate(true, threads=1)


@pytest.mark.parametrize(
    "claim",
    [
        CertifiedClaim(Problem.of(2, 1, "1/2"), (Fraction(1, 4), Fraction(2, 3))),
        CertifiedClaim(Problem.of(2, 1, "1/2 1/3", "1 7/9")),
        CertifiedClaim(Problem.of(2, 1, importance="2 1", distribution=OneActive(2))),
        CertifiedClaim(Problem.of(2, 1, distribution=Correlated([(1, 2)], "1/2"))),
        CertifiedClaim(Problem.of(2, 1, distribution=Anticorrelated([(1, 2)], "1/3"))),
    ],
    ids=str,
)
def test_every_kind_of_claim_is_written_and_read(true: Certificate, claim: CertifiedClaim) -> None:
    other = replace(true, claim=claim)
    assert same(from_bytes(other.to_bytes()), other)
    without = replace(other, regions=())
    assert same(from_bytes(without.to_bytes()), without)


def unread(content: bytes) -> InputError:
    with pytest.raises(InputError, match=r"\.$") as caught:
        from_bytes(content)
    assert len(str(caught.value)) < 300
    return caught.value


def reading(content: bytes) -> Any:
    """The certificate, or the code of the error."""
    try:
        return from_bytes(content)
    except InputError as error:
        return error.code


def test_a_file_that_ends_early_is_damaged(true: Certificate) -> None:
    whole = true.to_bytes()
    for end in [*range(0, len(whole), 97), len(whole) - 1]:
        assert unread(whole[:end]).code == "damaged"


def test_what_is_no_certificate_is_damaged() -> None:
    array = BytesIO()
    np.save(array, np.arange(3))
    other = BytesIO()
    np.savez(other, claim=np.arange(3))
    for content in (b"", b"PK", b"\x00" * 100, array.getvalue(), other.getvalue()):
        assert unread(content).code == "damaged"


def test_a_bit_that_flips_is_found_or_changes_nothing_that_counts(true: Certificate) -> None:
    whole = true.to_bytes()
    chance = random.Random(4)  # noqa: S311 - which bits to flip is no secret
    for place in chance.sample(range(8 * len(whole)), 400):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        found = reading(bytes(flipped))
        assert found == "damaged" or same(found, true)


def repacked(certificate: Certificate, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A file whose arrays, or whose claim, are changed; ``stated`` is the claim, as text or not."""
    with np.load(BytesIO(certificate.to_bytes())) as arrays:
        found: dict[str, Any] = dict(arrays)
    found["stated"] = json.loads(found.pop("claim").tobytes())
    change(found)
    stated = found.pop("stated")
    text = stated if isinstance(stated, bytes) else json.dumps(stated).encode()
    packed = BytesIO()
    np.savez_compressed(packed, claim=np.frombuffer(text, np.uint8), **found)
    return packed.getvalue()


@pytest.mark.parametrize("version", [0, 2, "1", None, [1], 10**400])
def test_another_version_is_said_to_be_one(true: Certificate, version: object) -> None:
    error = unread(repacked(true, lambda found: found["stated"].update(version=version)))
    assert error.code == "version"
    assert "this one reads 1" in error.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("features", 3), ("features", 0), ("features", "2"), ("features", None), ("features", 1e9),
        ("hidden", 2), ("hidden", 0), ("hidden", 500), ("hidden", [1]),
        ("distribution", "none"), ("distribution", None), ("distribution", ["independent"]),
        ("distribution", "correlated"), ("sets", [[1, 2]]),
        ("sparsities", ["3/2"]), ("sparsities", []), ("sparsities", {"S": 1}), ("sparsities", 5),
        ("sparsities", ["sqrt(2)/2"]), ("sparsities", ["1/2", "1/2", "1/2"]),
        ("importance", ["1", "1", "1"]), ("importance", ["-1", "1"]), ("importance", "one"),
        ("interval", ["1/2"]), ("interval", ["1", "0"]), ("interval", 3), ("interval", ["a", "b"]),
        ("side", "1e999999999"), ("side", "-2"), ("side", 2), ("side", "1/0"), ("side", None),
        ("W", [["1"]]), ("W", [["1", "2"], ["1", "2"]]), ("W", 7), ("W", [["a"], ["b"]]),
        ("b", ["1", "1", "1"]), ("b", ["a"]), ("b", {}),
    ],
)  # fmt: skip
def test_a_claim_that_makes_no_sense_is_damaged(
    true: Certificate, name: str, value: object
) -> None:
    changed = repacked(true, lambda found: found["stated"].update({name: value}))
    found = reading(changed)
    assert found == "damaged" or (name == "sets" and same(found, true))  # there are none


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"7", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"version": 1}']
)
def test_a_claim_that_is_no_json_is_damaged(true: Certificate, text: bytes) -> None:
    assert unread(repacked(true, lambda found: found.update(stated=text))).code == "damaged"


NAMES = (
    "codes", "touches", "biases", "cuts", "margins", "low", "high", "region_biases",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_arrays_of_another_kind_or_shape_are_damaged(true: Certificate, name: str) -> None:
    changes: list[Callable[[np.ndarray[Any, Any]], Any]] = [
        lambda values: values.astype(np.int16),
        lambda values: values.astype(">f8"),
        lambda values: values[..., None],
        lambda values: values[None],
        lambda values: values.ravel()[0],
        lambda _: np.array(["a"]),
    ]
    if name != "codes":
        changes.append(lambda values: np.concatenate([values, values]))
    for change in changes:

        def changed(found: dict[str, Any], change: Callable[[Any], Any] = change) -> None:
            found[name] = change(found[name])

        assert unread(repacked(true, changed)).code == "damaged"
    assert unread(repacked(true, lambda found: found.pop(name))).code == "damaged"


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(InputError, match=r"cannot be read: .*\.$") as caught:
            load_certificate(path)
        assert caught.value.code == "not_found"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"half\.zip is no certificate, or a damaged") as caught:
        load_certificate(path)
    assert caught.value.code == "damaged"
