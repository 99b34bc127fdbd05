"""Activations by name: functions that torch has, tried whether they are ones.

A model may end with ReLU, with nothing, or with any function of torch's that makes of each number
another, such as gelu, tanh or softplus. Which do is not written down anywhere: each is tried.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.wording import brief, joined

_TRIED = 33  # points from −4 to 4, 0 among them
_FAILURES = (TypeError, ValueError, RuntimeError, AttributeError, LookupError, AssertionError)
_MOST_LOOKED_AT = 24  # names like one that is none
_MOST_TOLD = 3


def elementwise(name: str) -> Callable[[Tensor], Tensor]:
    """torch's function of a name that was checked: that of torch.nn.functional, or of torch.

    >>> elementwise("tanh")(torch.zeros(2)).tolist()
    [0.0, 0.0]
    """
    found: Callable[[Tensor], Tensor] | None = _function(name)
    if found is None:
        raise LookupError(name)
    return found


def value_and_slope(name: str, z: Tensor) -> tuple[Tensor, Tensor]:
    """f(z) and f′(z), of the shape of ``z``; f is elementwise, so one backward pass has all slopes.

    >>> value, slope = value_and_slope("square", torch.tensor([3.0]))
    >>> value.item(), slope.item()
    (9.0, 6.0)
    """
    with torch.enable_grad():
        leaf = z.detach().requires_grad_()
        value = elementwise(name)(leaf)
        (slope,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach(), slope


def check_elementwise(setting: str, name: object) -> None:
    """Refuse what is no elementwise function of torch that can be trained; the code is ``setting``.

    It must take one tensor and give another of the same shape, with each number a function of the
    one in its place alone, the same every time, finite and with a finite slope from −4 to 4, and
    somewhere a slope other than 0. It is tried whether it does.

    >>> check_elementwise("activation", "gelu")
    >>> try:
    ...     check_elementwise("activation", "geluu")
    ... except InputError as error:
    ...     print(error.suggestion)
    activation="gelu"
    """
    what = f'The {setting} is "relu", "linear" or an elementwise function of torch'
    if not isinstance(name, str):
        raise InputError(setting, f'{what}, by its name such as "gelu", not {brief(name)}.')
    function = _function(name)
    why = None if function is None else _fault(function)
    if function is not None and why is None:
        return
    near = list(_alike(name))
    said = f"{what}, not {brief(name)}" + (f", {why}" if why else "")
    if near:
        quoted = [f'"{each}"' for each in near]
        said += f"; do you mean {joined(quoted, 'or')}?"
    else:
        said += '. Such are "gelu", "tanh" and "softplus".'
    raise InputError(setting, said, suggestion=f'{setting}="{near[0]}"' if near else None)


def _function(name: str) -> Callable[[Tensor], Tensor] | None:
    """What torch has under a name; of torch itself only what tensors have as well, as x.tanh().

    So nothing is called that sets or loads something. Names that end in _ change what they are
    given.
    """
    if name.startswith("_") or name.endswith("_"):
        return None
    found: Any = getattr(torch.nn.functional, name, None)
    if found is None and hasattr(torch.Tensor, name):
        found = getattr(torch, name, None)
    return found if callable(found) and not isinstance(found, type) else None


def _fault(function: Callable[[Tensor], Tensor]) -> str | None:
    """Why a function is no activation, as the end of a sentence; None where it is one."""
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return next(_faults(function), None)
        except _FAILURES:
            return "which does not take one tensor and nothing else"


def _faults(function: Callable[[Tensor], Any]) -> Iterator[str]:
    """What is seen of a function at some points, as far as a fault leaves something to try."""
    x = torch.linspace(-4, 4, _TRIED, dtype=torch.float64)
    leaf = x.clone().requires_grad_()
    value: Any = function(leaf)
    if not isinstance(value, Tensor) or value.shape != x.shape or not value.requires_grad:
        yield "which does not give a number with a slope for each"
    (slope,) = torch.autograd.grad(value.sum(), leaf)
    value = value.detach()
    if not value.isfinite().all():
        yield f"which is no finite number at {float(x[~value.isfinite()][0]):.3g}"
    if not torch.equal(value, function(x.clone())):
        yield "which is random"
    if torch.equal(value, x):
        yield 'which gives x itself, as "linear" does'
    # in a table, by itself, and in another order a number gives what it gave before
    order = torch.randperm(_TRIED, generator=torch.Generator().manual_seed(0))
    table = function(x.view(3, -1)).flatten()
    alone = torch.stack([function(each.view(1)).view(()) for each in x])
    mixed = function(x[order])[order.argsort()]
    if not all(torch.allclose(value, part, rtol=1e-9) for part in (table, alone, mixed)):
        yield "which makes a number of several"
    if not (slope.isfinite().all() and slope.any()):
        yield "whose slope is 0 everywhere, or not finite"


def _alike(name: str) -> Iterator[str]:
    """A few activations whose names are like one that is none."""
    own = {"relu", "linear"}
    names = {*dir(torch.nn.functional), *(n for n in dir(torch) if hasattr(torch.Tensor, n)), *own}
    last = name.lower().rpartition(".")[2]  # torch.tanh is tanh
    plain = last.replace("_", "").replace("-", "").replace(" ", "")
    by_plain = {each.replace("_", ""): each for each in sorted(names) if each[-1] != "_"}
    told = 0
    for close in get_close_matches(plain, by_plain, _MOST_LOOKED_AT, cutoff=0.6):
        function = _function(by_plain[close])
        is_one = by_plain[close] in own or (function is not None and _fault(function) is None)
        if is_one and told < _MOST_TOLD:
            told += 1
            yield by_plain[close]
