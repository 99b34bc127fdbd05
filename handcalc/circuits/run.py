"""A model run on a sentence: residual stream, scores, patterns, heads, logits, and the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import sympy

from handcalc.circuits.attention_only import AttentionOnly, check_model
from handcalc.circuits.exponential_sum import Value, shown
from handcalc.circuits.positions import (
    Number,
    Patterns,
    Position,
    Rows,
    logits,
    next_position,
    read_patterns,
    row_of,
)
from handcalc.circuits.run_steps import run_steps
from handcalc.circuits.softmax import Row, largest, score
from handcalc.derivation import Derivation
from handcalc.display import Displayed, abridged, plot_of
from handcalc.export import Exported, Plotted

PerHead: TypeAlias = "tuple[tuple[Rows, ...], ...]"  # [layer][head], counted from 0


@dataclass(frozen=True, repr=False)
class CircuitRun(Displayed, Exported, Plotted):
    """A worked forward pass over n tokens, every number exact.

    ``residual`` [layer] is X₀ … X_L, each (n, d_model); by layer and head, counted from 0, there
    are ``scores`` (n, n), those of later positions included, which the mask takes away;
    ``pattern`` A (n, n), row i the weights of position i, 0 after it; ``values`` X W_V and
    ``results`` A X W_V, (n, d_value); ``head_outputs`` A X W_OV, (n, d_model). ``logits`` X_L W_U
    and ``probabilities``, the model's softmax of them, are (n, d_vocab). Numbers are sympy's, or
    an ``ExponentialSum`` where a softmax makes them no algebraic numbers.
    """

    model: AttentionOnly
    tokens: tuple[str, ...]
    patterns: Patterns | None = None

    # Model, tokens and frozen patterns decide all the rest, which is worked out row by row in one
    # field and converted when it is first asked for.

    def __getstate__(self) -> dict[str, object]:
        return {"model": self.model, "tokens": self.tokens, "patterns": self.patterns}

    def __repr__(self) -> str:
        best = " ".join("/".join(tokens) for tokens in self.predictions)
        return abridged(f"<CircuitRun: {' '.join(self.tokens)} → {best}>")

    def arrays(self) -> dict[str, object]:
        """The residual stream (L + 1, n, d_model), logits, probabilities, each head's pattern."""
        patterns = {
            f"pattern_{number}_{place}": rows
            for number, layer in enumerate(self.pattern, 1)
            for place, rows in enumerate(layer, 1)
        }
        found = {"residual": self.residual, "logits": self.logits}
        return {**found, "probabilities": self.probabilities, **patterns}

    def plot(
        self,
        layer: int | None = None,
        head: int | None = None,
        *,
        ax: Any = None,
        dark: bool | None = None,
    ) -> Any:
        """Draw the attention of a head, or the residual stream, with matplotlib; return the axes.

        Layers and heads count from 1; without them it is the residual stream with its heads. It is
        drawn into the axes ``ax``, or into a figure of its own. ``dark`` is for a dark page; left
        out, it is as dark as the figure of ``ax``. Errors: ``head``; ``missing_extra`` without
        matplotlib.

        >>> import handcalc
        >>> run = handcalc.circuit("induction").run()
        >>> [axes.get_title(loc="left") for axes in (run.plot(2, 1), run.plot())]
        ['Head 2.1 attends', 'The residual stream']
        """
        return plot_of(self, layer, head, ax=ax, dark=dark)

    @cached_property
    def positions(self) -> tuple[Position, ...]:
        """Each position as it was worked out, in the engine's numbers."""
        return causal_pass(self.model, self.model.read_tokens(self.tokens), self.patterns)

    @cached_property
    def last_logits(self) -> tuple[Number, ...]:
        """The logits of the last position alone."""
        return tuple(map(shown, logits(self.model, self.positions[-1])))

    @cached_property
    def residual(self) -> tuple[Rows, ...]:
        """X₀ … X_L."""
        layers = range(len(self.model.layers) + 1)
        return tuple(
            tuple(_shown(position.residual[layer]) for position in self.positions)
            for layer in layers
        )

    @cached_property
    def scores(self) -> PerHead:
        """x W_QK xᵀ of every pair of positions, over √d_head where the model has that scale."""
        numbers = self.model.elements()
        zero = numbers.field.rational(0)
        return tuple(
            tuple(
                tuple(
                    tuple(
                        shown(score(i.heads[a][b].query, j.heads[a][b].key, head.scale, zero))
                        for j in self.positions
                    )
                    for i in self.positions
                )
                for b, head in enumerate(layer)
            )
            for a, layer in enumerate(numbers.layers)
        )

    @cached_property
    def pattern(self) -> PerHead:
        """A, 0 where a position would look ahead."""
        n = len(self.positions)
        zero = (sympy.Integer(0),)
        rows = self._by_head("weights")
        return tuple(
            tuple(tuple(row + zero * (n - len(row)) for row in head) for head in layer)
            for layer in rows
        )

    @cached_property
    def values(self) -> PerHead:
        """X W_V."""
        return self._by_head("value")

    @cached_property
    def results(self) -> PerHead:
        """A X W_V."""
        return self._by_head("result")

    @cached_property
    def head_outputs(self) -> PerHead:
        """A X W_V W_O, what each head adds to the residual stream."""
        return self._by_head("output")

    @cached_property
    def logits(self) -> Rows:
        """X_L W_U."""
        return tuple(map(_shown, self.engine_logits))

    @cached_property
    def probabilities(self) -> Rows:
        """The softmax of each row of logits, by the model's own softmax."""
        return tuple(_shown(self.model.softmax.weights(row)) for row in self.engine_logits)

    @cached_property
    def predictions(self) -> tuple[tuple[str, ...], ...]:
        """At each position the token with the largest logit, or those that tie for it, exactly."""
        names = self.model.vocabulary
        return tuple(tuple(names[k] for k in largest(row)) for row in self.engine_logits)

    @cached_property
    def derivation(self) -> Derivation:
        """The steps with their numbers: embed; for each head scores to outputs; logits."""
        frozen = self.patterns is not None
        notes = ("The patterns were given, not computed from scores.",) if frozen else ()
        return Derivation(run_steps(self.model, self.positions, self.engine_logits), notes)

    @cached_property
    def engine_logits(self) -> tuple[Row, ...]:
        """The logits in the engine's numbers."""
        return tuple(logits(self.model, position) for position in self.positions)

    def _by_head(self, name: str) -> PerHead:
        return tuple(
            tuple(
                tuple(_shown(getattr(position.heads[a][b], name)) for position in self.positions)
                for b in range(len(layer))
            )
            for a, layer in enumerate(self.model.layers)
        )


