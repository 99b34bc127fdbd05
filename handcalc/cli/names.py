"""Names that the shell's Tab key completes; nothing here imports sympy, and nothing may fail."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from handcalc.storage.files import state_folder

from .command import require_our_exercises
from .report import CommandError

# the names of handcalc.embeddings(), which would cost a second to ask; a test compares the two
EMBEDDINGS = (
    "orthogonal",
    "interfering",
    "antipodal",
    "one-example",
    "bias-corrected",
    "relu",
    "triangle",
)
BEST = "best"  # the page beside them

# the names of torchsim's presets, which would cost a second to ask; a test compares the two
TOY_PRESETS = (
    "by-hand",
    "introduction",
    "demonstrating",
    "demonstrating-large",
    "phase-change",
    "geometry",
    "non-uniform",
    "correlated",
    "anticorrelated",
    "correlated-large",
    "one-active",
    "dynamics",
    "adversarial",
)
ATTENTION_PRESETS = ("bigrams", "skip-trigrams", "induction", "fixed-period")
SAE_PRESETS = ("sae-antipodal", "sae-pentagon", "sae-latents", "sae-topk", "sae-jumprelu")
NETWORK_PRESETS = ("privileged-basis", "computation", "computation-large", "untied")
DATASET_PRESETS = ("double-descent",)
PRESETS = (*TOY_PRESETS, *ATTENTION_PRESETS, *SAE_PRESETS, *NETWORK_PRESETS, *DATASET_PRESETS)
BEST_KNOWN = "best-known"  # what `runs` calls the best models known


# the names of handcalc.circuits(), which would cost a second to ask; a test compares the two
CIRCUITS = (
    "zero-layer",
    "one-dimension",
    "one-head",
    "skip-trigram",
    "skip-trigram-mended",
    "attention-steals",
    "source-xor",
    "copying",
    "previous-token",
    "two-back",
    "deleting",
    "induction",
    "induction-pointer",
    "induction-compact",
    "induction-three",
)


# the names of handcalc.direction_sets() and of the analogies beside them; a test compares them
DIRECTIONS = (
    "triangle",
    "tetrahedron",
    "simplex",
    "icosahedron",
    "axes-and-diagonals",
    "half-signs",
    "even-signs",
    "twenty-eight",
    "two-bases",
    "three-bases",
    "e8",
    "antipodal",
    "square",
    "octahedron",
    "minus-sum",
    "two-triangles",
    "interfering",
    "moment-curve",
    "five-in-four",
    "zero-row",
    "king",
    "king-in-a-triangle",
)


# the names of handcalc.networks(); a test compares the two
NETWORKS = ("one-neuron-each", "turned", "shared-neuron", "absolute-value", "asymmetric")

# the certificates that come with the package; a test compares the two
CERTIFICATES = (
    "two-in-one-half",
    "three-in-two-three-tenths",
    "three-in-two-half",
    "three-in-two-nine-tenths",
)


def embedding_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The named embeddings that begin so, and the best one."""
    return [name for name in (*EMBEDDINGS, BEST) if name.startswith(incomplete)]


def code_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The same, and the experiments with toy models: all of which there is code."""
    return [name for name in (*EMBEDDINGS, BEST, *TOY_PRESETS) if name.startswith(incomplete)]


def circuit_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The named circuits that begin so."""
    return [name for name in CIRCUITS if name.startswith(incomplete)]


def direction_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The named sets of directions and analogies that begin so."""
    return [name for name in DIRECTIONS if name.startswith(incomplete)]


def network_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The named networks that begin so."""
    return [name for name in NETWORKS if name.startswith(incomplete)]


def certificate_names(
    _: click.Context, __: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The certificates that come with the package, and files."""
    found = [CompletionItem(name) for name in CERTIFICATES if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


def lecture_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The lectures that begin so, by number and name."""
    from handcalc.lectures.listing import LECTURES

    names = [*map(str, range(1, len(LECTURES) + 1)), *(each.name for each in LECTURES)]
    return [name for name in names if name.startswith(incomplete)]


def preset_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The experiments to train that begin so."""
    return [name for name in PRESETS if name.startswith(incomplete)]


def run_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Experiments to train and runs that begin so, and folders."""
    names = [name for name in (*PRESETS, *_own_runs()) if name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="dir")]


def kept_names(_: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The runs in handcalc's own folder that begin so; what can be deleted beside them."""
    best = [BEST_KNOWN] if "--delete" in param.opts else []
    return [name for name in (*_own_runs(), *best) if name.startswith(incomplete)]


def _own_runs() -> list[str]:
    """What the runs in handcalc's own folder are called, in one word: by name, or by folder."""
    import json  # for completion alone

    found = []
    with suppress(OSError):
        for file in sorted((state_folder() / "runs").glob("*/spec.json")):
            name = None
            with suppress(OSError, ValueError, AttributeError, RecursionError):
                name = json.loads(file.read_bytes()).get("name")
            plain = isinstance(name, str) and name.isprintable() and " " not in name
            found.append(str(name) if plain else file.parent.name)
    return found


def exercise_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The positions and slugs of exercises that begin so, of the course that ``--course`` names."""
    import tomllib  # for completion alone, as the next one
    from importlib.resources import files

    try:
        require_our_exercises()
        course = ctx.params.get("course")
        folder = Path(course).expanduser() if course else files("exercises").joinpath("bank")
        text = folder.joinpath("manifest.toml").read_text(encoding="utf-8")
        manifest = tomllib.loads(text)
        parts = manifest.get("parts", [manifest])
        listed = [slug for part in parts for slug in part["exercises"]]
    except (CommandError, OSError, ValueError, KeyError, TypeError, RuntimeError):
        return []  # completion stays silent where the manifest cannot be read
    slugs = [slug for slug in listed if isinstance(slug, str)]
    positions = [str(position) for position in range(1, len(slugs) + 1)]
    return [name for name in (*slugs, *positions) if name.startswith(incomplete)]
