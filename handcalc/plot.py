"""Pictures of models and results with matplotlib, in the look of ``handcalc figure``.

Each function draws what it is given into the axes ``ax``, or into a figure of its own, which a
notebook shows by itself, and returns the axes; their label says in words what is to be seen. It
takes a model, W alone, an embedding, a result, a list of them or a table of them by name
(``pip install "handcalc[plot]"``).

>>> from handcalc import plot
>>> plot.arrows("1 0; 0 1; 0 -1").get_label()[:35]
'Feature 1 points right with length '
"""

from __future__ import annotations

from typing import Any

from handcalc.views.plots import heatmaps, pictures
from handcalc.views.plots.panels import Look
from handcalc.views.plots.style import DARK, DARK_PAGE, LIGHT, PAGE, Theme

__all__ = [
    "DARK",
    "DARK_PAGE",
    "LIGHT",
    "PAGE",
    "Theme",
    "arrows",
    "diagram",
    "forward",
    "gram",
    "heatmap",
    "losses",
    "phases",
]


def arrows(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    *,
    ax: object = None,
    best: bool | None = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """The features as arrows in the unit circle, all pictures on one scale.

    One dimension is a line for each feature; three are two views, from the front and from above.

    Args:
        shown: A model, W (n × m, m ≤ 3), an embedding, an optimum, a phase map, what was trained;
            or several of them.
        ax: The axes to draw into, one for each picture; a figure of its own if left out.
        best: Whether the exact best known is laid on what was trained, as rings; True if left out.
        title: What stands above, a text for each picture; what tells the models apart if left out.
        labels: What the features are called; their numbers if left out.
        colours: A colour for each feature.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes; a tuple of axes where there are several pictures.

    Raises:
        InputError: ``not_drawn`` for more than three dimensions; ``picture`` for a result without
            arrows; ``axes``, ``title``, ``labels``, ``colours``, ``theme``, ``size``, ``ignored``,
            ``too_many``; ``missing_extra`` without matplotlib; those of ``ToyModel``.

    Source: Elhage et al. 2022, the figures of "Demonstrating Superposition".

    Examples:
        >>> import handcalc
        >>> ax = arrows(handcalc.embedding("antipodal"), labels=["cat", "dog", "fish"])
        >>> [text.get_text() for text in ax.texts][:3], ax.get_title()
        (['cat', 'dog', 'fish'], 'antipodal')
    """
    return pictures.draw_arrows(shown, Look(ax, title, labels, colours, theme, size), best)


def gram(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    *,
    ax: object = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """W Wᵀ as a heat map, and below it the lengths ‖Wᵢ‖, coloured by interference.

    A bar is the brighter the more its feature shares, Σ_{j≠i} (Ŵᵢ·Wⱼ)². Up to eight features have
    their numbers in the cells, exact where the model is and where they find room.

    Args:
        shown: A model, W (n × m), an embedding, an optimum, a phase map, what was trained; or
            several of them.
        ax: The axes to draw into, one for each picture; a figure of its own if left out.
        title: What stands above, a text for each picture; what tells the models apart if left out.
        labels: What the features are called; their numbers if left out.
        colours: Two colours, of what is below 0 and above it.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes of the heat map, which has the bars in it; a tuple where there are several.

    Raises:
        InputError: ``picture`` for a result without a model; ``axes``, ``title``, ``labels``,
            ``colours``, ``theme``, ``size``, ``ignored``, ``too_many``; ``missing_extra`` without
            matplotlib; those of ``ToyModel``.

    Source: Elhage et al. 2022, "Demonstrating Superposition".

    Examples:
        >>> ax = gram("1 0; 0 1; 0 -1")
        >>> [text.get_text() for text in ax.texts][-3:]
        ['0', '−1', '1']
    """
    return pictures.draw_gram(shown, Look(ax, title, labels, colours, theme, size))


def losses(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    *,
    along: object = None,
    ax: object = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """The expected loss L along S, a line for each model; or the losses on the way of training.

    Of an expected loss or an optimum its own S is marked. A phase map has a line for each minimum,
    thick where it is the best.

    Args:
        shown: A model, W (n × m, n ≤ 12), an embedding, an expected loss, an optimum, a phase map,
            what was trained; or several of them in one picture.
        along: "S", or for what was trained "steps", a picture for each model; that is how training
            is drawn if it is left out.
        ax: The axes to draw into; a figure of its own if left out.
        title: What stands above.
        labels: What the lines are called.
        colours: A colour for each line.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes; a tuple of axes for several models along their steps.

    Raises:
        InputError: ``no_curve`` for inputs without one S; ``too_complicated``; ``picture`` for a
            result without a loss; ``along``, ``axes``, ``title``, ``labels``, ``colours``,
            ``theme``, ``size``, ``ignored``, ``too_many``; ``missing_extra`` without matplotlib;
            those of ``ToyModel``.

    Source: derived here. The question is Elhage et al.'s 2022, "Superposition as a Phase Change".

    Examples:
        >>> ax = losses({"pair": "1 0; 0 1; 0 -1", "two alone": "1 0; 0 1; 0 0"})
        >>> [line.get_label() for line in ax.lines]
        ['pair', 'two alone']
    """
    return pictures.draw_losses(shown, Look(ax, title, labels, colours, theme, size), along)


def phases(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    *,
    of: object = "lengths",
    ax: object = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """What becomes of each feature along S: the lengths ‖Wᵢ‖ or the biases of the best embedding.

    A dotted line stands where the best embedding changes. Trained models and optima of several S
    have a dot for each feature.

    Args:
        shown: A phase map, what was trained at several S, or a list of optima.
        of: "lengths" or "biases".
        ax: The axes to draw into; a figure of its own if left out.
        title: What stands above.
        labels: What the features are called.
        colours: A colour for each feature.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes.

    Raises:
        InputError: ``picture`` for what is made for no S; ``of``, ``axes``, ``labels``,
            ``colours``, ``theme``, ``size``, ``ignored``; ``missing_extra`` without matplotlib.

    Source: derived here.

    Examples:
        >>> import handcalc
        >>> ax = phases([handcalc.optimum(2, 1, S, restarts=4) for S in ("1/4", "3/4")])
        >>> ax.get_ylabel(), len(ax.lines)
        ('length ‖Wᵢ‖', 2)
    """
    return pictures.draw_phases(shown, Look(ax, title, labels, colours, theme, size), of)


def diagram(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    *,
    show: object = None,
    ax: object = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """What becomes of the last feature, by its importance and by the density of all.

    The paper's colour where ‖Wₙ‖ = 0; from blue to vermilion by how much the feature shares.

    Args:
        shown: A phase diagram, or a run that was trained on such a grid.
        show: Of a phase diagram "best", the true minima, "textbook", its candidates, or "saving",
            what the former save. Of a run "trained", with a cross where the fate is not that of the
            exact best, or "best". The first if left out.
        ax: The axes to draw into, one for each grid; a figure of its own if left out.
        title: What stands above, a text for each grid.
        labels: What stands in the regions: not represented, a dimension of its own, superposition.
        colours: Two colours, for a dimension of its own and for superposition.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes; a tuple of axes for grids of several sizes.

    Raises:
        InputError: ``picture`` for what is no grid; ``no_textbook``; ``show``, ``axes``, ``title``,
            ``labels``, ``colours``, ``theme``, ``size``, ``ignored``; ``missing_extra`` without
            matplotlib.

    Source: Elhage et al. 2022, "Superposition as a Phase Change".

    Examples:
        >>> import handcalc
        >>> ax = diagram(handcalc.phase_diagram(2, 1, size=3, restarts=8), show="textbook")
        >>> ax.get_title(loc="left")
        "The textbook's candidates"
    """
    return pictures.draw_diagram(shown, Look(ax, title, labels, colours, theme, size), show)


def heatmap(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    *,
    x: object = None,
    y: object = None,
    value: object = "loss",
    ax: object = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """The cells of a sweep over two of its settings, or along one as a line.

    Of several cells at one place, such as those of several seeds, that with the lowest loss is
    shown. Cells that failed are crossed out, and those without a value hatched.

    Args:
        shown: A sweep.
        x: The setting along x: features, hidden, distribution, optimiser, rate, schedule, batch,
            steps, sparsity, importance, activation or seed. x and y are the two with the most
            values if left out.
        y: The setting along y. Each of the others, but seed, makes panels.
        value: "loss", "gap" (per cent above the best known), "held" (how many features, where n
            varies as a part of it) or "dimensionality" (the mean of these features' Dᵢ).
        ax: The axes to draw into, one for each panel; a figure of its own if left out.
        title: What stands above, a text for each panel.
        labels: What stands beside x, y and the colours.
        colours: Two colours, of the lowest value and of the highest.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes; a tuple of axes where there are several panels.

    Raises:
        InputError: ``picture`` for what is no sweep; ``axis`` for a setting that does not vary;
            ``value``, ``panels``, ``failed``, ``axes``, ``title``, ``labels``, ``colours``,
            ``theme``, ``size``, ``ignored``, ``too_many``; ``missing_extra`` without matplotlib.

    Source: derived here. The question is Elhage et al.'s 2022, "Superposition as a Phase Change".

    Examples:
        >>> import torchsim
        >>> grid = torchsim.SweepGrid.of([2, 3], 1, ["0", "1/2"], restarts=4)
        >>> ax = heatmap(torchsim.sweep(grid), value="held")
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('sparsity S', 'features n')
    """
    look = Look(ax, title, labels, colours, theme, size)
    return heatmaps.draw_heatmaps(shown, look, x, y, value)


def forward(  # noqa: PLR0913 - each is a part of the look, named when asked for
    shown: object,
    x: object = None,
    *,
    ax: object = None,
    title: object = None,
    labels: object = None,
    colours: object = None,
    theme: object = None,
    size: object = None,
) -> Any:
    """How x goes down into h = Wᵀx, and up again to z = Wh + b and to x̂.

    A line is the thicker the more goes along it, and dashed where that is below 0.

    Args:
        shown: A forward pass, a model, W (n × m), an embedding; or several of them.
        x: The input of a model, as ``handcalc.forward`` takes it; symbols if left out, and an
            embedding's own example.
        ax: The axes to draw into, one for each picture; a figure of its own if left out.
        title: What stands above, a text for each picture.
        labels: What the features are called; their numbers if left out.
        colours: A colour for each feature.
        theme: "light", "dark" or a ``Theme``; as dark as the figure of ``ax`` if left out.
        size: Width and height in inches of a figure of its own.

    Returns:
        The axes; a tuple of axes where there are several pictures.

    Raises:
        InputError: ``picture`` for a result without a pass; ``axes``, ``title``, ``labels``,
            ``colours``, ``theme``, ``size``, ``ignored``, ``too_many``; ``missing_extra`` without
            matplotlib; those of ``handcalc.forward``.

    Source: Elhage et al. 2022, "Demonstrating Superposition".

    Examples:
        >>> forward("1 0; 0 1; 0 -1", "1 0 1/2").get_label()[:47]
        'x = (1, 0, 1/2) goes down into h = (1, −1/2) an'
    """
    return pictures.draw_forward(shown, Look(ax, title, labels, colours, theme, size), x)
