"""Write tests/data/printed.jsonl: matrices and vectors as programs really print them.

Run ``python tests/oracles/printed.py`` where R, Octave and pandoc are installed, and numpy, pandas,
polars, sympy, IPython, jax, tensorflow, typst, tabulate, jinja2 and PyYAML are installed; ``--torch
PYTHON`` names a Python that has torch. What is not there is left out, and its old records are kept.
Nothing here imports the reader: an expectation is the numbers that the program was given, all of
which it prints in full. Julia, MATLAB and Mathematica are not installed; their records come from
their documentation, and say so.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from documented_prints import DOCUMENTED

RECORDS = Path(__file__).resolve().parent.parent / "data" / "printed.jsonl"

Numbers = list[list[float]]
Case = tuple[str, str, str, Any, str]  # program, version, how, value, text

MATRICES: dict[str, Numbers] = {
    "square": [[1.0, 0.0], [0.0, -1.0]],
    "tall": [[0.5, -0.25], [1.5, 0.125], [-0.75, 0.0]],
    "column": [[0.5], [-0.25], [1.0]],
    "row": [[1.0, -2.0, 0.5, 0.0]],
    "negative": [[-0.5, -1.5], [-2.0, -0.25]],
    "small": [[1e-05, 2.5], [-3e-07, 1.0]],
    "large": [[1000.0, -0.5], [2500000.0, 0.0]],
    "wide": [[(i - 2) * (j - 11) / 8 for j in range(24)] for i in range(3)],
    "long": [[(i * 7 % 13 - 6) / 4, (i * 5 % 11 - 5) / 8] for i in range(14)],
}
INTEGERS: dict[str, Numbers] = {
    "integers": [[1, 0], [0, 1], [0, -1]],
    "count": [[0, 1, 2], [3, -4, 5]],
}
VECTORS: dict[str, list[float]] = {
    "b": [0.0, 0.5, -0.5],
    "one": [-0.25],
    "weights": [(i * 7 % 13 - 6) / 16 for i in range(30)],
}


def captured(show: Callable[[], object]) -> str:
    """What a call prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        show()
    return out.getvalue()


def output(program: str, *arguments: str, given: bytes = b"") -> bytes:
    """What a program writes to its output."""
    path = shutil.which(program) or program
    return subprocess.run([path, *arguments], input=given, capture_output=True, check=True).stdout


def numpy_cases() -> Iterator[Case]:
    """Arrays of both precisions: str, repr, lists and savetxt."""
    import numpy as np

    v = np.__version__
    for name, rows in (MATRICES | INTEGERS).items():
        for kind in ("float64", "float32"):
            array = np.array(rows, dtype=kind)
            yield "numpy", v, f"print({name}) {kind}", rows, str(array)
            yield "numpy", v, f"repr({name}) {kind}", rows, repr(array)
        if name != "small":  # savetxt writes 1e-05 as the float that it is, to 18 digits
            out = io.StringIO()
            np.savetxt(out, np.array(rows), delimiter=",")
            yield "numpy", v, f"savetxt({name}, delimiter=',')", rows, out.getvalue()
        yield "numpy", v, f"list(map(list, {name}))", rows, repr([list(r) for r in np.array(rows)])
    for name, values in VECTORS.items():
        vector = np.array(values)
        yield "numpy", v, f"print({name})", values, str(vector)
        yield "numpy", v, f"repr({name}) float32", values, repr(np.float32(vector))
        yield "numpy", v, f"list({name})", values, repr(list(vector))


