// Practise: the course. A statement, an answer in whatever way one likes to give it, and a grade.

import { element, mount, readNumber, toText } from "./figure.js";
import { ask } from "./engine.js";
import { figureData, problem, tabs, typeset } from "./parts.js";

const MARKS = { new: "○", tried: "◐", solved: "●" };
const NAME = "handcalc.student";

export async function practise(page, [id]) {
  const count = element("summary", {});
  const lists = element("div", {});
  const room = element("section", { "aria-label": "The exercise" });
  const student = element("input", { type: "text", id: "student", value: localStorage.getItem(NAME) ?? "", maxlength: 80 });
  student.addEventListener("change", () => {
    localStorage.setItem(NAME, student.value.trim());
    open();
  });
  // whose numbers: those of a name, where one is given
  const who = () => (student.value.trim() ? ["--student", student.value.trim()] : []);
  const refresh = async () => {
    const { exercises, error } = await ask(["exercises"]);
    if (error) throw error; // the classroom shows its message
    count.textContent = `${exercises.filter(({ state }) => state === "solved").length} of ${exercises.length} solved`;
    const current = wanted(exercises, id)?.id;
    lists.replaceChildren(...byPart(exercises).flatMap(([part, there]) => [
      ...(part ? [element("h2", {}, part)] : []),
      element("ol", {}, ...there.map((each) => element("li", {}, link(each, current)))),
    ]));
    return exercises;
  };
  async function open() {
    const found = wanted(await refresh(), id);
    if (found) return exercise(room, found, who(), refresh);
    room.replaceChildren(element("h1", {}, "There is no such exercise"), element("p", {}, "Choose one from the list."));
  }
  const isWide = matchMedia("(min-width: 821px)").matches; // elsewhere the exercise comes first
  page.append(element("div", { class: "columns" },
    element("details", { class: "course", open: isWide }, count,
      element("nav", { "aria-label": "Exercises" },
        element("p", {}, element("label", { for: "student", class: "quiet" }, "Your name, for numbers of your own"), student),
        lists),
      keeping(refresh)),
    room));
  await open();
  page.querySelector('.course [aria-current]')?.scrollIntoView({ block: "nearest" });
}

// What the address names, else the first that is not solved. An address is no command: it only chooses.
const wanted = (exercises, id) =>
  (id === undefined ? exercises.find(({ state }) => state !== "solved") ?? exercises[0]
    : exercises.find((each) => id === each.id || id === String(each.position)));

function byPart(exercises) {
  const parts = new Map();
  for (const each of exercises) parts.set(each.part, [...(parts.get(each.part) ?? []), each]);
  return [...parts];
}

function link({ id, position, title, state }, current) {
  const mark = element("span", { role: "img", "aria-label": state }, MARKS[state] ?? MARKS.tried);
  const here = id === current ? { "aria-current": "true" } : {};
  return element("a", { href: `#/practise/${id}`, ...here }, mark, ` ${position}. ${title}`);
}

// -- one exercise ---------------------------------------------------------------------------------

async function exercise(room, { id }, who, changed) {
  const found = await ask(["exercise", id, ...who, "--typeset"]);
  if (found.error) return room.replaceChildren(problem(found.error));
  const form = answerForm(found, await figureData());
  const verdict = element("div", { "aria-live": "polite" });
  const help = element("div", { "aria-live": "polite" });
  const check = async (event) => {
    event.preventDefault();
    const graded = await asked(["exercise", id, ...form.options(), ...who, "--typeset"]);
    const exercises = await changed();
    verdict.replaceChildren(graded.error && !graded.page ? problem(graded.error)
      : element("div", { class: `verdict ${graded.status}` }, typeset(graded.page), onward(graded, exercises)));
  };
  const hint = element("button", { type: "button", onclick: async () => {
    const told = await asked(["hint", id, ...who, "--typeset"]);
    help.append(told.error ? problem(told.error)
      : element("div", {}, element("h2", {}, `Hint ${told.number} of ${told.of}`), typeset(told.page)));
    hint.disabled = !told.error && told.number === told.of;
    await changed();
  } }, "A hint");
  const solution = element("button", { type: "button", onclick: async () => {
    if (!confirm("Show the solution?")) return;
    const told = await asked(["solution", id, ...who, "--yes", "--typeset"]);
    help.append(told.error ? problem(told.error) : element("div", {}, element("h2", {}, "The solution"), typeset(told.page)));
    solution.disabled = true;
    await changed();
  } }, "The solution");
  room.replaceChildren(
    element("h1", {}, `${found.position}. ${found.title}`),
    typeset(found.page),
    element("form", { onsubmit: check }, form.node,
      element("div", { class: "row" }, element("button", { class: "main" }, "Check"), hint, solution)),
    verdict, help);
}

// Where to go from an exercise that is solved.
function onward({ status, position }, exercises) {
  const next = status === "solved" && exercises.find((each) => each.position > position && each.state !== "solved");
  return next ? element("p", {}, element("a", { href: `#/practise/${next.id}` }, `Next: ${next.position}. ${next.title}`)) : "";
}

const asked = (argv) => ask(argv).catch((error) => ({ error }));

// -- ways to answer -------------------------------------------------------------------------------

