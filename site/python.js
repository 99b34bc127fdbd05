// Python with all packages, as the page's worker starts it.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const PACKAGES = "/lib/python3.14/site-packages";
const ARCHIVE = "packages.bin"; // a tar in gzip; by this name no server unpacks it on the way
const FLINT = "libflint.wasm"; // half of all that is compiled: by itself, so that browsers keep its code

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
    unzipped(ARCHIVE, came),
    compiled(FLINT).then((code) => {
      came(files[FLINT]);
      return code;
    }),
  ]);
  unpack(python.FS, archive);
  await link(python._module, `${PACKAGES}/python_flint.libs/libflint.so`, flint);
  return python;
}

async function unzipped(name, came) {
  const counting = new TransformStream({
    transform(chunk, next) {
      came(chunk.length);
      next.enqueue(chunk);
    },
  });
  const { body } = await fetch(name);
  const content = body.pipeThrough(counting).pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(content).arrayBuffer());
}

// While it comes; after some visits the browser has its machine code at hand.
async function compiled(name) {
  try {
    return await WebAssembly.compileStreaming(fetch(name));
  } catch { // a server that does not say what it sends
    return WebAssembly.compile(await (await fetch(name)).arrayBuffer());
  }
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
