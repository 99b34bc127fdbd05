"""Worked calculations and the best embedding: show, forward, geometry, loss, optimum, phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from handcalc.cli.command import command
from handcalc.cli.names import certificate_names, code_names, embedding_names
from handcalc.cli.options import (
    anyway_option,
    arrow_options,
    count_option,
    distribution_options,
    drawing_options,
    fresh_option,
    jobs_options,
    kind_options,
    no_state_option,
    output_option,
    refuse_both,
    rows_option,
)
from handcalc.cli.report import Report, Session, refuse
from handcalc.cli.typed_text import Given, text_option
from handcalc.errors import require

# known without importing sympy; a test compares them with their homes
MOST_FEATURES, MOST_DIMENSIONS, DIGITS = 10, 50, (30, 60)  # of optimum
GRIDS, POINTS, CHANGE_DIGITS = (2, 200), (3, 1001), (1, 30)  # of phases

_W = (
    "One row per feature, with `;` between rows. @FILE and - (standard input) work too, also with "
    "arrays (.npy, .npz, .safetensors): @FILE:NAME is one of several, @FILE:NAME:3 the third of a "
    "batch."
)
_B = "One number per feature; a single one is for all features. Zeros if left out."
_X = "The input: numbers, or symbols x1, x2, ... in [0, 1]. All symbols if left out."
_IMPORTANCE = "One for all features, or one each; 1 if left out."
_LINEAR = click.option("--linear", is_flag=True, help="Leave ReLU out: the output is z.")


@command("show", example='handcalc show antipodal --x="1 1/4 1/2"')
@click.argument("name", required=False, shell_complete=embedding_names)
@text_option(
    "--x",
    about="Work this input and not the example: numbers, or symbols x1, x2, x3 in [0, 1].",
)
@text_option(
    "--sparsity",
    about="For best: S, the probability that a feature is off, at least 0 and below 1.",
)
@text_option(
    "--W", about="With --html: a model of your own. One row per feature, with `;` between."
)
@text_option("--b", about=_B)
@_LINEAR
@output_option("--html", "Write a page with the arrows to drag; it needs no network.")
@drawing_options
@click.option("--all", "everything", is_flag=True, help="Show all of it at once, and ask nothing.")
@anyway_option
@click.pass_obj
def show(session: Session, /, *, name: str | None, draw: bool, **asked: Any) -> Report:
    """List the named embeddings, or work one through.

    NAME is one of those on the list. Its page tells the story, draws the arrows, works the steps
    for symbols and for an example, and says what was gained and what was lost. At a terminal it
    stops after the arrows and asks what will come out. The name best, with --sparsity, works the
    best embedding of three features in two dimensions out, by closed forms.
    """
    own = {option: asked.pop(option) for option in ("W", "b", "linear")}
    _check_show(name, own, asked, draw)
    from handcalc.cli.work import embeddings

    if own["W"] is not None:
        given = {option: asked[option] for option in ("html", "x", "sparsity")}
        return embeddings.figure(**own, **given)
    if name is None:
        return embeddings.listing()
    return embeddings.show(session, name=name, **asked)  # which draws without being asked


def _check_show(
    name: str | None, own: Mapping[str, Any], asked: Mapping[str, Any], draw: bool
) -> None:
    """Refuse options of show that do not go together."""
    named, page = "handcalc show antipodal", 'handcalc show --W="1 0; 0 1; 0 -1" --html F'
    W = own["W"] is not None
    drawn = draw or asked["svg"] is not None
    listed = name is None and not W
    rules = (
        (W and name is not None, f"It is {name} that is shown, or W: leave one out.", page),
        (W and not asked["html"], "show makes a page of W, with --html; forward works it.", page),
        (W and drawn, "--svg and --draw of W belong to forward, geometry and loss.", page),
        (not W and (own["b"] or own["linear"]), "--b and --linear go with --W.", page),
        (listed and asked["x"], "--x needs the name of an embedding.", named),
        (listed and asked["svg"], "--svg needs the name of an embedding.", named),
        (listed and asked["html"], "--html needs the name of an embedding, or W.", page),
        (listed and draw, "--draw needs the name of an embedding.", named),
        (
            listed and asked["sparsity"] is not None,
            "--sparsity belongs to the page on the best embedding.",
            "handcalc show best --sparsity=1/2",
        ),
    )
    for is_broken, message, example in rules:
        if is_broken:
            refuse(message, example)


@command(
    "forward",
    example='handcalc forward --W="1 0; 0 1; 0 -1" --b="0 1/2 1/2" --x="1 1/4 1/2"',
)
@text_option("--W", required=True, about=_W)
@text_option("--b", about=_B)
@text_option("--x", about=_X)
@_LINEAR
@rows_option
@drawing_options
@anyway_option
def forward(**asked: Any) -> Report:
    """Work the forward pass out, step by step.

    Project, reconstruct, add the bias, activate, compare: each with its rule, its numbers and its
    value; then what each feature kept, and what the others put on top of it.
    """
    from handcalc.cli.work import model

    return model.forward(**asked)


@command("geometry", example='handcalc geometry --W="1 0; 0 1; 0 -1"')
@text_option("--W", required=True, about=_W)
@rows_option
@arrow_options
@anyway_option
def geometry(**asked: Any) -> Report:
    """Work out what the features of an embedding keep and share.

    The Gram matrix, the length of each arrow, the interference that each feature gets, its
    dimensionality, and their sum, the capacity.
    """
    from handcalc.cli.work import model

    return model.geometry(**asked)


@command("loss", example='handcalc loss --W="1 0; 0 1; 0 -1" --sparsity=9/10')
@text_option("--W", required=True, about=_W)
@text_option("--b", about=_B)
@_LINEAR
@text_option("--importance", about=_IMPORTANCE)
@rows_option
@distribution_options
@click.option("--gradient", is_flag=True, help="The slopes in W and b too: which way is down.")
@drawing_options
@anyway_option
def loss(**asked: Any) -> Report:
    """Work the expected loss out, exactly, over random sparse inputs.

    A number or, without --sparsity, a polynomial in S; what each feature loses of itself, and what
    the others cost it; for up to three features, pattern by pattern.
    """
    from handcalc.cli.work import model

    return model.loss(**asked)


@command("code", example="handcalc code antipodal --torch")
@click.argument("name", required=False, shell_complete=code_names)
@text_option("--W", about=_W)
@text_option("--b", about=_B)
@_LINEAR
@text_option("--sparsity", about="S, for best and for a training; 9/10 for a training if left out.")
@click.option("--numpy", is_flag=True, help="In numpy alone.")
@click.option("--torch", is_flag=True, help="In torch alone.")
@anyway_option
def code(name: str | None, W: Given | None, b: Given | None, **asked: Any) -> Report:
    """Print a model as Python code, for pasting into a notebook.

    NAME is an embedding that handcalc show lists, or best with --sparsity; without NAME, the model
    is your own W and b. In numpy and in torch, unless one is chosen: then the code stands alone, as
    in handcalc code antipodal --torch > model.py. Where NAME is an experiment that handcalc train
    lists, it is the loop in torch that its training stands for.
    """
    if (name is None) is (W is None):
        several = "not both" if W is not None else "one of them"
        refuse(f"Give the name of an embedding or --W, {several}.", "handcalc code antipodal")
    if b is not None and W is None:
        refuse("--b comes with --W; an embedding has its own.", f"handcalc code {name}")
    from handcalc.cli.work import code as work

    return work.code(name, W, b, **asked)


@command("optimum", example="handcalc optimum --features 3 --hidden 2 --sparsity=1/2")
@click.option(
    "--features",
    type=click.IntRange(1, MOST_FEATURES),
    default=3,
    metavar="N",
    help=f"How many features there are, 1 to {MOST_FEATURES}; 3 if left out.",
)
@click.option(
    "--hidden",
    type=click.IntRange(1, MOST_DIMENSIONS),
    default=2,
    metavar="M",
    help="How many dimensions they are embedded in; 2 if left out.",
)
@text_option(
    "--sparsity",
    about="S, one for all features (or sets) or one each: the best embedding depends on it.",
)
@text_option("--importance", about=_IMPORTANCE)
@kind_options
@count_option("--restarts", "How many random starts; as many as it takes if left out.")
@count_option("--seed", "Which random starts.", 0, default=0)
@count_option(
    "--digits",
    f"How many digits W and b are worked out to, {DIGITS[0]} to {DIGITS[1]}.",
    *DIGITS,
    default=DIGITS[0],
)
@output_option("--svg", "Write the arrows as a drawing, for one or two dimensions.")
@click.option("--prove", is_flag=True, help="Prove that no embedding loses less.")
@count_option("--seconds", "With --prove: when to stop looking at boxes; their check comes on top.")
@count_option("--jobs", "With --prove: how many share the work; one a core if left out.")
@output_option("--certificate", "With --prove: write what it rests on, for handcalc verify.")
@fresh_option
@no_state_option
@anyway_option
@click.pass_obj
def optimum(session: Session, /, **asked: Any) -> Report:
    """Search for the embedding with the least expected loss.

    Descends from many random starts, polishes the best end to many digits with exact slopes, names
    its family, and gives the closed form where the family has one. The best found is not a proof.

    With --prove it is one, for up to 6 features: all embeddings are covered by boxes, and on each
    the loss is bounded from below. For 2 features in 1 dimension that takes a second, for 3 in 2
    some minutes, for more it may take hours; --seconds ends it with the bound that is known by
    then. Ctrl-C keeps what is done, and the same command goes on from there.
    """
    given = click.get_current_context().get_parameter_source
    for name in () if asked["prove"] else ("seconds", "jobs", "certificate", "fresh", "no_state"):
        if given(name) is ParameterSource.COMMANDLINE:
            option = name.replace("_", "-")
            refuse(f"--{option} belongs to a proof, with --prove.", "--prove")
    if asked["prove"]:
        require("optimum", "numpy", "numba")
    from handcalc.cli.work import embeddings

    return embeddings.optimum(session, **asked)


@command("verify", example="handcalc verify proof.npz")
@click.argument("file", metavar="FILE", shell_complete=certificate_names)
@count_option("--jobs", "How many share the work; one a core if left out.")
@click.pass_obj
def verify(session: Session, /, file: str, jobs: int | None) -> Report:
    """Check a certificate that an embedding is the best, and say what it proves.

    FILE is one that handcalc optimum --prove --certificate FILE wrote, or Certificate.save in
    Python; or the name of one that comes with the package, such as three-in-two-half. All of it is
    worked out again: no bound in it is believed, and nothing is used of the search that found it.
    The exit code is 1 for a certificate that claims more than is true.
    """
    require("optimum", "numpy", "numba")
    from handcalc.cli.work import proofs

    return proofs.verify(session, file, jobs)


@command("phases", example="handcalc phases --diagram --features 2 --hidden 1 --png phases.png")
@count_option("--features", "How many features there are; 3 if left out.", default=3)
@count_option("--hidden", "How many dimensions they are embedded in; 2 if left out.", default=2)
@text_option("--importance", about=_IMPORTANCE)
@count_option("--points", "From how many S the changes are sought; 41 if left out.", *POINTS)
@count_option(
    "--digits", "To how many digits a change is worked out; 15 if left out.", *CHANGE_DIGITS
)
@click.option("--diagram", is_flag=True, help="By importance and density, not along S.")
@count_option("--grid", "Steps of the diagram each way; 60 if left out.", *GRIDS)
@count_option(
    "--restarts",
    "How many random starts at each point; if left out 32 of a diagram, else as many as it takes.",
)
@count_option("--seed", "Which random starts.", 0, default=0)
@jobs_options
@count_option("--workers", "The old name of --jobs.", hidden=True)
@output_option("--png", "Write the figure as a picture.")
@output_option("--svg", "Write the figure as a drawing.")
@output_option("--csv", "Write all points as a table.")
@fresh_option
@no_state_option
@anyway_option
@click.pass_obj
def phases(session: Session, /, **asked: Any) -> Report:
    """Show where the best embedding changes.

    Along S: which embedding is best from where to where, and the S at which one overtakes another.

    With --diagram: what becomes of the last feature, by its importance (0.1 to 10, the others 1)
    and by the density 1 - S of all (0.01 to 1), from true minima and from the textbook's
    candidates. It takes minutes.

    Ctrl-C keeps what is done, and the same command goes on from there.
    """
    mapped = ("importance", "points", "digits")  # options of the map alone
    there = "the map along S, without --diagram" if asked["diagram"] else "--diagram"
    for name in mapped if asked["diagram"] else ("grid",):
        if asked[name] is not None:
            refuse(f"--{name} belongs to {there}.")
    workers = asked.pop("workers")
    if workers is not None and asked["jobs"] is not None:
        refuse(
            "--workers is the old name of --jobs: give one.", f"handcalc phases --jobs {workers}"
        )
    asked["jobs"] = asked["jobs"] or workers
    refuse_both("handcalc phases", asked["jobs"], asked["scheduler"])
    require("optimum", "numpy", "array_api_compat")
    from handcalc.cli.work import phases as work

    return work.phases(session, **asked)


PANELS = {
    "Worked calculations": (show, forward, geometry, loss, code),
    "The best embedding": (optimum, verify, phases),
}
"""The commands, as the help page lists them."""
