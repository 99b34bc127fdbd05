"""A model as code to be pasted: an embedding by its name, one's own, or a preset's training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

import sympy
from rich.text import Text

import handcalc
from handcalc.cli.command import require_our_torchsim
from handcalc.cli.failures import of_input
from handcalc.cli.names import (
    ATTENTION_PRESETS,
    BEST,
    DATASET_PRESETS,
    EMBEDDINGS,
    NETWORK_PRESETS,
    PRESETS,
    SAE_PRESETS,
    TOY_PRESETS,
)
from handcalc.cli.report import CommandError, Report, ReportedError
from handcalc.cli.typed_text import Given, reading
from handcalc.errors import InputError
from handcalc.numbers.exact import to_text
from handcalc.parsing import parse_scalar
from handcalc.superposition.closed_forms.three_in_two import three_in_two
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.code import Library, model_code, training_code

from .giving_away import ask_before_showing
from .model import model_of

if TYPE_CHECKING:
    from torchsim.specification import ModelSpec

_OTHERS = {
    "attention-only models": ATTENTION_PRESETS,
    "sparse autoencoders": SAE_PRESETS,
    "networks with neurons": NETWORK_PRESETS,
    "toy models on data sets": DATASET_PRESETS,
}
_SPARSITY = sympy.Rational(9, 10)  # of a training, where none is given


def code(
    name: str | None, W: Given | None, b: Given | None, sparsity: Given | None, **asked: bool
) -> Report:
    """The code of a model, or of a training."""
    if name in TOY_PRESETS:
        return _of_training(str(name), sparsity, asked)
    if name in PRESETS:
        what = next(what for what, names in _OTHERS.items() if name in names)
        message = f"{name} trains {what}, and handcalc code writes toy models."
        more = f"--weights {name}.safetensors" if name in ATTENTION_PRESETS else "--json"
        again = f"handcalc train {name} {more}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    if name is not None and name != BEST and sparsity is not None:
        message = "--sparsity belongs to best, and to the experiments that handcalc train lists."
        again = "handcalc code best --sparsity=1/2"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    if W is not None:
        model = model_of(W, b, linear=asked["linear"])
    else:
        model = _named(str(name), sparsity)
        if asked["linear"]:
            model = ToyModel.exactly(model.W, model.b, "linear")
    libraries: list[Library] = ["numpy", "torch"]
    chosen = [each for each in libraries if asked[each]] or libraries
    codes = {each: model_code(model, each) for each in chosen}
    data = {
        "name": name,
        "W": [[to_text(value) for value in row] for row in model.W],
        "b": [to_text(value) for value in model.b],
        "activation": model.activation,
    }
    return _report(data, codes)


def _named(name: str, sparsity: Given | None) -> ToyModel:
    """The model of an embedding, or the best at a sparsity."""
    if name == BEST:
        if sparsity is None:
            message = "The best embedding depends on S: give a sparsity from 0 to 1."
            again = "handcalc code best --sparsity=1/2"
            raise CommandError(ReportedError("usage", message, suggestion=again))
        with reading(sparsity):
            model = three_in_two(sparsity.text).best.model
        ask_before_showing(models=(model,))
        return model
    try:
        return handcalc.embedding(name).model
    except InputError as error:
        near = get_close_matches(name.lower(), (*EMBEDDINGS, BEST, *TOY_PRESETS), n=1)
        raise CommandError(replace(of_input(error), suggestion=next(iter(near), None))) from error


def _of_training(name: str, sparsity: Given | None, asked: Mapping[str, bool]) -> Report:
    """The loop in torch that a preset's training stands for, for one of its models."""
    if asked["numpy"] or asked["linear"]:
        option = "--numpy" if asked["numpy"] else "--linear"
        message = f"{option} belongs to a model; {name} is a training, and is written in torch."
        again = f"handcalc code {name}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    require_our_torchsim()
    from torchsim.presets import preset

    S = _SPARSITY
    with reading(sparsity):
        if sparsity is not None:
            S = parse_scalar(sparsity.text)
            SparseUniform(S)  # a probability, or refused under the option's name
    model = cast("ModelSpec", preset(name).spec(small=True).models[-1])
    return _report({"name": name}, {"torch": training_code(model.problem, S)})


def _report(data: Mapping[str, object], codes: Mapping[Library, str]) -> Report:
    """The code alone, as it can be sent to a file; of two, each behind the name of its library."""
    (text, *more) = codes.values()
    if more:
        text = "\n\n".join(f"# {library}\n{each}" for library, each in codes.items())
    return Report(
        data=lambda: {**data, **dict(codes.items())},
        text=lambda _: Text(text, no_wrap=True, overflow="ignore"),
    )
