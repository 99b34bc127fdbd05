from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests import philox_by_hand
from tests.sim_devices import DEVICES
from torchsim.sampling.philox import WORDS, numbers, philox, round_keys

# Random123, kat_vectors, the rows "philox4x32 10"
PUBLISHED = {
    "zeros": (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    "ones": (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    "digits of pi": (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
}
WORD = st.integers(0, WORDS - 1)


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def tensors(values: list[int], device: str = "cpu") -> list[torch.Tensor]:
    return [torch.tensor(value, device=device) for value in values]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_vectors(name: str, device: str) -> None:
    counter, key, expected = map(words, PUBLISHED[name])
    found = philox(tensors(counter, device), round_keys(*tensors(key, device)))
    assert [int(word) for word in found] == expected


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_plain_twin_knows_the_published_vectors_too(name: str) -> None:
    counter, key, expected = map(words, PUBLISHED[name])
    assert list(philox_by_hand.block(tuple(counter), tuple(key))) == expected  # type: ignore[arg-type]  # four words and two


@given(counter=st.tuples(WORD, WORD, WORD, WORD), key=st.tuples(WORD, WORD))
def test_any_block_is_that_of_plain_whole_numbers(
    counter: tuple[int, int, int, int], key: tuple[int, int]
) -> None:
    found = philox(tensors(list(counter)), round_keys(*tensors(list(key))))
    assert tuple(int(word) for word in found) == philox_by_hand.block(counter, key)


@pytest.mark.parametrize("device", DEVICES)
def test_words_of_all_shapes_broadcast(device: str) -> None:
    """Also where the second and fourth words are the only ones with their shape."""
    generator = torch.Generator().manual_seed(5)
    shapes = ((2, 1, 1, 1, 1), (3, 1, 1, 1), (2, 1, 1), (3, 1), (2,), ())
    drawn = [torch.randint(0, WORDS, shape, generator=generator).to(device) for shape in shapes]
    *counter, first, second = drawn
    before = [word.clone() for word in drawn]
    found = philox(counter, round_keys(first, second.expand(2)))
    assert all(torch.equal(a, b) for a, b in zip(drawn, before, strict=True)), "words are kept"
    full = [word.broadcast_to(2, 3, 2, 3, 2).flatten().tolist() for word in drawn]
    expected = [
        philox_by_hand.block((a, b, c, d), (e, f)) for a, b, c, d, e, f in zip(*full, strict=True)
    ]
    assert list(zip(*(word.flatten().tolist() for word in found), strict=True)) == expected


def test_the_number_at_a_place() -> None:
    seeds, restarts = torch.tensor([7, WORDS - 1]), torch.tensor([0, 3, 11])
    keys = round_keys(
        seeds.reshape(2, 1, 1, 1).expand(2, 3, 1, 1), restarts.reshape(3, 1, 1).expand(2, 3, 1, 1)
    )
    rows, first, count = torch.tensor([0, 4, 2]), 6, 9
    found = numbers(keys, rows, first, count, step=12, purpose=1)
    assert found.shape == (2, 3, 3, 9)
    assert found.dtype == torch.float64
    places = product(seeds.tolist(), restarts.tolist(), rows.tolist(), range(first, first + count))
    assert found.flatten().tolist() == [
        philox_by_hand.number(k, i, step=12, purpose=1, seed=seed, restart=restart)
        for seed, restart, i, k in places
    ]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("first", [0, 1, 2, 3, 4, 4 * (WORDS - 2) + 3])
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_any_first_and_any_count(first: int, count: int, device: str) -> None:
    keys = round_keys(torch.tensor([[3]], device=device), torch.tensor([[1]], device=device))
    rows = torch.arange(2, device=device)
    start = first - first % 4
    longer = numbers(keys, rows, start, 8, step=0, purpose=0)
    found = numbers(keys, rows, first, count, step=0, purpose=0)
    assert found.shape == (2, count)
    assert torch.equal(found, longer[:, first - start : first - start + count])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_draws_what_the_cpu_draws() -> None:
    found = []
    for device in ("cpu", "cuda"):
        keys = round_keys(
            torch.arange(50, device=device)[:, None, None],
            torch.arange(50, device=device)[:, None, None] * 77_777_777,
        )
        rows = torch.arange(20, device=device)
        found.append(numbers(keys, rows, 5, 4001, step=WORDS - 1, purpose=1).cpu())
    assert torch.equal(*found)
