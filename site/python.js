// Python with all packages, as the page's worker starts it.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const PACKAGES = "/lib/python3.14/site-packages";
const ARCHIVE = "packages.bin"; // a tar in gzip; by this name no server unpacks it on the way
const FLINT = "libflint.bin"; // half of all that is compiled: by itself, while the rest comes; in gzip, too

// `told(loaded, total)` hears of the bytes that have come.
export async function startPython(env, told) {
  const { files } = await (await fetch("files.json")).json();
  const needed = Object.keys(files).filter((name) => name.startsWith("pyodide/") || name === ARCHIVE || name === FLINT);
  const total = needed.reduce((sum, name) => sum + files[name], 0);
  let loaded = 0;
  const came = (bytes) => told((loaded += bytes), total);
  const [python, archive, flint] = await Promise.all([
    loadPyodide({ indexURL: "./pyodide/", env }).then((python) => {
      came(needed.filter((name) => name.startsWith("pyodide/")).reduce((sum, name) => sum + files[name], 0));
      return python;
    }),
    unzipped(ARCHIVE, came).then(async (content) => new Uint8Array(await content.arrayBuffer())),
    unzipped(FLINT, came).then((content) => WebAssembly.compileStreaming(content)),
  ]);
  unpack(python.FS, archive);
  await link(python._module, `${PACKAGES}/python_flint.libs/libflint.so`, flint);
  return python;
}

// What a file in gzip holds, as it comes; by its name no server says what that is.
async function unzipped(name, came) {
  const counting = new TransformStream({
    transform(chunk, next) {
      came(chunk.length);
      next.enqueue(chunk);
    },
  });
  const { body } = await fetch(name);
  const content = body.pipeThrough(counting).pipeThrough(new DecompressionStream("gzip"));
  return new Response(content, { headers: { "Content-Type": "application/wasm" } });
}

// The files of a tar, each a part of it: nothing is copied.
function unpack(FS, tar) {
  const text = (at, length) => {
    const end = tar.indexOf(0, at);
    return new TextDecoder().decode(tar.subarray(at, Math.min(end, at + length)));
  };
  const made = new Set();
  for (let at = 0; tar[at]; ) {
    const [name, size, prefix] = [text(at, 100), parseInt(text(at + 124, 12), 8), text(at + 345, 155)];
    const path = `${PACKAGES}/${prefix}${prefix && "/"}${name}`;
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(folder)) FS.mkdirTree(folder);
    made.add(folder);
    FS.writeFile(path, tar.subarray(at + 512, at + 512 + size), { canOwn: true });
    at += 512 * (1 + Math.ceil(size / 512));
  }
}

// The library as Python will find it once a module asks for it.
async function link(module, path, code) {
  module.FS.writeFile(path, ""); // it is looked for there
  module.preloadedWasm[path] = await module.loadWebAssemblyModule(code, { loadAsync: true, nodelete: true }, path, {});
}
