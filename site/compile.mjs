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
import compileall, zipfile
from pathlib import Path

root = Path("/packages")
compileall.compile_dir(
    root, quiet=2, legacy=True, stripdir="/packages", prependdir="/lib/python3.14/site-packages",
)
for source in root.rglob("*.py"):
    if source.with_suffix(".pyc").exists():
        source.unlink()
with zipfile.ZipFile("/packages.zip", "w", zipfile.ZIP_STORED) as packed:
    for file in sorted(root.rglob("*")):
        if file.is_file():
            packed.write(file, file.relative_to(root).as_posix())
`);
writeFileSync(archive, python.FS.readFile("/packages.zip"));
