// Walk: the named embeddings one after another, each with a question before it shows what comes out.

import { element, mount } from "./figure.js";
import { ask } from "./engine.js";
import { figureData } from "./parts.js";
import { typeset } from "./shown.js";
import { question } from "./question.js";

export async function walk(page, [name]) {
  const { embeddings } = await ask(["show"]);
  const place = Math.max(0, embeddings.findIndex((each) => each.name === name));
  const data = await figureData();
  const found = await ask(["show", embeddings[place].name, "--anyway", "--typeset"]);
  const preset = data.presets.find((each) => each.name === found.name);
  const room = element("div", {});
  const rest = element("div", { hidden: true }, room, typeset(found.page));
  const intro = element("div", {}, element("p", { class: "lead" }, found.story), element("p", { class: "quiet" }, found.drawing));
  const stops = embeddings.map((each, k) => element("li", {}, k === place ? element("strong", {}, each.title)
    : element("a", { href: `#/walk/${each.name}` }, each.title)));
  const steps = [[place - 1, "Back"], [place + 1, "On"]].filter(([k]) => embeddings[k]);
  page.append(
    element("h1", {}, found.title),
    element("div", { class: "columns" },
      element("nav", { class: "course", "aria-label": "The walk" }, element("ol", {}, ...stops)),
      element("div", {},
        intro,
        question(found.question, () => {
          intro.remove(); // all of it is told again, with the work
          rest.hidden = false;
          if (preset) mount(room, { ...data, state: { ...preset, S: "1/2" } });
        }),
        rest,
        element("p", { class: "row" }, ...steps.map(([k, word]) =>
          element("a", { href: `#/walk/${embeddings[k].name}` }, `${word}: ${embeddings[k].title}`))))));
}
