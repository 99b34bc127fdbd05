"""Short words for what figures of attention-only models show: models, and what they came to."""

from __future__ import annotations

from handcalc.views.plots.panels import wrapped
from handcalc.wording import joined
from torchsim.attention.run import AttentionRun
from torchsim.comparison.attention import AttentionCompared, AttentionComparison
from torchsim.views.attention_specifications import labels

_SELF = "sees itself"
_WORDS = {"data": "{}", "layers": "{} layers", "heads": "{} heads", _SELF: "{}"}
_LETTERS = 116  # of titles of panels beside each other
_PLACES = {"yes": "with its own place", "no": "without its own place"}


def model_names(run: AttentionRun) -> list[str]:
    """What tells each model from the others, nothing of a single one."""
    found = labels([trained.model for trained in run.trained])
    # models without layers have no heads to tell of, which the number of layers says
    named = {name: cells for name, cells in found.items() if len({*cells} - {""}) > 1}
    if "heads" in named or "d_model" in named:
        named.pop("d_head", None)  # which follows as a rule
    if _SELF in named:
        named[_SELF] = [_PLACES.get(cell, "") for cell in named[_SELF]]
    cells = [
        [_WORDS.get(name, name + " {}").format(cell) if cell else "" for cell in row]
        for name, row in named.items()
    ]
    told = [", ".join(filter(None, each)) for each in zip(*cells, strict=True)]
    names = told or [""] * len(run.trained)
    return [name.replace("1 layers", "1 layer").replace("1 heads", "1 head") for name in names]


def nearest_said(run: AttentionRun, compared: AttentionComparison) -> str:
    """Which named circuit each model is near, in a sentence."""
    names = model_names(run)
    said = [
        f"{name}: {_came_to(each)}" if name else _came_to(each)
        for name, each in zip(names, compared.models, strict=True)
    ]
    text = "; ".join(said)
    return f"{text[0].upper() if not names[0] else text[0]}{text[1:]}."


def _came_to(each: AttentionCompared) -> str:
    if each.pays and each.price is not None:
        return f"loss {each.loss:.5f}, of at least {each.price.to_float():.5f}"
    if not each.matches:
        return f"loss {each.loss:.5f}"
    if each.nearest is None:
        return "near no named circuit"
    heads = [".".join(map(str, part.head)) for part in each.nearest.parts]
    by = "heads" if len(heads) > 1 else "head"
    return f"near the circuit {each.nearest.name}, by {by} {joined(heads)}"


def panel_title(what: str, name: str, columns: int) -> str:
    """What a panel shows, and of which model, in as many lines as it needs.

    >>> panel_title("Head 1.1", "2 layers", 4)
    'Head 1.1, 2 layers'
    """
    return "\n".join(wrapped(f"{what}, {name}" if name else what, _LETTERS // columns))
