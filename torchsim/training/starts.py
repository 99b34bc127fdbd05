"""Where a training begins: at weights of one's own, or where another run came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.wording import brief
from torchsim.restarts import divergence
from torchsim.run import TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec


@dataclass(frozen=True, slots=True, eq=False)
class StartWeights:
    """W (restarts, n, m) and b (restarts, n) of each model, in float64, on the CPU."""

    W: tuple[Tensor, ...]
    b: tuple[Tensor, ...]

    @classmethod
    def of(cls, given: object, models: Sequence[ModelSpec]) -> StartWeights:
        """Those of a run, or of ``(W, b)``: of one model, or a list of each for several.

        One W of n × m is one restart. Errors: ``start`` for what is neither, for shapes that are
        not those of the models, and for what is no finite number.

        >>> model = ModelSpec.of(2, 1, "1/2")
        >>> StartWeights.of(([[1], [-1]], [0, 0]), [model]).W[0].shape
        torch.Size([1, 2, 1])
        """
        if isinstance(given, TrainingRun):
            _check_standing(given)
            pairs: list[tuple[Any, Any]] = [(each.W, each.b) for each in given.trained]
            _check_count(len(pairs), models, "This run has")
        elif isinstance(given, tuple) and len(given) == 2:
            W, b = given if len(models) > 1 else ([given[0]], [given[1]])
            for name, values in (("W", W), ("b", b)):
                if not isinstance(values, (list, tuple)):
                    what = (
                        f"start= of {len(models)} models is two lists, of a W and of a b for each"
                    )
                    _refuse(f"{what}; {name} is {brief(values)}.")
                _check_count(len(values), models, f"The list of {name} has")
            pairs = list(zip(W, b, strict=True))
        else:
            _refuse(f"start= is a run, or (W, b), not {brief(given)}.")
        found = [
            _checked(*pair, model, i)
            for i, (pair, model) in enumerate(zip(pairs, models, strict=True), 1)
        ]
        if len({len(W) for W, _ in found}) > 1:
            _refuse("start= has as many restarts of every model; here they differ.")
        return cls(tuple(W for W, _ in found), tuple(b for _, b in found))

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> StartWeights:
        """Those of a file, as ``tensors`` names them."""
        count = len(tensors) // 2
        W, b = ([tensors[f"model{i}.{name}"] for i in range(1, count + 1)] for name in ("W", "b"))
        return cls(tuple(W), tuple(b))

    @property
    def tensors(self) -> dict[str, Tensor]:
        """All of them by name, model1.W and so on, for a file."""
        each = enumerate(zip(self.W, self.b, strict=True), 1)
        return {
            f"model{i}.{name}": t for i, pair in each for name, t in zip("Wb", pair, strict=True)
        }

    @property
    def given(self) -> tuple[Any, Any]:
        """(W, b), and of several models a list of each, as ``start=`` takes them."""
        return (self.W[0], self.b[0]) if len(self.W) == 1 else (list(self.W), list(self.b))

    @property
    def digest(self) -> str:
        """The SHA-256 of all weights in float64, with their names and shapes.

        >>> one = StartWeights.of(([[1], [-1]], [0, 0]), [ModelSpec.of(2, 1, "1/2")])
        >>> one.digest[:8]
        '0660c4c9'
        """
        found = sha256()
        for name, tensor in self.tensors.items():
            found.update(f"{name}{tuple(tensor.shape)}".encode())
            found.update(tensor.contiguous().numpy().tobytes())
        return found.hexdigest()

    def named_in(self, spec: TrainingSpec) -> TrainingSpec:
        """A specification that says where it begins. Errors: ``start`` if that is elsewhere."""
        if spec.start not in (None, self.digest):
            _refuse(
                "This specification began at other weights than start= has: give those, which its "
                "run has as run.start, or dataclasses.replace(spec, start=None)."
            )
        return replace(spec, start=self.digest)

    @property
    def restarts(self) -> int:
        """How many starts each model has."""
        return len(self.W[0])

    def check_restarts(self, restarts: int) -> None:
        """Refuse a run of another number of restarts. Errors: ``start``."""
        if restarts != self.restarts:
            _refuse(
                f"start= has weights of {self.restarts} restarts, and {restarts} are to be "
                f"trained: take restarts={self.restarts}."
            )

    def chosen(self, group: Sequence[int]) -> tuple[Tensor, Tensor]:
        """W (instances, n, m) and b (instances, n) of the models of a group, restarts inside."""
        return torch.cat([self.W[i] for i in group]), torch.cat([self.b[i] for i in group])


def _check_standing(run: TrainingRun) -> None:
    for i, trained in enumerate(run.trained, 1):
        if any(trained.diverged):
            remedy = "Train it anew at a lower rate, and go on with the other models."
            if trained.standing:
                remedy = (
                    "Begin at the others: start=(trained.W[list(trained.standing)], "
                    "trained.b[list(trained.standing)])."
                )
            _refuse(
                f"Model {i}: {divergence(trained.diverged)}, and nothing goes on from a NaN. "
                f"{remedy}"
            )


def _checked(W: object, b: object, model: ModelSpec, i: int) -> tuple[Tensor, Tensor]:
    """Numbers of the shapes that model i, from 1, has."""
    n, m = model.features, model.hidden
    found_W, found_b = _numbers(W, "W"), _numbers(b, "b")
    if found_W.ndim == 2:
        found_W, found_b = found_W[None], found_b[None]
    restarts = len(found_W) if found_W.ndim else 0
    for name, values, shape in (("W", found_W, (n, m)), ("b", found_b, (n,))):
        if tuple(values.shape) != (restarts, *shape) or not restarts:
            must = ", ".join(map(str, shape))
            _refuse(
                f"{name} of model {i} must have the shape (restarts, {must}), of as many restarts "
                f"as the other, not {tuple(values.shape)}."
            )
    return found_W, found_b


def _numbers(values: object, name: str) -> Tensor:
    try:
        raw = values.detach().cpu().numpy() if isinstance(values, Tensor) else values
        found = torch.from_numpy(np.array(raw, dtype=np.float64))
    except (TypeError, ValueError):
        _refuse(f"{name} is an array of numbers, not {brief(values)}.")
    if not torch.isfinite(found).all():
        _refuse(f"Weights to begin at are finite numbers; {name} has an infinity or a NaN.")
    return found


def starting(spec: object, given: object, *, is_free: bool) -> tuple[TrainingSpec, StartWeights]:
    """A specification that begins at the weights given, and these; of as many restarts, if it may.

    Errors: ``start``.

    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),))
    >>> starting(spec, ([[1], [-1]], [0, 0]), is_free=True)[0].restarts
    1
    """
    if not isinstance(spec, TrainingSpec):
        _refuse("start= is for toy models.")
    weights = StartWeights.of(given, spec.models)
    if is_free:
        spec = replace(spec, restarts=weights.restarts)
    weights.check_restarts(spec.restarts)
    return weights.named_in(spec), weights


def check_start(spec: TrainingSpec, start: StartWeights | None) -> None:
    """Refuse a run that began at weights that are not there. Errors: ``start``."""
    if spec.start is not None and start is None:
        _refuse(
            "This specification is of a run that began at weights of its own: give them, "
            "start=run.start, or draw others, dataclasses.replace(spec, start=None)."
        )


def _check_count(count: int, models: Sequence[ModelSpec], what: str) -> None:
    if count != len(models):
        _refuse(f"{what} {count} for {len(models)} to be trained: give start= of each, in order.")


def _refuse(message: str) -> NoReturn:
    raise InputError("start", message)
