// Bytecode in place of every module of an archive, made by the very Python that will run it:
//   node compile.mjs PYODIDE_FOLDER ARCHIVE
// Without it the browser would compile a thousand files at every visit; and the sources, which
// nothing reads, would be half of what it loads.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, archive] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: folder });
python.FS.mkdirTree("/packages");
python.unpackArchive(new Uint8Array(readFileSync(archive)), "zip", { extractDir: "/packages" });
python.runPython(`
import ast, compileall, zipfile
from importlib._bootstrap_external import _code_to_timestamp_pyc
from pathlib import Path

PLACE = "/lib/python3.14/site-packages"

def without_docstrings(source):
    """The bytecode of a module of which nobody asks for help: its asserts stay."""
    tree = ast.parse(source.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                node.body[:1] = [] if len(node.body) > 1 else [ast.copy_location(ast.Pass(), node.body[0])]
    name = f"{PLACE}/{source.relative_to(root)}"
    return _code_to_timestamp_pyc(compile(tree, name, "exec", dont_inherit=True))

root = Path("/packages")
for library in ("sympy", "mpmath"):
    for source in (root / library).rglob("*.py"):
        if b"__doc__" not in source.read_bytes():
            source.with_suffix(".pyc").write_bytes(without_docstrings(source))
            source.unlink()
compileall.compile_dir(root, quiet=2, legacy=True, stripdir="/packages", prependdir=PLACE)
for source in root.rglob("*.py"):
    if source.with_suffix(".pyc").exists():
        source.unlink()
with zipfile.ZipFile("/packages.zip", "w", zipfile.ZIP_STORED) as packed:
    for file in sorted(root.rglob("*")):
        if file.is_file():
            packed.write(file, file.relative_to(root).as_posix())
`);
writeFileSync(archive, python.FS.readFile("/packages.zip"));
