// One exercise: its statement, an answer in whatever way one likes to give it, its grade, and help.

import { element, mount, readNumber, toText } from "./figure.js";
import { problem, tabs, typeset } from "./shown.js";

// `found` is the exercise as data, with its `page`. `ask` answers with data, too: `grade` of what was typed, by the
// names of its parts, `hint` the next, `solution` the solution.
export function showExercise(room, found, ask) {
  const form = answerForm(found);
  const verdict = element("div", { "aria-live": "polite" });
  const help = element("div", { "aria-live": "polite", tabindex: -1 });
  const check = oneAtATime(async () => {
    const graded = await ask.grade(form.typed());
    verdict.replaceChildren(graded.error && !graded.page ? problem(graded.error)
      : element("div", { class: `verdict ${graded.status}` }, typeset(graded.page), graded.next ?? ""), ...notes(graded));
  });
  const hint = element("button", { type: "button", onclick: oneAtATime(async () => {
    const told = await ask.hint();
    help.append(told.error ? problem(told.error)
      : element("div", {}, element("h2", {}, `Hint ${told.number} of ${told.of}`), typeset(told.page)), ...notes(told));
    hint.disabled = !told.error && told.number === told.of;
  }) }, "A hint");
  const show = async () => {
    solution.disabled = true;
    sure.replaceChildren();
    const told = await ask.solution();
    help.append(told.error ? problem(told.error) : element("div", {}, element("h2", {}, "The solution"), typeset(told.page)),
      ...notes(told));
    help.focus(); // the button that had it is gone
  };
  // asked in the page: some notebooks have no window that could ask
  const sure = element("div", { "aria-live": "polite" });
  const leave = () => {
    sure.replaceChildren();
    solution.focus();
  };
  const question = element("p", { class: "row" }, "Show the solution? ",
    element("button", { type: "button", onclick: show }, "Show it"),
    element("button", { type: "button", onclick: leave }, "Not yet"));
  const solution = element("button", { type: "button", onclick: () => sure.replaceChildren(question) }, "The solution");
  const buttons = found.edition_of ? [] : [hint, solution]; // a student edition has neither
  room.replaceChildren(
    element(found.heading ?? "h1", {}, `${found.position}. ${found.title}`),
    typeset(found.page),
    element("form", { onsubmit: check }, form.node,
      element("div", { class: "row" }, element("button", { class: "main" }, found.edition_of ? "Read it" : "Check"), ...buttons),
      sure),
    verdict, help);
}

// What is clicked while the engine is asked is left alone.
function oneAtATime(act) {
  let isAsking = false;
  return async (event) => {
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    await act().finally(() => { isAsking = false; });
  };
}

// What went wrong in keeping what was done: it costs no grade.
const notes = ({ warnings = [] }) => warnings.map((text) => element("p", { class: "quiet" }, `Note: ${text}`));

// -- ways to answer -------------------------------------------------------------------------------

// A form for what an exercise asks: its node, and what stands in it, by the names of its parts.
function answerForm({ asked: what, example }) {
  if (what.kind === "model") return modelForm(what);
  if (what.kind === "choice") return tabbed([["Choices", ...choices(what)], asText(example.answer)]);
  if (what.kind === "matrices") return tabbed([["Cells", ...grids(what)], asText(namedLines(example))]);
  const names = { number: what.name, vector: `${what.name}, ${what.length} numbers`, interval: `${what.name}, two numbers` };
  const input = element("input", { type: "text", id: "answer", autocomplete: "off", spellcheck: "false", size: 34 });
  return {
    node: element("p", {}, element("label", { for: "answer" }, `${names[what.kind] ?? "Answer"} = `), input,
      element("span", { class: "quiet" }, ` such as ${example.answer}`)),
    typed: () => ({ answer: input.value }),
  };
}

function cells(rows, columns, label) {
  const inputs = Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (__, j) =>
    element("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": `${label}, row ${i + 1}, column ${j + 1}` })));
  const node = element("div", { class: "matrix", style: `grid-template-columns: repeat(${columns}, minmax(2.6em, 6.5em))` }, ...inputs.flat());
  const read = () => inputs.map((row) => row.map(({ value }) => value.trim() || "0").join(" ")).join("; ");
  return { node, read, touched: () => inputs.flat().some(({ value }) => value.trim()) };
}

