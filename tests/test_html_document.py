"""Markdown typeset for pages: formulas become MathML, and no text becomes markup."""

from __future__ import annotations

import re
from html import unescape

import pytest

import exercises
import handcalc
from exercises.course import manifest_slugs
from exercises.reporting.notebook import solution_markdown, statement_markdown
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.document import typeset
from tests.cli_runs import Shell

HOSTILE = '<img src=x onerror="alert(1)"> <script>alert(1)</script> [a](javascript:alert(1))'


def test_formulas_are_mathml() -> None:
    model = ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2")
    page = typeset(handcalc.forward(model)._repr_markdown_())
    assert page.count("<math") == page.count("</math>") == 19
    assert 'display="block"' in page
    assert "$" not in page
    assert "\\" not in page
    assert "&amp;=" not in page  # aligned equations are rows of a table


@pytest.mark.parametrize(
    "text", [HOSTILE, f"**{HOSTILE}**", f"- {HOSTILE}", f"| a |\n|---|\n| {HOSTILE} |"]
)
def test_what_looks_like_markup_stays_text(text: str) -> None:
    page = typeset(text)
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def test_a_formula_cannot_bring_markup_either() -> None:
    page = typeset(r"$\text{</math><script>alert(1)</script>}$")
    assert "<script" not in page


def test_dollars_alone_are_dollars() -> None:
    assert typeset("It costs 5 $ here.") == "<p>It costs 5 $ here.</p>\n"
    assert "<math" not in typeset("```\n$x$\n```")


def test_a_page_has_headings_below_its_title_and_scrolls_what_is_wide() -> None:
    page = typeset("### a\n\n| b |\n|---|\n| 1 |\n\n$$\n\\begin{bmatrix} 1 \\end{bmatrix}\n$$")
    assert "<h2>a</h2>" in page
    assert '<div class="table"><table>' in page
    assert '<div class="formula"><math' in page
    assert '<mo class="bracket">[</mo><mtable class="matrix">' in page


@pytest.mark.parametrize("sparsity", ["0", "1/5", "1/2", "19/20"])
def test_the_page_on_the_best_says_what_the_terminal_says(shell: Shell, sparsity: str) -> None:
    asked = ("show", "best", f"--sparsity={sparsity}")
    words = re.sub(r"\s", "", shell(*asked).out)
    page = shell(*asked, "--typeset").json()["page"]
    assert not re.search(r"\\[a-z]+|\$\$", page)
    for paragraph in re.findall(r"<p>([^<]{60,})</p>", page):
        assert re.sub(r"\s", "", unescape(paragraph)) in words


@pytest.mark.parametrize("slug", manifest_slugs())
def test_every_exercise_can_be_typeset(slug: str) -> None:
    exercise = exercises.load(slug)
    for markdown in (statement_markdown(exercise), solution_markdown(exercise)):
        page = typeset(markdown)
        assert page.startswith("<p>")
        assert not re.search(r"\\[a-z]+|\$\$", page)


@pytest.mark.parametrize("name", [each.name for each in handcalc.circuits()])
def test_every_circuit_can_be_typeset(name: str) -> None:
    page = typeset(handcalc.circuit(name)._repr_markdown_())
    assert page.count("<math") > 3
    assert not re.search(r"\\[a-z]+|\$\$", page)
