// Python in a worker of the page: the same package, asked in the same words as at a terminal.

import { startPython } from "./python.js";

const STATE = "/state"; // the folder of progress, which the browser keeps, one for all its tabs

const starting = start();
let turn = starting.catch(() => {}); // one call after another; a start that failed is told to each

self.addEventListener("message", ({ data: { call, argv, input } }) => {
  turn = turn.then(async () => {
    try {
      const { python, answer } = await starting;
      self.postMessage({ call, ...await kept(python, () => answer(JSON.stringify({ argv, input: input ?? "" }))) });
    } catch (error) {
      self.postMessage({ call, error: `Python stopped: ${inShort(error)}` });
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
  const answer = python.runPython(BEGIN);
  self.postMessage({ loading: 1, of: 1 });
  return { python, answer };
}

// What a call answers, with Python's folder as the browser's store has it before, and the other way round after. Another
// tab waits meanwhile, so that neither undoes what the other has written. What cannot be kept costs no answer.
function kept(python, act) {
  return alone(async () => {
    const before = await synchronised(python, true).catch((error) => error);
    const [result] = act();
    const trouble = before ?? await synchronised(python, false).catch((error) => error);
    return { result, ...(trouble && { unkept: `This browser keeps no progress: ${inShort(trouble)}` }) };
  });
}

// Where a page comes over plain http from another machine, browsers have no locks.
const alone = (act) => (navigator.locks ? navigator.locks.request("handcalc progress", act) : act());

const synchronised = (python, populate) => new Promise((resolve, reject) => {
  python.FS.syncfs(populate, (error) => (error ? reject(error) : resolve()));
});

const inShort = (error) => String(error.message ?? error).trim().split("\n").at(-1).slice(0, 300); // not its whole trace

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