const named = (name, node) => element("span", { class: "named" }, `${name} = `, node);

function modelForm({ features: n, dimensions: m, activation, x }) {
  const W = cells(n, m, "W");
  const b = cells(n, 1, "b");
  const text = { W: element("input", { type: "text", id: "W", size: 40 }), b: element("input", { type: "text", id: "b", size: 24 }) };
  const ways = [
    ["Cells", element("div", {}, element("p", { class: "quiet" }, "W, a row for each feature, and b. What is left blank is 0."),
      named("W", W.node), named("b", b.node)),
      () => (W.touched() || b.touched() ? { W: W.read(), b: b.read().replaceAll(";", "") } : { W: "" })],
    ["As text", element("div", {},
      element("p", {}, element("label", { for: "W" }, "W = "), text.W, element("span", { class: "quiet" }, " rows with ; between")),
      element("p", {}, element("label", { for: "b" }, "b = "), text.b, element("span", { class: "quiet" }, " zeros if left out"))),
      () => ({ W: text.W.value, ...(text.b.value.trim() && { b: text.b.value }) })],
  ];
  if (m === 2 && n <= 6) {
    const arrows = element("div", {});
    let state = null;
    const start = {
      W: Array(n).fill(["0", "0"]), b: Array(n).fill("0"), x: isDrawn(x) ? x : Array.from({ length: n }, (_, i) => `${5 - i}/5`),
      S: "1/2", relu: activation === "relu" };
    mount(arrows, { state: start, fixed: true }, (moved) => (state = moved));
    const spelled = (numbers) => numbers.map((each) => toText(readNumber(each))).join(" ");
    ways.push(["Arrows", arrows, () => ({ W: state.W.map(spelled).join("; "), b: spelled(state.b) })]);
  }
  return tabbed(ways);
}

// Whether the figure can begin with the input that an exercise names.
const isDrawn = (x) => x?.every((each) => /^\d+(\/\d+)?$/.test(each));

// One of several ways to answer, each under a tab of its own.
function tabbed(ways) {
  let chosen = 0;
  const room = element("div", { id: "way" });
  const choose = (k) => {
    chosen = k;
    room.replaceChildren(ways[k][1]);
  };
  return {
    node: element("div", {}, tabs("Ways to answer", ways.map(([name]) => name), room, choose), room),
    typed: () => ways[chosen][2](),
  };
}

// What the reader takes wherever it is typed: nothing of it is looked at here.
function asText(example) {
  const lines = example.split("\n").length;
  const text = element("textarea", { id: "text", rows: lines + 1, cols: 44, autocomplete: "off", spellcheck: "false" });
  return ["As text", element("div", {},
    element("p", {}, element("label", { for: "text" }, "The answer, as one types it. Such as"), element("code", { class: "example" }, example)),
    text), () => ({ answer: text.value })];
}

const namedLines = (texts) => Object.entries(texts).map(([name, text]) => `${name} = ${text}`).join("\n");

// The two parts of a way to answer: its node, and what stands in it.
function grids({ matrices }) {
  const all = matrices.map(({ name, rows, columns }) => ({ name, ...cells(rows, columns, name) }));
  const typed = () => namedLines(Object.fromEntries(all.map(({ name, read }) => [name, read()])));
  return [element("div", {}, ...all.map(({ name, node }) => element("p", {}, named(name, node)))),
    () => ({ answer: all.some(({ touched }) => touched()) ? typed() : "" })];
}

function choices({ claims, reasons = [] }) {
  const options = (name, said, value) => said.map((text, k) => element("label", { class: "option" },
    element("input", { type: "radio", name, value: value(k) }), element("span", {}, text)));
  const form = element("div", {},
    element("fieldset", {}, element("legend", {}, "Which is true?"), ...options("claim", claims, (k) => String.fromCharCode(97 + k))),
    ...(reasons.length ? [element("fieldset", {}, element("legend", {}, "And why?"), ...options("reason", reasons, (k) => k + 1))] : []));
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value ?? "";
  return [form, () => ({ answer: `${chosen("claim")} ${chosen("reason")}`.trim() })];
}
