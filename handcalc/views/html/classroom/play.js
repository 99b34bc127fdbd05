// Play: a model to take hold of, and all that the engine can say about it.

import { element, mount } from "./figure.js";
import { figureData, inputOf, optionsOf, show, sparsityOf } from "./parts.js";
import { tabs } from "./shown.js";

const PAUSE = 350; // milliseconds without a change before the engine is asked

const TABS = [
  ["Forward pass", (state) => ["forward", ...optionsOf(state), inputOf(state)]],
  ["For every x", (state) => ["forward", ...optionsOf(state)]],
  ["Geometry", (state) => ["geometry", optionsOf(state)[0]]],
  ["Expected loss", (state) => ["loss", ...optionsOf(state), sparsityOf(state)]],
  ["Which way is down", (state) => ["loss", ...optionsOf(state), sparsityOf(state), "--gradient"]],
];

let kept = null; // what was dragged stays while one looks elsewhere

export async function play(page) {
  const data = await figureData();
  const room = element("div", {});
  const answer = element("div", { id: "answer" });
  let chosen = 0;
  let timer = null;

  const refresh = () => kept && show(answer, [...TABS[chosen][1](kept), "--anyway"]);
  const choose = (k) => {
    chosen = k;
    refresh();
  };

  page.append(
    element("h1", {}, "Play"),
    element("p", { class: "lead" },
      "A toy model squeezes more features than there are dimensions into a plane. Drag their arrows, set the bias and " +
      "the input, and see what comes out, and what it costs on average over random sparse inputs."),
    room,
    tabs("Worked out by the engine", TABS.map(([name]) => name), answer, choose),
    answer);
  mount(room, kept ? { ...data, state: kept } : data, (state) => {
    kept = state;
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
}
