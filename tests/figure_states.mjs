// The figure's own arithmetic, for states on standard input: one JSON list in, one JSON list out.
import { readFileSync } from "node:fs";
import { expectedLoss, forward, readState, toText } from "../handcalc/views/html/figure.js";

const texts = (value) => (Array.isArray(value) ? value.map(texts) : toText(value));

function worked(given) {
  const state = readState(given);
  const { loss, losses, costs, together } = expectedLoss(state);
  return Object.fromEntries(
    Object.entries({ ...forward(state), loss, losses, costs, together }).map(([key, value]) => [key, texts(value)]),
  );
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(worked)));