def pandas_cases() -> Iterator[Case]:
    """Frames on the screen and in files, with numbers and names above the columns."""
    import pandas as pd

    v = pd.__version__
    for name, rows in (MATRICES | INTEGERS).items():
        frame = pd.DataFrame(rows)
        named = frame.rename(columns=lambda i: f"w{i + 1}", index=lambda i: f"feature{i + 1}")
        yield "pandas", v, f"print(frame of {name})", rows, captured(lambda f=frame: print(f))
        yield "pandas", v, f"print(named frame of {name})", rows, str(named)
        with pd.option_context("display.max_columns", None, "display.width", 80):
            yield "pandas", v, f"print(frame of {name}, all columns)", rows, str(frame)
            yield "pandas", v, f"print(named frame of {name}, all columns)", rows, str(named)
        yield "pandas", v, f"frame.to_csv() of {name}", rows, frame.to_csv()
        yield "pandas", v, f"named.to_csv(index=False) of {name}", rows, named.to_csv(index=False)
        yield "pandas", v, f"frame.to_clipboard() of {name}", rows, frame.to_csv(sep="\t")
        yield "pandas", v, f"frame.to_markdown() of {name}", rows, frame.to_markdown()
        if name != "small":  # to_latex writes six digits
            yield "pandas", v, f"frame.to_latex() of {name}", rows, frame.to_latex()
    for name, values in VECTORS.items():
        series = pd.Series(values, name="b")
        yield "pandas", v, f"print(series of {name})", values, str(series)
        yield "pandas", v, f"series.to_csv() of {name}", values, series.to_csv()


def polars_cases() -> Iterator[Case]:
    """Frames in frames of lines, and as CSV."""
    import polars as pl

    v = pl.__version__
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=400, float_precision=7):
        for name, rows in MATRICES.items():
            frame = pl.DataFrame(rows, orient="row")
            if name != "small":
                yield "polars", v, f"print(frame of {name})", rows, str(frame)
            yield "polars", v, f"frame.write_csv() of {name}", rows, frame.write_csv()
        yield "polars", v, "print(series)", VECTORS["b"], str(pl.Series("b", VECTORS["b"]))


def sympy_cases() -> Iterator[Case]:
    """str, srepr, LaTeX and pretty forms of exact matrices."""
    import sympy

    v = sympy.__version__
    for name, rows in (MATRICES | INTEGERS).items():
        matrix = sympy.Matrix([[sympy.Rational(str(x)) for x in row] for row in rows])
        yield "sympy", v, f"str({name})", rows, str(matrix)
        yield "sympy", v, f"srepr({name})", rows, sympy.srepr(matrix)
        yield "sympy", v, f"latex({name})", rows, sympy.latex(matrix)
        if len(rows[0]) < 5 and name not in {"small", "tall", "negative"}:
            with_units = sympy.pretty(matrix, use_unicode=True, num_columns=300)
            if "─" not in with_units:
                yield "sympy", v, f"pretty({name})", rows, with_units
    yield (
        "sympy",
        v,
        "repr(latex)",
        MATRICES["tall"],
        repr(
            sympy.latex(
                sympy.Matrix([[sympy.Rational(str(x)) for x in r] for r in MATRICES["tall"]])
            )
        ),
    )


def jax_cases() -> Iterator[Case]:
    """Arrays, which are of float32."""
    import jax
    import jax.numpy as jnp

    for name, rows in (MATRICES | INTEGERS).items():
        array = jnp.array(rows, dtype="float32")
        yield "jax", jax.__version__, f"repr({name})", rows, repr(array)
        yield "jax", jax.__version__, f"print({name})", rows, str(array)
    yield "jax", jax.__version__, "repr(b)", VECTORS["b"], repr(jnp.array(VECTORS["b"]))


def tensorflow_cases() -> Iterator[Case]:
    """Tensors and variables, shown and printed."""
    import tensorflow as tf

    v = tf.__version__
    for name, rows in (MATRICES | INTEGERS).items():
        tensor = tf.constant(rows, dtype=tf.float32)
        yield "tensorflow", v, f"repr({name})", rows, repr(tensor)
        yield "tensorflow", v, f"print({name})", rows, str(tensor)
    variable = tf.Variable(MATRICES["tall"], dtype=tf.float64)
    yield "tensorflow", v, "repr(variable)", MATRICES["tall"], repr(variable)
    yield "tensorflow", v, "repr(b)", VECTORS["b"], repr(tf.constant(VECTORS["b"]))


