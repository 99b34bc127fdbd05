// Best: the best embedding of three features in two dimensions at every S, and why it changes.

import { element, mount, toText, readNumber } from "./figure.js";
import { ask } from "./engine.js";
import { figureData } from "./parts.js";
import { problem, typeset } from "./shown.js";
import { question } from "./question.js";

const TWENTIETHS = 20;
const PAUSE = 250;
const DECIMALS = 8;
const NOTE = "These are the best arrows and biases, each at the nearest hundredth: so the loss here is exact for the arrows drawn, " +
  "and a little more than that of the best itself.";

export async function best(page) {
  const data = await figureData();
  const value = element("output", {});
  const slider = element("input", { type: "range", id: "S", min: 0, max: TWENTIETHS - 1, step: 1, value: 10 });
  const losses = element("div", { "aria-live": "polite" });
  const room = element("div", {});
  const answer = element("div", {});
  const sparsity = () => toText(readNumber(`${slider.value}/${TWENTIETHS}`));
  let turn = 0;

  const refresh = async () => {
    const mine = ++turn;
    const found = await ask(["show", "best", `--sparsity=${sparsity()}`, "--anyway", "--typeset"]).catch((error) => ({ error }));
    if (mine !== turn) return;
    if (found.error) return answer.replaceChildren(problem(found.error));
    losses.replaceChildren(comparison(found));
    mount(room, { ...data, note: NOTE, state: { ...onGrid(found), S: sparsity(), name: "nearest" } });
    answer.replaceChildren(typeset(found.page));
  };
  let timer = null;
  slider.addEventListener("input", () => {
    value.textContent = sparsity();
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  value.textContent = sparsity();

  const rest = element("div", { hidden: true },
    element("p", { class: "row" }, element("label", { for: "S" }, "Sparsity S"), slider, value), losses, room, answer);
  const along = await ask(["show", "best", "--anyway"]);
  page.append(
    element("h1", {}, "The best embedding of three features in two dimensions"),
    element("p", { class: "lead" },
      "Each feature is off with probability S, and otherwise uniform on [0, 1]. Which arrows lose least on average? " +
      "It depends on how often features are on together."),
    question(along.question, () => {
      rest.hidden = false;
      refresh();
    }),
    rest);
}

// The losses of both shapes as bars, with their numbers.
function comparison({ losses, change, family }) {
  const most = Math.max(...Object.values(losses).map(value));
  const rows = Object.entries(losses).map(([name, loss]) => element("tr", {},
    element("th", { scope: "row" }, name), element("td", {}, value(loss).toFixed(DECIMALS)),
    element("td", {}, element("meter", { min: 0, max: most, value: value(loss), "aria-label": `Loss of ${name}` })),
    element("td", {}, name === family ? "the best" : "")));
  const caption = element("caption", {}, `The least loss of either shape, rounded to ${DECIMALS} decimals`);
  return element("div", {}, element("table", { class: "losses" }, caption, element("tbody", {}, ...rows)),
    element("p", { class: "quiet" }, `The two lose the same at S = ${Number(change.sparsity).toFixed(10)}: below it the triangle is best, above it the pair.`));
}

// The best has algebraic numbers of a high degree: the figure takes the nearest hundredths.
function onGrid({ W, b, activation }) {
  const nearest = (text) => `${Math.round(value(text) * 100)}/100`;
  return { W: W.map((row) => row.map(nearest)), b: b.map(nearest), x: ["0", "0", "0"], relu: activation === "relu" };
}

// Of a decimal, or of a fraction with one square root: -3*sqrt(3)/20.
function value(text) {
  const [, minus, top, root, bottom] = /^(-?)([\d.]*)\*?(?:sqrt\((\d+)\))?(?:\/(\d+))?$/.exec(text);
  return ((minus ? -1 : 1) * Number(top || 1) * Math.sqrt(Number(root ?? 1))) / Number(bottom ?? 1);
}
