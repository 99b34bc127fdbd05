// What is shown of an answer: a page that was typeset, tabs, and what was wrong with a question.

import { element, fill, scroller } from "./figure.js";

// What the engine typeset: its texts are escaped there, so that none of them is markup.
export function typeset(page) {
  const node = element("div", { class: "answer" });
  node.innerHTML = page ?? "";
  for (const code of node.querySelectorAll("pre")) {
    if (code.textContent.startsWith("handcalc ")) code.before(element("p", { class: "quiet" }, "At a terminal, with handcalc installed:"));
  }
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
  const { message: said, suggestion } = error;
  const message = said.replace(/^--[\w-]+: (.)/, (_, first) => first.toUpperCase()); // a page has no options
  const parts = [message, ...(suggestion ? [`\nTry: ${suggestion}`] : [])];
  return element("p", { class: "problem", role: "alert" }, ...parts);
}
