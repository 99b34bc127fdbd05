// Practise: the course, what was done in it, and one of its exercises.

import { element } from "./figure.js";
import { ask } from "./engine.js";
import { showExercise } from "./exercise.js";
import { problem } from "./shown.js";

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
  const kept = async (argv) => {
    const told = await asked([...argv, ...who, "--typeset"]);
    const exercises = await changed().catch(() => []); // the list waits for the next time: what was told is shown
    return { ...told, exercises };
  };
  showExercise(room, found, {
    grade: async (typed) => {
      const graded = await kept(["exercise", id, ...options(typed)]);
      return { ...graded, next: onward(graded) };
    },
    hint: () => kept(["hint", id]),
    solution: () => kept(["solution", id, "--yes"]),
  });
}

const options = (typed) => Object.entries(typed).map(([name, text]) => `--${name}=${text}`);

// Where to go from an exercise that is solved.
function onward({ status, position, exercises }) {
  const next = status === "solved" && exercises.find((each) => each.position > position && each.state !== "solved");
  return next ? element("p", {}, element("a", { href: `#/practise/${next.id}` }, `Next: ${next.position}. ${next.title}`)) : "";
}

const asked = (argv) => ask(argv).catch((error) => ({ error }));

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
