// What several parts of the classroom show: an answer of the engine, and what was wrong with a question.

import { element, fill, readNumber, scroller, toText } from "./figure.js";
import { ask } from "./engine.js";

// What the engine typeset: its texts are escaped there, so that none of them is markup.
export function typeset(page) {
  const node = element("div", { class: "answer" });
  node.innerHTML = page ?? "";
  node.querySelectorAll("pre, .formula, .table").forEach(scroller);
  return node;
}

// Tabs over one panel: Tab stops once, arrow keys go along, and the panel is called what its tab is.
export function tabs(label, names, panel, choose) {
  const buttons = names.map((name, k) => element("button", {
    type: "button", role: "tab", id: `${panel.id}-${k}`, "aria-controls": panel.id, onclick: () => pick(k) }, name));
  const pick = (k) => {
    buttons.forEach((button, j) => fill(button, { "aria-selected": String(j === k), tabindex: j === k ? "0" : "-1" }));
    panel.setAttribute("aria-labelledby", buttons[k].id);
    choose(k);
  };
  panel.setAttribute("role", "tabpanel");
  const last = buttons.length - 1;
  const along = { ArrowRight: (k) => (k < last ? k + 1 : 0), ArrowLeft: (k) => (k ? k - 1 : last), Home: () => 0, End: () => last };
  const press = (event) => {
    if (!along[event.key]) return;
    event.preventDefault();
    const k = along[event.key](buttons.indexOf(event.target));
    pick(k);
    buttons[k].focus();
  };
  pick(0);
  return element("div", { class: "tabs", role: "tablist", "aria-label": label, onkeydown: press }, ...buttons);
}

export function problem(error) {
  const { message, suggestion } = error;
  const parts = [message, ...(suggestion ? [`\nTry: ${suggestion}`] : [])];
  return element("p", { class: "problem", role: "alert" }, ...parts);
}

// Ask, and put the typeset answer or the refusal into `node`; an answer that was overtaken is dropped.
export async function show(node, argv) {
  const turn = (turns.get(node) ?? 0) + 1;
  turns.set(node, turn);
  let shown;
  try {
    const found = await ask([...argv, "--typeset"]);
    shown = found.error ? problem(found.error) : typeset(found.page);
  } catch (error) {
    shown = problem(error);
  }
  if (turns.get(node) === turn) node.replaceChildren(shown);
}

const turns = new WeakMap();

let loading = null;

// What every figure begins with: the named embeddings and the best losses known.
export function figureData() {
  loading ??= fetch("figure.json").then((answer) => answer.json());
  return loading;
}

const texts = (numbers) => numbers.map((each) => toText(readNumber(each))).map((text) => text.replaceAll(" ", ""));

// The options that say a state of the figure to a command.
export function optionsOf({ W, b, relu }) {
  return [
    `--W=${W.map((row) => texts(row).join(" ")).join("; ")}`,
    `--b=${texts(b).join(" ")}`,
    ...(relu ? [] : ["--linear"]),
  ];
}

export const inputOf = ({ x }) => `--x=${texts(x).join(" ")}`;
export const sparsityOf = ({ S }) => `--sparsity=${texts([S])[0]}`;
