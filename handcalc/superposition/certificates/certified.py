"""What users call: a proof that an embedding is the best, and the check of a certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from handcalc.errors import InputError, require
from handcalc.processes.cores import cores
from handcalc.superposition.best.optimum import Optimum, optimum
from handcalc.superposition.certificates.certificate import Certificate
from handcalc.superposition.certificates.checked import Checked
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.certificates.proof import CertifyOptions, Proof
from handcalc.superposition.loss.problem import Problem


def certify(
    features: int = 2,
    hidden: int = 1,
    sparsity: object = None,
    importance: object = None,
    *,
    distribution: object = None,
    **options: Unpack[CertifyOptions],
) -> Proof:
    """The embedding with the least L(W, b), and a proof that it is the least, as far as it comes.

    All W up to rows of a length beyond which too much is lost are covered by boxes. On each,
    min over b of L is bounded from below by a function that is concave in each row of W, and so
    least at a vertex; around the best, L is shown to be strictly convex. A check works all of it
    out again, by another route.

    Args:
        features: n, up to 6.
        hidden: m; n·m − m(m − 1)/2 is 7 at most.
        sparsity: S in [0, 1], one for all or one each, as fractions.
        importance: Iᵢ > 0, one for all or one each, as fractions; None is 1.
        distribution: The distribution, where no sparsity is given: at most three features on.
        options: ``seconds`` after which the search ends, ``threads``, ``on_progress``, which hears
            (what, done, of how many), ``should_stop``, which is asked between rounds, ``search``,
            one that was stopped before, and ``on_round``, which is given it.

    Returns:
        The best found, the certificate, and what the check of it says.

    Raises:
        InputError: ``size``; ``irrational``; ``unbounded`` where long rows cannot be ruled out;
            ``lossless`` where nothing is lost, which needs no proof; those of ``optimum``;
            ``missing_extra`` without numpy or numba.

    Source: derived here; docs/proofs.md has the theorem and what is trusted.

    Examples:
        >>> proof = certify(2, 1, "1/2")
        >>> proof.status, proof.gap < 1e-30, round(float(proof.lower), 12)
        ('proved', True, 0.07628244699)
    """
    require("optimum", "numpy", "numba")
    from handcalc.superposition.certificates.proving import prove

    problem = Problem.of(features, hidden, sparsity, importance, distribution=distribution)
    claim = CertifiedClaim(problem)
    best = optimum(features, hidden, sparsity, importance, distribution=distribution)
    refuse_certain(best)
    return prove(claim, best, **options)


def refuse_certain(best: Optimum) -> None:
    """Refuse to prove what is certain. Errors: ``lossless``.

    >>> try:
    ...     refuse_certain(optimum(2, 2, "1/2"))
    ... except InputError as error:
    ...     print(str(error)[:60])
    No proof is needed. Best for certain, without a search: noth
    """
    if best.restarts == 0:
        raise InputError("lossless", f"No proof is needed. {best.sentence}")


def check_certificate(
    certificate: Certificate,
    *,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """What a certificate proves, all of it worked out again: L(model), and min L(W, b) ≥ lower.

    Nothing of the search that found it is used, and no bound that the file states is believed.

    Args:
        certificate: One from ``certify(…).certificate``, or from ``load_certificate``.
        threads: How many share the work; one a core if left out.
        on_progress: Hears (done, total) of the boxes that are bounded.

    Returns:
        What is proved: the loss of the model, exactly, and the bound below which no loss is.

    Raises:
        InputError: ``refused``, with what is wrong, for one that claims more than is true: a box
            that is missing, a bound that is too high, a region that has no copy of the model;
            ``missing_extra`` without numpy or numba.

    Source: derived here.

    Examples:
        >>> proof = certify(2, 1, "1/2")
        >>> check_certificate(proof.certificate) == proof.checked
        True
    """
    require("optimum", "numpy", "numba")
    from handcalc.superposition.certificates.checker.checking import check

    return check(certificate, threads=threads or cores(), on_progress=on_progress)
