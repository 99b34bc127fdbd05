"""Training on samples: Adam or AdamW on fresh batches, as the paper's notebook does it."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from handcalc.errors import require
from torchsim.run import History
from torchsim.specification import TrainingSpec
from torchsim.training.checkpoint import State
from torchsim.training.descent import Descent
from torchsim.training.devices import require_triton
from torchsim.training.loop import Descending, Offer, take_steps
from torchsim.training.plain import PlainDescent


def train_group(  # noqa: PLR0913 - what every trainer is given, and who watches this one
    spec: TrainingSpec,
    group: tuple[int, ...],
    kept: State | None,
    report: Callable[[int], None],
    save: Offer,
    should_stop: Callable[[], bool],
    *,
    watched: Callable[[Descent], Descending] | None = None,
) -> list[tuple[Tensor, Tensor, History]]:
    """W (restarts, n, m), b (restarts, n) and the history of each model of ``group``.

    Goes on from ``kept`` if there is a state. ``report`` hears how many more steps are done, those
    of ``kept`` first; after each step of the plain kernel, and after some of the fused one, the
    state is offered to ``save``. Once ``should_stop`` says so, KeyboardInterrupt is raised instead
    of the next. ``watched`` puts someone between who looks at the descent.

    >>> from torchsim.specification import ModelSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),), "sampled", restarts=3, steps=5, batch=8)
    >>> [(W, b, history)] = train_group(
    ...     spec, (0,), None, lambda more: None, lambda state: None, lambda: False
    ... )
    >>> W.shape, history.steps
    (torch.Size([3, 2, 1]), (1, 2, 3, 4, 5))
    """
    descent = descent_of(spec, group)
    on_its_way = descent if watched is None else watched(descent)
    take_steps(on_its_way, spec.steps, kept, report, save, should_stop)
    return descent.results()


def descent_of(spec: TrainingSpec, group: tuple[int, ...]) -> Descent:
    """A group at its start, to go down by the kernel that the specification names.

    Errors: ``missing_extra`` or ``missing`` where that kernel's compiler is not installed.

    >>> from torchsim.specification import ModelSpec
    >>> models = (ModelSpec.of(2, 1, "1/2"),)
    >>> for kernel in ("plain", "fused"):
    ...     type(descent_of(TrainingSpec(models, "sampled", kernel=kernel), (0,))).__name__
    'PlainDescent'
    'FusedDescent'
    """
    if spec.kernel == "plain":
        return PlainDescent(spec, group)
    if spec.device == "cuda":
        require_triton()
        from torchsim.training.fused.on_gpu import GpuDescent

        return GpuDescent(spec, group)
    require("sim", "numba")  # which not every Python has, and the plain kernel does without
    from torchsim.training.fused import FusedDescent

    return FusedDescent(spec, group)
