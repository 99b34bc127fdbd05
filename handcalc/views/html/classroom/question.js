// One question, answered before a page goes on; what is right came with it from the engine.

import { element } from "./figure.js";

// `then` is called once, as soon as something was answered, or nothing was to be.
export function question({ asked, options, most, right, verdicts }, then) {
  const kind = most > 1 ? "checkbox" : "radio";
  const inputs = options.map((text, k) => ({ k: k + 1, text, input: element("input", { type: kind, name: "prediction" }) }));
  const said = element("p", { role: "status" });
  const answer = element("button", { type: "submit", class: "main" }, "That is my prediction");
  const skip = element("button", { type: "button", onclick: () => finish("") }, "Just show it");
  const finish = (text) => {
    said.textContent = text;
    for (const control of [answer, skip, ...inputs.map(({ input }) => input)]) control.disabled = true;
    then();
  };
  const form = element("form", { onsubmit: (event) => {
    event.preventDefault();
    const named = inputs.filter(({ input }) => input.checked).map(({ k }) => k);
    if (kind === "radio" && !named.length) {
      said.textContent = "Choose first; or let it be shown.";
      return;
    }
    const isRight = named.length === right.length && named.every((k) => right.includes(k));
    finish(isRight ? verdicts.right : verdicts.wrong);
  } },
  element("fieldset", {}, element("legend", {}, asked),
    ...inputs.map(({ text, input }) => element("label", { class: "option" }, input, element("span", {}, text)))),
  element("div", { class: "row" }, answer, skip), said);
  return form;
}
