// Python in a worker of the page: the same package, asked in the same words as at a terminal.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const PACKAGES = "/lib/python3.14/site-packages";
const STATE = "/state"; // the folder of progress, which the browser keeps

const starting = start();
let turn = starting; // one call after another

self.addEventListener("message", ({ data: { call, argv, input } }) => {
  turn = turn.then(async () => {
    try {
      const { python, answer } = await starting;
      const [result] = answer(JSON.stringify({ argv, input: input ?? "" }));
      await synchronised(python, false);
      self.postMessage({ call, result });
    } catch (error) {
      const said = String(error.message ?? error).trim().split("\n").at(-1); // not its whole trace
      self.postMessage({ call, error: `Python stopped: ${said.slice(0, 300)}` });
    }
  });
});

async function start() {
  const { files } = await (await fetch("files.json")).json();
  const needed = Object.entries(files).filter(([name]) => name.startsWith("pyodide/") || name === "packages.zip");
  const total = needed.reduce((sum, [, size]) => sum + size, 0);
  const loaded = {};
  const fetched = async (name) => {
    const answer = await fetch(name);
    const reader = answer.body.getReader();
    const parts = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      loaded[name] = (loaded[name] ?? 0) + next.value.length;
      const sum = Object.values(loaded).reduce((a, b) => a + b, 0);
      self.postMessage({ loading: sum * 0.9, of: total, what: `Loading the engine, ${(total / 2 ** 20).toFixed(0)} MB once` });
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  };
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: "./pyodide/", env: { HANDCALC_STATE_DIR: STATE, HOME: "/home/pyodide" } }),
    fetched("packages.zip"),
  ]);
  python.unpackArchive(packages, "zip", { extractDir: PACKAGES });
  python.FS.mkdirTree(STATE);
  python.FS.mount(python.FS.filesystems.IDBFS, {}, STATE);
  await synchronised(python, true);
  const answer = python.runPython(BEGIN);
  self.postMessage({ loading: total, of: total });
  return { python, answer };
}

// Between Python's folder and the browser's own store: at the start from it, after each call to it.
const synchronised = (python, populate) => new Promise((resolve, reject) => {
  python.FS.syncfs(populate, (error) => (error ? reject(error) : resolve()));
});

const BEGIN = `
import json
from handcalc.cli.classroom.calls import answerer
from handcalc.cli.program import answer_in_json

def begin():
    answer = answerer(answer_in_json)
    def asked(text):
        call = json.loads(text)
        return answer((call["argv"], call["input"]))
    return asked

begin()
`;
