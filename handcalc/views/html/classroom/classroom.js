// The classroom: one page, four parts, told apart by what stands behind the # of its address.

import { element } from "./figure.js";
import { warm } from "./engine.js";
import { play } from "./play.js";
import { practise } from "./practise.js";
import { walk } from "./walk.js";
import { best } from "./best.js";

const PARTS = new Map(Object.entries({ play, practise, walk, best })); // an address names no method of theirs
const main = document.getElementById("main");

async function open() {
  const [, part = "play", ...rest] = location.hash.split("/");
  const chosen = PARTS.has(part) ? part : "play";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${chosen}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const page = element("div", {});
  const waiting = element("p", { class: "quiet" }, "The engine is asked …");
  main.replaceChildren(page, waiting);
  document.title = `${chosen[0].toUpperCase()}${chosen.slice(1)} · handcalc`;
  try {
    await PARTS.get(chosen)(page, rest);
  } catch (error) {
    page.append(element("p", { class: "problem", role: "alert" }, error.message));
  }
  waiting.remove();
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // what stands behind the # is the part that is open
  main.focus();
});
addEventListener("hashchange", () => open().then(() => main.focus()));
open();
warm();