// A form for what an exercise asks: its node, and the options that say what stands in it.
function answerForm({ asked: what, example }, data) {
  if (what.kind === "model") return modelForm(what, data);
  if (what.kind === "choice") return choiceForm(what);
  if (what.kind === "matrices") return matricesForm(what);
  const names = { number: what.name, vector: `${what.name}, ${what.length} numbers`, interval: `${what.name}, two numbers` };
  const input = element("input", { type: "text", id: "answer", autocomplete: "off", spellcheck: "false", size: 34 });
  return {
    node: element("p", {}, element("label", { for: "answer" }, `${names[what.kind] ?? "Answer"} = `), input,
      element("span", { class: "quiet" }, ` such as ${example.answer}`)),
    options: () => [`--answer=${input.value}`],
  };
}

function cells(rows, columns, label) {
  const inputs = Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (__, j) =>
    element("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": `${label}, row ${i + 1}, column ${j + 1}` })));
  const node = element("div", { class: "matrix", style: `grid-template-columns: repeat(${columns}, auto)` }, ...inputs.flat());
  const read = () => inputs.map((row) => row.map(({ value }) => value.trim() || "0").join(" ")).join("; ");
  const write = (values) => inputs.forEach((row, i) => row.forEach((input, j) => (input.value = values[i]?.[j] ?? "")));
  return { node, read, write, touched: () => inputs.flat().some(({ value }) => value.trim()) };
}

const named = (name, node) => element("span", { class: "named" }, `${name} = `, node);

function modelForm({ features: n, dimensions: m, activation }, data) {
  const W = cells(n, m, "W");
  const b = cells(n, 1, "b");
  const text = { W: element("input", { type: "text", id: "W", size: 40 }), b: element("input", { type: "text", id: "b", size: 24 }) };
  const ways = [
    ["Cells", element("div", {}, element("p", { class: "quiet" }, "W, a row for each feature, and b. What is left blank is 0."),
      named("W", W.node), named("b", b.node)),
      () => (W.touched() || b.touched() ? [`--W=${W.read()}`, `--b=${b.read().replaceAll(";", "")}`] : ["--W="])],
    ["As text", element("div", {},
      element("p", {}, element("label", { for: "W" }, "W = "), text.W, element("span", { class: "quiet" }, " rows with ; between")),
      element("p", {}, element("label", { for: "b" }, "b = "), text.b, element("span", { class: "quiet" }, " zeros if left out"))),
      () => [`--W=${text.W.value}`, ...(text.b.value.trim() ? [`--b=${text.b.value}`] : [])]],
  ];
  if (m === 2 && n <= 6) {
    const arrows = element("div", {});
    let state = null;
    const zeros = Array(n).fill("0");
    const start = { W: Array.from({ length: n }, () => ["0", "0"]), b: zeros, x: zeros, S: "1/2", relu: activation === "relu" };
    mount(arrows, { ...data, state: start, presets: [], best: null, fixed: true }, (moved) => (state = moved));
    const spelled = (numbers) => numbers.map((each) => toText(readNumber(each))).join(" ");
    ways.push(["Arrows", arrows, () => [`--W=${state.W.map(spelled).join("; ")}`, `--b=${spelled(state.b)}`]]);
  }
  return tabbed(ways);
}

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
    options: () => ways[chosen][2](),
  };
}

function matricesForm({ matrices }) {
  const grids = matrices.map(({ name, rows, columns }) => ({ name, ...cells(rows, columns, name) }));
  const written = () => grids.map(({ name, read }) => `${name} = ${read()}`).join("\n");
  return {
    node: element("div", {}, ...grids.map(({ name, node }) => element("p", {}, named(name, node)))),
    options: () => [`--answer=${grids.some(({ touched }) => touched()) ? written() : ""}`],
  };
}

function choiceForm({ claims, reasons = [] }) {
  const options = (name, said, value) => said.map((text, k) => element("label", { class: "option" },
    element("input", { type: "radio", name, value: value(k) }), element("span", {}, text)));
  const form = element("div", {},
    element("fieldset", {}, element("legend", {}, "Which is true?"), ...options("claim", claims, (k) => String.fromCharCode(97 + k))),
    ...(reasons.length ? [element("fieldset", {}, element("legend", {}, "And why?"), ...options("reason", reasons, (k) => k + 1))] : []));
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value ?? "";
  return { node: form, options: () => [`--answer=${`${chosen("claim")} ${chosen("reason")}`.trim()}`] };
}

// -- progress out and in --------------------------------------------------------------------------

function keeping(changed) {
  const said = element("p", { role: "status", class: "quiet" });
  const out = element("button", { type: "button", onclick: async () => {
    const found = await asked(["progress", "--export=-"]);
    if (found.error) return said.replaceChildren(problem(found.error));
    const file = new Blob([found.content], { type: "application/json" });
    const link = element("a", { href: URL.createObjectURL(file), download: "handcalc-progress.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  } }, "Export");
  const file = element("input", { type: "file", id: "import", accept: ".json,application/json", hidden: true });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    const found = await chosen.text().then((text) => ask(["progress", "--import=-"], text)).catch((error) => ({ error }));
    file.value = ""; // so that the same file can be chosen again
    said.replaceChildren(found.error ? problem(found.error) : "Taken in.");
    if (!found.error) await changed();
  });
  const take = element("button", { type: "button", onclick: () => file.click() }, "Import");
  return element("div", {}, element("h2", {}, "Progress"), element("div", { class: "row" }, out, take, file), said);
}