def ipython_cases() -> Iterator[Case]:
    """What stands behind Out[5]: in a session."""
    import IPython
    import numpy as np
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for name in ("square", "tall", "column", "small"):
        shell.user_ns["W"] = np.array(MATRICES[name])
        text = captured(lambda: shell.run_cell("W", store_history=True))
        yield "IPython", IPython.__version__, f"Out of {name}", MATRICES[name], text


def yaml_cases() -> Iterator[Case]:
    """Lists as PyYAML dumps them, in blocks and in one line."""
    import yaml

    v = yaml.__version__
    for name in ("square", "tall", "negative"):
        rows = MATRICES[name]
        yield "PyYAML", v, f"dump({name})", rows, yaml.dump(rows)
        yield "PyYAML", v, f"dump(W: {name})", rows, yaml.dump({"W": rows})
        yield "PyYAML", v, f"dump({name}, flow)", rows, yaml.dump(rows, default_flow_style=True)
    yield "PyYAML", v, "dump(b: …)", VECTORS["b"], yaml.dump({"b": VECTORS["b"]})


def json_cases() -> Iterator[Case]:
    """json and csv of Python itself."""
    v = sys.version.split()[0]
    for name, rows in (MATRICES | INTEGERS).items():
        yield "Python", v, f"json.dumps({name})", rows, json.dumps(rows)
        yield "Python", v, f"json.dumps({name}, indent=1)", rows, json.dumps({"W": rows}, indent=1)
    yield "Python", v, "fractions", [[0.5, -0.25]], "[[Fraction(1, 2), Fraction(-1, 4)]]"


TORCH = """
import json, sys, torch
matrices, vectors = json.load(sys.stdin)
out = []
for name, rows in matrices.items():
    tensor = torch.tensor(rows, dtype=torch.float32)
    out.append([f"print({name})", rows, str(tensor)])
    if name in ("tall", "column"):
        out.append([f"Parameter({name})", rows, str(torch.nn.Parameter(tensor))])
        out.append([f"{name}.double()", rows, str(tensor.double())])
        out.append([f"{name}.tolist()", rows, str(tensor.tolist())])
for name, values in vectors.items():
    out.append([f"print({name})", values, str(torch.tensor(values))])
json.dump([torch.__version__, out], sys.stdout)
"""


def torch_cases(python: str) -> Iterator[Case]:
    """Tensors, printed with four digits."""
    exact = {name: rows for name, rows in MATRICES.items() if name != "small"}
    done = subprocess.run(
        [python, "-c", TORCH],
        input=json.dumps([exact | INTEGERS, VECTORS]),
        capture_output=True,
        text=True,
        check=True,
    )
    found, out = json.loads(done.stdout)
    for how, value, text in out:
        yield "torch", found, how, value, text


def r_literal(rows: Numbers) -> str:
    """matrix(c(…), nrow) in R."""
    cells = ", ".join(repr(x) for row in rows for x in row)
    return f"matrix(c({cells}), nrow={len(rows)}, byrow=TRUE)"


def r_cases() -> Iterator[Case]:
    """Matrices, frames and vectors of R, on the screen and in files."""
    found = output("Rscript", "-e", "cat(paste0(R.version$major, '.', R.version$minor))").decode()
    hows = {
        "print({})": "print(W)",
        "print(data.frame({}))": "print(as.data.frame(W))",
        "write.csv({})": "write.csv(W)",
        "write.csv({}, row.names=FALSE)": "write.csv(W, row.names=FALSE)",
        "write.table({})": "write.table(W)",
        "print(named {})": "colnames(W) <- paste0('w', 1:ncol(W)); "
        "rownames(W) <- paste0('f', 1:nrow(W)); print(W)",
    }
    for name, rows in (MATRICES | INTEGERS).items():
        for how, code in hows.items():
            yield "R", found, how.format(name), rows, r_run(f"W <- {r_literal(rows)}; {code}")
    for name, values in VECTORS.items():
        code = f"print(c({', '.join(map(repr, values))}))"
        yield "R", found, f"print({name})", values, r_run(code)


def r_run(code: str) -> str:
    return output("Rscript", "-e", f"options(digits=10); {code}").decode()


