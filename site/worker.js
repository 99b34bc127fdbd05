// Python in a worker of the page: the same package, asked in the same words as at a terminal.

import { startPython } from "./python.js";

const STATE = "/state"; // the folder of progress, which the browser keeps

const starting = start();
let turn = starting.catch(() => {}); // one call after another; a start that failed is told to each

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
  const python = await startPython({ HANDCALC_STATE_DIR: STATE, HOME: "/home/pyodide" }, (loaded, total) => {
    const what = `Loading the engine, ${(total / 2 ** 20).toFixed(0)} MB once`;
    self.postMessage({ loading: loaded * 0.9, of: total, what });
  });
  python.FS.mkdirTree(STATE);
  python.FS.mount(python.FS.filesystems.IDBFS, {}, STATE);
  await synchronised(python, true);
  const answer = python.runPython(BEGIN);
  self.postMessage({ loading: 1, of: 1 });
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
