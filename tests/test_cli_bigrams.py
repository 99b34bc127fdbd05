"""``handcalc bigrams``: what it answers, draws and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runs import Shell


def test_the_bigrams_of_a_text(shell: Shell, tmp_path: Path) -> None:
    found = shell("bigrams", "aababacacacacbbbcbcca", "--json").json()
    assert found["counts"] == [[1, 2, 4], [2, 2, 2], [4, 2, 1]]
    assert found["entropy"]["exact"] == "3/10*log(3) + 7/10*log(7) - log(2)"
    assert found["entropy"]["value"] == pytest.approx(0.9985736, abs=1e-7)
    assert (found["attained"], found["dimensions"]) == (True, 1)
    words = shell("bigrams", "the cat the dog", "--add=1", "--json").json()
    assert words["vocabulary"] == ["cat", "dog", "the"]
    assert words["add"] == "1"
    file = tmp_path / "table.svg"
    assert shell("bigrams", "abaab", f"--svg={file}").code == 0
    assert file.read_text(encoding="utf-8").count('class="cell"') == 4
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("abaab\n", encoding="utf-8")
    assert shell("bigrams", f"@{corpus}", "--json").json()["counts"] == [[1, 2], [1, 0]]


def test_whether_so_many_dimensions_are_enough(shell: Shell) -> None:
    few = shell("bigrams", "abaabcbaccacbbaa", "--dimensions=1", "--json").json()
    many = shell("bigrams", "abaabcbaccacbbaa", "--dimensions=2", "--json").json()
    assert (few["asked"], few["enough"], many["enough"]) == (1, False, True)
    assert "nothing is lost" in shell("bigrams", "abaabcbaccacbbaa", "--dimensions=2").out
    assert "best_found" not in many


def test_the_best_table_of_too_few_dimensions(shell: Shell) -> None:
    done = shell("bigrams", "abaabcbaccacbbaa", "--dimensions=1")
    assert "Best found with d_model 1" in done.out
    assert "loses 1.0422329, 0.849 % above the entropy" in done.out
    found = shell("bigrams", "abaabcbaccacbbaa", "--dimensions=1", "--json").json()["best_found"]
    assert found["W_E"] == [["0.000000"], ["0.893349"], ["-0.477171"]]
    assert (found["dimensions"], found["infimum"], found["attained"]) == (1, None, True)
    assert found["loss"] == pytest.approx(1.0422329, abs=1e-7)
    cycle = shell("bigrams", "abcabca", "--dimensions=1", "--json").json()
    assert cycle["enough"] is None
    assert cycle["best_found"]["infimum"]["exact"] == "1/3*log(2)"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a"], "corpus"),
        ([""], "corpus"),
        (["a\x1b[2Jb"], "corpus"),
        (["abab", "--add=-1"], "add"),
        (["abab", "--add=oops"], "unknown_name"),
        (["abcdefghijklmnopqrstuvwxyz" * 2, "--dimensions=20"], "dimensions"),
        (["abab", "--dimensions=0"], "usage"),
        (["@nowhere"], "missing_file"),
    ],
)
def test_a_corpus_that_is_none_is_told(shell: Shell, arguments: list[str], code: str) -> None:
    done = shell("bigrams", *arguments, "--json")
    assert done.json()["error"]["code"] == code
    assert done.code in (2, 3)