def octave_cases() -> Iterator[Case]:
    """Matrices of Octave with and without names, in blocks of columns too."""
    found = output("octave-cli", "--eval", "disp(version)").decode().strip()
    mark = "=====\n"
    for name, rows in (MATRICES | INTEGERS).items():
        literal = "[" + "; ".join(", ".join(map(repr, row)) for row in rows) + "]"
        code = (
            f"format long; W = {literal}\ndisp('====='); disp(W); disp('====='); "
            "disp(mat2str(W)); disp('====='); format short; W"
        )
        out = output("octave-cli", "--eval", code).decode().split(mark)
        for how, text in zip(("W", "disp({})", "mat2str({})", "format short"), out, strict=True):
            if how != "format short" or name not in {"large", "small"}:
                yield "Octave", found, f"{how.format(name)} {name}", rows, text
    eye = output("octave-cli", "--eval", "W = eye(3)").decode()
    yield "Octave", found, "W = eye(3)", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], eye


def pandoc_cases() -> Iterator[Case]:
    """LaTeX through Word and back, and through to Typst where pandoc can."""
    found = output("pandoc", "--version").decode().split()[1]
    for name in ("square", "tall", "column", "row", "negative"):
        rows = MATRICES[name]
        cells = r" \\ ".join(" & ".join(map(repr, row)) for row in rows)
        for kind in ("bmatrix", "pmatrix"):
            source = rf"$$W = \begin{{{kind}}} {cells} \end{{{kind}}}$$"
            word = output(
                "pandoc", "-f", "markdown", "-t", "docx", "-o", "-", given=source.encode()
            )
            back = output("pandoc", "-f", "docx", "-t", "latex", given=word).decode()
            yield "pandoc", found, f"{kind} of {name} from docx to LaTeX", rows, back
            markdown = output("pandoc", "-f", "docx", "-t", "markdown", given=word).decode()
            yield "pandoc", found, f"{kind} of {name} from docx to Markdown", rows, markdown
        table = "\n".join(
            ["|a|b|c|d|"[: 2 * len(rows[0]) + 1], "|---" * len(rows[0]) + "|"]
            + ["|" + "|".join(map(repr, row)) + "|" for row in rows]
        )
        shown = output("pandoc", "-f", "gfm", "-t", "gfm", given=table.encode()).decode()
        yield "pandoc", found, f"table of {name} in GitHub's Markdown", rows, shown


def sources(torch: str | None) -> Iterator[Callable[[], Iterator[Case]]]:
    """All that can print here."""
    yield from (
        numpy_cases,
        pandas_cases,
        polars_cases,
        sympy_cases,
        jax_cases,
        tensorflow_cases,
        ipython_cases,
        yaml_cases,
        json_cases,
    )
    yield from (
        cases
        for program, cases in (
            ("Rscript", r_cases),
            ("octave-cli", octave_cases),
            ("pandoc", pandoc_cases),
        )
        if shutil.which(program)
    )
    if torch:
        yield lambda: torch_cases(torch)
    yield lambda: iter(DOCUMENTED)


def decimals(value: Any) -> Any:
    """Floats as their shortest decimals, which say exactly what the program was given."""
    return [decimals(part) for part in value] if isinstance(value, list) else repr(value)


def main() -> None:
    """Write the records, those of missing programs as they were."""
    reader = argparse.ArgumentParser(description="What programs print, with what they got.")
    reader.add_argument("--torch", help="a Python that has torch")
    asked = reader.parse_args()
    records: dict[tuple[str, str], dict[str, Any]] = {}
    if RECORDS.exists():
        for line in RECORDS.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            records[record["program"], record["how"]] = record
    for source in sources(asked.torch):
        try:
            cases = list(source())
        except (ImportError, PackageNotFoundError) as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        for program, found, how, value, text in cases:
            records[program, how] = {
                "program": program,
                "version": found,
                "how": how,
                "value": decimals(value),
                "text": text,
            }
    lines = [json.dumps(record, ensure_ascii=False) for record in records.values()]
    RECORDS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} records")


if __name__ == "__main__":
    main()