def run_circuit(model: AttentionOnly, tokens: object, patterns: object = None) -> CircuitRun:
    """X₀ = W_E[t] + W_pos; Xₗ = Xₗ₋₁ + Σ_h A^h Xₗ₋₁ W_OV^h; logits X_L W_U, exactly.

    Args:
        model: An attention-only model.
        tokens: A text with blanks between tokens ("a b c a"), one without them where each token is
            a character, or a list of names or of places counted from 0.
        patterns: Attention to freeze: for each layer a list with an (n, n) matrix for each head, or
            None for what is computed; or a dictionary of them by (layer, head), counted from 1.
            Rows are queries; nothing is attended to that comes later.

    Returns:
        All that is met on the way, and the worked steps. What nobody asks for is not converted.

    Raises:
        InputError: ``token``, ``empty``, ``too_long``; ``patterns``, ``wrong_shape``; and
            ``undecided`` where hard attention or a prediction hangs on a tie that theory leaves
            open.

    Source: Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits".

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> head = Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
        >>> model = AttentionOnly("1 0; 0 1; 1 1", "1 0 0; 0 1 0", [[head]], softmax="base 2")
        >>> run = run_circuit(model, "a b c")
        >>> run.pattern[0][0][2], run.results[0][0]
        ((4/9, 1/9, 4/9), ((1,), (4/3,), (2,)))
    """
    check_model(model)
    places = model.read_tokens(tokens)
    names = tuple(model.vocabulary[k] for k in places)
    return CircuitRun(model, names, read_patterns(model, len(names), patterns))


def causal_pass(
    model: AttentionOnly,
    tokens: Sequence[int],
    patterns: Patterns | None = None,
) -> tuple[Position, ...]:
    """All positions of a sentence, one after the other."""
    done: list[Position] = []
    for i, token in enumerate(tokens):
        done.append(next_position(model, done, token, row_of(patterns, i, model.elements().field)))
    return tuple(done)


def _shown(row: Sequence[Value]) -> tuple[Number, ...]:
    return tuple(map(shown, row))
