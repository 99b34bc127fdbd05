// What several parts of the classroom ask of the engine, and how a figure says what stands in it.

import { readNumber, toText } from "./figure.js";
import { ask } from "./engine.js";
import { problem, typeset } from "./shown.js";

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
