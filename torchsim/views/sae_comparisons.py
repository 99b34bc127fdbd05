"""A comparison of sparse autoencoders for people and for programs: a table, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handcalc.directions.sae_loss import SaeLoss
from handcalc.numbers.exact import to_float, to_text
from handcalc.views.json import finite
from handcalc.wording import listed
from torchsim.comparison.autoencoders import SaeCompared, SaeComparison
from torchsim.comparison.true_dictionary import TrueDictionary
from torchsim.storage.sae_specifications import sae_model_keys
from torchsim.views.comparison_views import NO_CHANGE, ComparisonView, loss_said, signed
from torchsim.views.runs import number
from torchsim.views.sae_specifications import sae_in_common, sae_labels, sae_names

_LONG = 40  # characters of an exact number that is written out
_BETTER = 0.1  # per cent that a better dictionary brings
_LEGEND = (
    "true: the features themselves as the dictionary. gap: how far the trained one is above that, "
    "and below 0 where it is better. code gap: how far its encoder is above the best code of its "
    "dictionary, which no encoder can beat, both on samples. mmcs: the mean max cosine similarity "
    "of the features with the dictionary. short: how far ĥ falls short of a feature that is on "
    "alone, at 1, the mean over features."
)
_HOW = {
    "tied, the best there is": "its own encoder, which is the best there is, as its rows stand at "
    "right angles or opposite each other",
    "the best found": "the best encoder that a descent found",
    "the best found, with b_dec": "the best encoder and b_dec that a descent found",
    "tied": "its own encoder; a better one may be",
}


def sae_comparison_data(found: SaeComparison) -> Mapping[str, object]:
    """The models, with all that is known of each."""
    return {"models": [_model(each) for each in found.models]}


def _model(each: SaeCompared) -> Mapping[str, object]:
    return {
        **sae_model_keys(each.model),
        "restart": each.restart,
        "loss": finite(each.loss),
        "exact_loss": None if each.exact is None else finite(each.loss),
        "standard_error": None if each.standard_error is None else finite(each.standard_error),
        "sampled_loss": finite(each.sampled),
        "exact": exact_keys(each.exact),
        "true": _true(each.true),
        "gap_percent": each.gap_percent,
        "best_code": each.best_code,
        "amortisation_percent": each.amortisation_percent,
        "mmcs": each.mmcs,
        "nearest": [{"latent": j, "cosine": cosine} for j, cosine in each.nearest],
        "shrinkage": list(each.shrinkage),
        "dead": list(each.dead),
        "dead_is_proved": each.exact is not None,
        "on": list(each.on),
        "sentences": list(sae_sentences(each)),
    }


def exact_keys(shown: SaeLoss | None) -> Mapping[str, object] | None:
    """An exact loss and its parts; None where there is none."""
    if shown is None:
        return None
    return {
        "loss": to_text(shown.value),
        "value": finite(to_float(shown.value)),
        "reconstruction": to_text(shown.reconstruction),
        "sparsity": to_text(shown.sparsity),
    }


def _true(true: TrueDictionary | None) -> Mapping[str, object] | None:
    if true is None:
        return None
    return {"loss": finite(true.loss), "encoder": true.encoder, "exact": exact_keys(true.exact)}


# -- for people ------------------------------------------------------------------------------------


def _cells(each: SaeCompared) -> Iterator[str]:
    yield number(each.loss) + ("" if each.exact is not None else " (sampled)")
    yield "none" if each.true is None else number(each.true.loss) + _unlike(each, " (sampled)")
    yield "" if each.gap_percent is None else signed(each.gap_percent)
    far = each.amortisation_percent
    yield "" if far is None else signed(far)
    yield "" if each.mmcs is None else f"{each.mmcs:.3f}"
    yield f"{sum(each.shrinkage) / len(each.shrinkage):z.3f}".replace("-", "−")
    yield str(len(each.dead))


def sae_sentences(each: SaeCompared) -> tuple[str, ...]:
    """The loss beside that of the true dictionary, the best code, and what was found."""
    return (*_loss_said(each), *_code_said(each), *_found_said(each))


def _loss_said(each: SaeCompared) -> Iterator[str]:
    loss = loss_said(each)
    if each.true is None:
        yield f"{loss}; a feature of length 0 has no direction for a true dictionary."
        return
    gap, true = each.gap_percent, _written(each.true)
    how = _HOW[each.true.encoder]
    if gap is None or abs(gap) < NO_CHANGE:
        beside = "as much as"
    else:
        side = "above" if gap > 0 else "below"
        beside = f"{abs(gap):.2f} % {side}"
    here = f" on unseen inputs, where it loses {each.sampled:.6g}"
    yield f"{loss}, {beside} the true dictionary's {true}{_unlike(each, here)}, with {how}."
    if gap is None or gap > -_BETTER:
        return
    if each.true.encoder == "tied, the best there is":
        yield "The features are not the best dictionary here: another loses less."
    else:
        yield (
            "Another dictionary is better than the features here, or they have a better encoder "
            "than this one."
        )


def _unlike(each: SaeCompared, said: str) -> str:
    """What is said where one loss is exact, and that of the true dictionary a mean."""
    is_unlike = each.exact is not None and each.true is not None and each.true.exact is None
    return said if is_unlike else ""


def _written(true: TrueDictionary) -> str:
    """The loss of the true dictionary, exactly where that is short."""
    if true.exact is not None:
        text = to_text(true.exact.value)
        if len(text) <= _LONG:
            return f"{text} = {true.loss:.6g}"
    return f"{true.loss:.6g}"


def _code_said(each: SaeCompared) -> Iterator[str]:
    far = each.amortisation_percent
    if each.best_code is None or far is None:
        return
    what = f"On unseen inputs the best code of its dictionary costs {each.best_code:.6g}"
    own = f"and its own encoder {each.sampled:.6g}"
    if far < NO_CHANGE:
        yield f"{what}, {own}: it reaches it."
    else:
        yield f"{what}, {own}, {far:.2g} % more: the amortisation gap."


def _found_said(each: SaeCompared) -> Iterator[str]:
    if each.nearest:
        cosines = [cosine for _, cosine in each.nearest]
        worst = cosines.index(min(cosines)) + 1
        yield (
            f"Mean max cosine similarity {each.mmcs:.4f}; the feature furthest from the dictionary "
            f"is {worst}, at a cosine of {min(cosines):.4f}."
        )
    short = ", ".join(f"{value:z.3f}" for value in each.shrinkage[:8]).replace("-", "−")
    more = ", …" if len(each.shrinkage) > 8 else ""
    yield f"Alone and fully on, the features come back short by {short}{more}."
    if each.dead:
        proof = (
            "for every input that is drawn, proved"
            if each.exact is not None
            else "on all unseen inputs"
        )
        which = "Latent" if len(each.dead) == 1 else "Latents"
        is_ = "is" if len(each.dead) == 1 else "are"
        yield f"{which} {listed(each.dead)} {is_} dead: 0 {proof}."


def _explained(found: SaeComparison) -> Iterator[str]:
    yield _LEGEND
    if any(each.exact is None for each in found.models):
        yield (
            "Exact losses are those of ReLU, of the kind l1; where one is not known, it and the "
            "true dictionary's are means on the same unseen inputs."
        )


SAE_COMPARISONS = ComparisonView(
    which="Each model is the best of its restarts.",
    labels=sae_labels,
    names=sae_names,
    in_common=sae_in_common,
    heads=("loss", "true", "gap", "code gap", "mmcs", "short", "dead"),
    cells=_cells,
    less=("mmcs", "short", "dead"),
    sentences=sae_sentences,
    explained=_explained,
)
