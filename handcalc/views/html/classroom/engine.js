// Who answers a command line: the server that this page came from, or Python in a worker of the page.
// Both give what the command prints with --json, so that no page counts by itself what the engine can.

const here = new URL(".", location.href);
const served = document.querySelector('meta[name="engine"]')?.content !== "worker";

export class Refused extends Error {}

async function askServer(argv, input) {
  let answer;
  try {
    answer = await fetch("/call", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Handcalc-Token": here.pathname.split("/")[1] },
      body: JSON.stringify(input === undefined ? { argv } : { argv, input }),
    });
  } catch {
    throw new Refused("The classroom was closed: start it again with handcalc web.");
  }
  const found = await answer.json();
  if (!answer.ok) throw new Refused(found.error.message);
  return found.result;
}

const waiting = new Map();
let worker = null;
let calls = 0;

function startWorker() {
  if (worker) return; // a page that asked at once has begun it
  worker = new Worker("worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    if (data.loading !== undefined) return tell(data.loading, data.of, data.what);
    const { resolve, reject } = waiting.get(data.call);
    waiting.delete(data.call);
    if (data.error) return reject(new Refused(data.error));
    const found = JSON.parse(data.result);
    if (data.unkept) found.warnings = [...(found.warnings ?? []), data.unkept];
    resolve(found);
  });
  worker.addEventListener("error", () => {
    for (const { reject } of waiting.values()) reject(new Refused("Python could not be started: reload the page."));
    waiting.clear();
  });
}

function askWorker(argv, input) {
  startWorker();
  return new Promise((resolve, reject) => {
    waiting.set(++calls, { resolve, reject });
    worker.postMessage({ call: calls, argv, input });
  });
}

const status = document.getElementById("engine");

function tell(loaded, of, what) {
  if (loaded >= of) return status.replaceChildren("Python runs in this page");
  const bar = Object.assign(document.createElement("progress"), { value: loaded, max: of });
  bar.setAttribute("aria-label", "Loading the engine");
  status.replaceChildren(`${what} `, bar);
}

// What a command prints with --json; `input` is what stands on its standard input.
export const ask = served ? askServer : askWorker;

// Begin what takes time, if anything does, before the first question.
export function warm() {
  if (served) {
    status.textContent = "answered by this machine";
    return;
  }
  startWorker();
  navigator.serviceWorker?.register("offline.js"); // so that the next visit needs no network
}
