// An exercise in a notebook: what anywidget calls. Python grades; a request and its reply have one id.

import { element, isDark } from "./figure.js";
import { showExercise } from "./exercise.js";

const PATIENCE = 10_000; // milliseconds, behind which a reader should look at the kernel
const SILENT = "Python has not answered yet. Is its kernel running? If not, run this cell again.";

export function render({ model, el }) {
  const host = el.appendChild(element("div", { "data-lm-suppress-shortcuts": "true" })); // for JupyterLab
  host.classList.add(isDark(el) ? "dark" : "light");
  for (const kind of ["keydown", "keypress", "keyup"]) {
    host.addEventListener(kind, (event) => event.stopPropagation()); // a letter typed here is no key of the notebook
  }
  const room = element("section", { "aria-label": "Exercise" });
  const silence = element("p", { class: "problem", role: "status" }, SILENT);
  host.attachShadow({ mode: "open" }).append(element("style", {}, model.get("stylesheet")), room);

  const waiting = new Map();
  const ask = (what, typed = {}) => new Promise((resolve) => {
    const id = `${Math.random()}`;
    const timer = setTimeout(() => room.append(silence), PATIENCE);
    waiting.set(id, (told) => {
      clearTimeout(timer);
      silence.remove();
      resolve(told);
    });
    model.set("request", { id, what, typed });
    model.save_changes();
  });
  const hear = () => {
    const { id, ...told } = model.get("reply");
    waiting.get(id)?.(told);
    waiting.delete(id);
  };
  model.on("change:reply", hear);
  showExercise(room, model.get("found"), {
    grade: (typed) => ask("grade", typed), hint: () => ask("hint"), solution: () => ask("solution"),
  });
  return () => model.off("change:reply", hear);
}
