// Bytecode beside every module of an archive, made by the very Python that will run it:
//   node compile.mjs PYODIDE_FOLDER ARCHIVE
// Without it the browser would compile a thousand files at every visit.

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
from py_compile import PycInvalidationMode

root = Path("/packages")
# which source a file was made from is not looked at again: the archive holds both
compileall.compile_dir(
    root, quiet=2, stripdir="/packages", prependdir="/lib/python3.14/site-packages",
    invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
)
with zipfile.ZipFile("/packages.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
    for file in sorted(root.rglob("*")):
        if file.is_file():
            packed.write(file, file.relative_to(root).as_posix())
`);
writeFileSync(archive, python.FS.readFile("/packages.zip"));
