// A toy model of superposition to take hold of: arrows to drag, and every number exact.
//
// h = Wᵀx, z = Wh + b, x̂ = ReLU(z) or z, for n ≤ 6 features in the plane; the expected loss over
// independent sparse inputs, each 0 with probability S and otherwise uniform on [0, 1].
//
// No imports and no network. Numbers are a + b√d over BigInt, so that nothing is rounded but what
// is drawn. `render` is what anywidget calls; `mount` is the same for a page.

// -- numbers: (a + b√d)/q -------------------------------------------------------------------------

const gcd = (x, y) => {
  if (x < 0n) x = -x;
  if (y < 0n) y = -y;
  while (y) [x, y] = [y, x % y];
  return x;
};

function number(a, q = 1n, b = 0n, d = 0n) {
  if (q < 0n) [a, b, q] = [-a, -b, -q];
  const common = gcd(gcd(a, b), q);
  if (common > 1n) [a, b, q] = [a / common, b / common, q / common];
  return { a, b, q, d: b ? d : 0n };
}

const ZERO = number(0n);
const ONE = number(1n);
const TWO = number(2n);

const add = (x, y) => number(x.a * y.q + y.a * x.q, x.q * y.q, x.b * y.q + y.b * x.q, x.d || y.d);
const negate = (x) => ({ ...x, a: -x.a, b: -x.b });
const subtract = (x, y) => add(x, negate(y));
function multiply(x, y) {
  const d = x.d || y.d;
  return number(x.a * y.a + x.b * y.b * d, x.q * y.q, x.a * y.b + x.b * y.a, d);
}
function divide(x, y) {
  // by the conjugate: 1/(a + b√d) = (a − b√d)/(a² − b²d)
  return multiply(x, number(y.a * y.q, y.a * y.a - y.b * y.b * y.d, -y.b * y.q, y.d));
}
const sum = (numbers) => numbers.reduce(add, ZERO);
const dot = (x, y) => sum(x.map((each, k) => multiply(each, y[k])));
const isZero = (x) => x.a === 0n && x.b === 0n;

function signOf(a, b, d) {
  // of a + b√d: where the two disagree, the larger square has it
  if (a >= 0n && b >= 0n) return a || b ? 1 : 0;
  if (a <= 0n && b <= 0n) return -1;
  return a * a > b * b * d === a > 0n ? 1 : -1;
}
const sign = (x) => signOf(x.a, x.b, x.d);

export function toFloat(x) {
  const ratio = (a, q) => {
    const scale = 10n ** 20n; // long numbers overflow a float before they are divided
    return Number((a * scale) / q) / 1e20;
  };
  return ratio(x.a, x.q) + (x.b ? ratio(x.b, x.q) * Math.sqrt(Number(x.d)) : 0);
}

const MINUS = "−";

export function toText(x) {
  const part = (a, root) => {
    const [top, bottom] = [a < 0n ? -a : a, x.q];
    const common = gcd(top, bottom);
    const [p, q] = [top / common, bottom / common];
    const body = root ? (p === 1n ? root : p + root) : `${p}`;
    return q === 1n ? body : `${body}/${q}`;
  };
  if (!x.b) return (x.a < 0n ? MINUS : "") + part(x.a, "");
  const surd = part(x.b, `√${x.d}`);
  if (!x.a) return (x.b < 0n ? MINUS : "") + surd;
  return `${x.a < 0n ? MINUS : ""}${part(x.a, "")} ${x.b < 0n ? MINUS : "+"} ${surd}`;
}

const toDecimal = (x, digits = 4) => toFloat(x).toFixed(digits).replace("-", MINUS);

// A number as it comes from outside: "3/4", or ["1/4", "1/2", "3"] for 1/4 + √3/2.
export function readNumber(given) {
  if (Array.isArray(given)) {
    const [rational, factor] = given.slice(0, 2).map(readNumber);
    return add(rational, multiply(factor, number(0n, 1n, 1n, BigInt(given[2]))));
  }
  const [top, bottom = "1"] = String(given).replace(MINUS, "-").split("/");
  return number(BigInt(top), BigInt(bottom));
}

const writeNumber = (x) => {
  const ratio = (a) => {
    const found = number(a, x.q);
    return found.q === 1n ? `${found.a}` : `${found.a}/${found.q}`;
  };
  return x.b ? [ratio(x.a), ratio(x.b), `${x.d}`] : ratio(x.a);
};

// -- the model ------------------------------------------------------------------------------------

// Everything that follows from W, b, x and the activation.
export function forward({ W, b, x, relu }) {
  const gram = W.map((row) => W.map((other) => dot(row, other)));
  const h = [0, 1].map((k) => dot(W.map((row) => row[k]), x));
  const z = W.map((row, i) => add(dot(row, h), b[i]));
  const output = z.map((each) => (relu && sign(each) < 0 ? ZERO : each));
  const interference = gram.map((row, i) =>
    isZero(row[i])
      ? ZERO
      : divide(sum(row.map((g, j) => (j === i ? ZERO : multiply(g, g)))), row[i]),
  );
  return { gram, h, z, output, interference, difference: output.map((y, i) => subtract(y, x[i])) };
}

// E[(xᵢ − x̂ᵢ)²] for z = b + Σ aⱼxⱼ.
function squaredError(i, bias, overlaps, S, relu) {
  const p = subtract(ONE, S);
  if (!relu) return linearError(i, bias, overlaps, p);
  const present = divide(p, number(3n));
  const [kept, square] = clippedMoments(i, bias, overlaps, S);
  return add(present, multiply(TWO, subtract(square, kept)));
}

// E[(b + c·x)²] with c = a − eᵢ: E[xⱼ] = p/2, E[xⱼ²] = p/3, E[xⱼxₖ] = p²/4.
function linearError(i, bias, overlaps, p) {
  const c = overlaps.map((a, j) => (j === i ? subtract(a, ONE) : a));
  const total = sum(c);
  const squares = dot(c, c);
  const pairs = subtract(multiply(total, total), squares);
  return sum([
    multiply(bias, bias),
    multiply(multiply(bias, total), p),
    multiply(squares, divide(p, number(3n))),
    multiply(pairs, divide(multiply(p, p), number(4n))),
  ]);
}

// E[xᵢ R₁(z)] and E[R₂(z)], with R_k(t) = max(t, 0)^k / k!.
//
// One feature after the other is integrated by parts, ∫₀¹ R_k(c + ax) dx = (R_{k+1}(c + a) −
// R_{k+1}(c))/a, and ends at its upper or its lower end; each raises k by one, which is a factor t
// of a polynomial here. All overlaps are integers α over one denominator D: every power of D cancels but
// D^k, so that the walk over the 2ⁿ corners is made of integers alone, of Z or of Z[√d].
function clippedMoments(i, bias, overlaps, S) {
  const D = [bias, ...overlaps].reduce((q, each) => (q * each.q) / gcd(q, each.q), 1n);
  const d = [bias, ...overlaps].find((each) => each.b)?.d ?? 0n;
  const ring = d ? surdRing(d) : INTEGERS;
  const scaled = (x) => ring.of((x.a * D) / x.q, (x.b * D) / x.q);
  const [off, q] = [S.a, S.q]; // S = off/q, and p = on/q
  const on = q - off;
  const slopes = overlaps
    .map((a, j) => ({ own: j === i, alpha: scaled(a) }))
    .filter(({ alpha }) => !ring.isZero(alpha));
  const ownSlope = slopes.find(({ own }) => own)?.alpha;
  const highest = slopes.length + 3; // of the R that are reached
  const falling = [1n]; // highest!/m!, from m = highest down
  for (let m = highest; m > 0; m--) falling.unshift(falling[0] * BigInt(m));

  const times = (polynomial, constant, linear, quadratic) => {
    const product = new Array(polynomial.length + 2).fill(ring.zero);
    polynomial.forEach((c, k) => {
      if (ring.isZero(c)) return;
      [constant, linear, quadratic].forEach((factor, r) => {
        if (factor !== null) product[k + r] = ring.add(product[k + r], ring.multiply(c, factor));
      });
    });
    while (product.length > 1 && ring.isZero(product.at(-1))) product.pop();
    return product;
  };
  const moment = (k, withOwn) => {
    let total = ring.zero;
    const walk = (level, zeta, polynomial) => {
      if (level === slopes.length) {
        if (ring.sign(zeta) <= 0) return;
        let power = ring.one;
        for (let m = 0; m < k; m++) power = ring.multiply(power, zeta);
        polynomial.forEach((c, r) => {
          const factor = ring.multiply(c, ring.scale(power, falling[k + r]));
          total = ring.add(total, factor);
          power = ring.multiply(power, zeta);
        });
        return;
      }
      const { own, alpha } = slopes[level];
      const t = ring.of(on, 0n);
      const minus = ring.of(-on, 0n);
      if (own && withOwn) {
        // x itself is a factor: nothing is left where it is off, and both ends are over α²
        walk(level + 1, zeta, times(polynomial, null, null, t));
        walk(level + 1, ring.add(zeta, alpha), times(polynomial, null, ring.scale(alpha, on), minus));
      } else {
        walk(level + 1, zeta, times(polynomial, ring.scale(alpha, off), minus, null));
        walk(level + 1, ring.add(zeta, alpha), times(polynomial, null, t, null));
      }
    };
    walk(0, scaled(bias), [ring.one]);
    let under = ring.of(q ** BigInt(slopes.length) * D ** BigInt(k) * falling[0], 0n);
    for (const { own, alpha } of slopes) {
      under = ring.multiply(under, alpha);
      if (own && withOwn) under = ring.multiply(under, alpha);
    }
    return divide(ring.number(total), ring.number(under));
  };
  const square = moment(2, false);
  if (ownSlope !== undefined) return [moment(1, true), square];
  return [multiply(moment(1, false), number(on, 2n * q)), square]; // xᵢ is no part of z
}

const INTEGERS = {
  zero: 0n,
  one: 1n,
  of: (a) => a,
  add: (x, y) => x + y,
  multiply: (x, y) => x * y,
  scale: (x, factor) => x * factor,
  isZero: (x) => x === 0n,
  sign: (x) => (x > 0n ? 1 : x < 0n ? -1 : 0),
  number: (x) => number(x),
};

const surdRing = (d) => ({
  zero: [0n, 0n],
  one: [1n, 0n],
  of: (a, b) => [a, b],
  add: (x, y) => [x[0] + y[0], x[1] + y[1]],
  multiply: (x, y) => [x[0] * y[0] + x[1] * y[1] * d, x[0] * y[1] + x[1] * y[0]],
  scale: (x, factor) => [x[0] * factor, x[1] * factor],
  isZero: (x) => x[0] === 0n && x[1] === 0n,
  sign: (x) => signOf(x[0], x[1], d),
  number: (x) => number(x[0], 1n, x[1], d),
});

// The expected loss of each feature, and what it is made of: `costs[i][i]` is what feature i loses
// by itself, `costs[i][j]` what j costs it on top, `together` what several cost beyond that.
export function expectedLoss({ W, b, S, relu }) {
  const gram = W.map((row) => W.map((other) => dot(row, other)));
  const error = (i, letIn) =>
    squaredError(i, b[i], gram[i].map((g, j) => (letIn(j) ? g : ZERO)), S, relu);
  const losses = gram.map((_, i) => error(i, () => true));
  const costs = gram.map((row, i) => {
    const alone = error(i, (j) => j === i);
    return row.map((g, j) => {
      if (j === i) return alone;
      return isZero(g) ? ZERO : subtract(error(i, (k) => k === i || k === j), alone);
    });
  });
  const together = losses.map((loss, i) => subtract(loss, sum(costs[i])));
  return { loss: sum(losses), losses, costs, together };
}

// -- the state: what a reader sets ----------------------------------------------------------------

const GRID = 100n; // where a moved arrow stands: hundredths
const STEP = 5; // of a hundredth: how far a key or the pointer goes at once; with Shift, by one
const REACH = 150; // how far from 0 an arrow may go
const TWENTIETHS = 20;
const MOST = 6;

const hundredths = (count) => number(BigInt(count), GRID);
const nearest = (x) => Math.round(toFloat(x) * Number(GRID));
const isOnGrid = (x) => !x.b && GRID % x.q === 0n;
const onGrid = (x) => (isOnGrid(x) ? x : hundredths(nearest(x)));

export function readState({ W, b, x, S = "1/2", relu = true, name = null }) {
  return {
    W: W.map((row) => row.map(readNumber)),
    b: (b ?? W.map(() => "0")).map(readNumber),
    x: (x ?? W.map(() => "0")).map(readNumber),
    S: readNumber(S),
    relu,
    name,
  };
}

export function writeState({ W, b, x, S, relu, name }) {
  const all = (numbers) => numbers.map(writeNumber);
  return { W: W.map(all), b: all(b), x: all(x), S: writeNumber(S), relu, name };
}

// With arrow i at (u, v) hundredths: all arrows and biases go to the grid, so that every number is a fraction.
function moved(state, i, u, v) {
  const clamp = (count) => Math.max(-REACH, Math.min(REACH, count));
  const W = state.W.map((row, j) =>
    j === i
      ? [u, v].map((count) => hundredths(clamp(count)))
      : row.map(onGrid),
  );
  return { ...state, W, b: state.b.map(onGrid), name: null };
}

function resized(state, n) {
  const grown = (list, more) => list.slice(0, n).concat(Array(Math.max(0, n - list.length)).fill(more));
  const { W, b, x } = state;
  return { ...state, W: grown(W, [ZERO, ZERO]), b: grown(b, ZERO), x: grown(x, ZERO), name: null };
}

// -- elements -------------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";

export function fill(node, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children); // texts go in as texts, never as markup
  return node;
}

export const element = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);
const drawn = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

const LONGEST = 12; // signs of a fraction in a table; a longer one is a decimal, and says so

function shown(x) {
  const text = toText(x);
  if (text.length <= LONGEST) return text;
  return element("abbr", { title: text }, `≈ ${toDecimal(x, 6)}`);
}

// What is said of a place, as a screen reader should speak it.
const spoken = (x) => toText(x).replaceAll(MINUS, "minus ").replaceAll("√", "root ");

const COLOURS = ["#0072B2", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#D55E00"];
const INKS = ["#fff", "#111", "#111", "#111", "#111", "#111"]; // that are read on them

const STYLE = `
.handcalc-figure { --paper: light-dark(#fff, #15181d); --ink: light-dark(#1a1a1a, #f2f2f2);
  --faint: light-dark(#5f6570, #a4abb5); --line: light-dark(#d5d8dc, #3a4048); --wash: light-dark(#f4f5f7, #20252c);
  color-scheme: light dark; color: var(--ink); background: var(--paper); font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif;
  display: block; width: 100%; container: figure / inline-size; text-align: left }
.handcalc-figure .panels { display: grid; grid-template-columns: minmax(260px, 430px) minmax(0, 1fr); gap: 12px 28px; padding: 12px }
.handcalc-figure.light { color-scheme: light }
.handcalc-figure.dark { color-scheme: dark }
.handcalc-figure * { box-sizing: border-box }
.handcalc-figure .bar { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center }
.handcalc-figure .bar label { display: inline-flex; gap: 6px; align-items: center }
.handcalc-figure button, .handcalc-figure select { font: inherit; color: inherit; background: var(--wash);
  border: 1px solid var(--faint); border-radius: 4px; padding: 3px 9px; min-height: 30px }
.handcalc-figure svg { width: 100%; height: auto; touch-action: none; user-select: none; display: block }
.handcalc-figure svg text { font: 700 9px system-ui, "DejaVu Sans", sans-serif; text-anchor: middle }
.handcalc-figure svg .axis { fill: var(--faint); font-weight: 400 }
.handcalc-figure .grip { cursor: grab; }
.handcalc-figure g.grip:focus-visible { outline: none }
.handcalc-figure .grip:focus-visible .ring { stroke: var(--ink); stroke-width: 2 }
.handcalc-figure .scroll { overflow-x: auto; max-width: 100% }
.handcalc-figure :not(.pair) > .scroll { container-type: inline-size }
.handcalc-figure :not(.pair) > .scroll caption span { display: inline-block; position: sticky; left: 0; max-width: 100cqi }
.handcalc-figure table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 2px 0 14px }
.handcalc-figure caption { text-align: left; font-weight: 600; padding: 2px 0 }
.handcalc-figure th { font-weight: 600; color: var(--faint); white-space: nowrap }
.handcalc-figure th, .handcalc-figure td { padding: 2px 9px 2px 0; text-align: right }
.handcalc-figure th:first-child { text-align: left; min-width: 1.6em }
.handcalc-figure td { min-width: 3.4em; height: 29px; white-space: nowrap }
.handcalc-figure td:last-child { padding-right: 2px }
.handcalc-figure .pair > :first-child th:nth-child(n + 3) { text-align: left }
.handcalc-figure .pair { display: flex; flex-wrap: wrap; gap: 0 14px }
.handcalc-figure input[type="range"] { width: 84px; vertical-align: middle; margin: 0; accent-color: #0072b2 }
.handcalc-figure .set { display: inline-flex; align-items: center; gap: 6px }
.handcalc-figure .set output { min-width: 2.7em; text-align: left }
.handcalc-figure button:disabled { color: var(--faint); border-color: var(--line); cursor: default }
.handcalc-figure .loss { font-size: 1.15em; margin: 2px 0 }
.handcalc-figure .exactly { overflow-wrap: anywhere; min-height: 2.9em; margin: 0 0 4px }
.handcalc-figure .note, .handcalc-figure .keys { color: var(--faint); font-size: .92em; margin: 4px 0 }
.handcalc-figure abbr { text-decoration: underline dotted; cursor: help }
.handcalc-figure .off { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.handcalc-figure :focus-visible { outline: 2px solid var(--ink); outline-offset: 1px }
@container figure (max-width: 840px) { .handcalc-figure .panels { grid-template-columns: minmax(0, 1fr); padding: 12px 8px } }
@container figure (max-width: 720px) {
  .handcalc-figure input[type="range"] { width: 64px } }
@container figure (max-width: 480px) {
  .handcalc-figure td .set { flex-direction: column; align-items: flex-start; gap: 0; padding: 2px 0 }
  .handcalc-figure td .set output { min-width: 0 } }
`;

// -- the plane ------------------------------------------------------------------------------------

const UNIT = 100; // pixels of the drawing to a length of 1
const EDGE = 170;

function plane(figure) {
  const lines = [-1, -0.5, 0, 0.5, 1].flatMap((at) => {
    const [place, far] = [at * UNIT, EDGE - 10];
    const stroke = { stroke: "var(--line)", "stroke-width": at ? 0.6 : 1.2 };
    return [
      drawn("line", { x1: place, x2: place, y1: -far, y2: far, ...stroke }),
      drawn("line", { y1: place, y2: place, x1: -far, x2: far, ...stroke }),
    ];
  });
  const circle = drawn("circle", { r: UNIT, fill: "none", stroke: "var(--faint)", "stroke-dasharray": "3 3" });
  const axes = [
    drawn("text", { class: "axis", x: EDGE - 8, y: -5 }, "h₁"),
    drawn("text", { class: "axis", x: 9, y: -EDGE + 12 }, "h₂"),
  ];
  const best = drawn("g", { "aria-hidden": true });
  const image = drawn("path", { d: "M-6 0L0 -6L6 0L0 6Z", fill: "none", stroke: "var(--ink)", "stroke-width": 2 });
  const arrows = drawn("g", {});
  const svg = drawn(
    "svg",
    { viewBox: `${-EDGE} ${-EDGE} ${2 * EDGE} ${2 * EDGE}`, role: "group", "aria-label": "Arrows of the features" },
    drawn("g", { "aria-hidden": true }, ...lines, circle, ...axes), best, arrows,
    drawn("g", { "aria-hidden": true }, image),
  );
  let dragged = null;

  const place = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = (2 * EDGE) / box.width / UNIT;
    const step = event.shiftKey ? 1 : STEP;
    const counts = [event.clientX - box.left - box.width / 2, box.top + box.height / 2 - event.clientY];
    return counts.map((pixels) => Math.round((pixels * scale * Number(GRID)) / step) * step);
  };
  svg.addEventListener("pointermove", (event) => {
    if (dragged !== null) figure.change((state) => moved(state, dragged, ...place(event)));
  });
  const release = () => (dragged = null);
  svg.addEventListener("pointerup", release);
  svg.addEventListener("pointercancel", release);

  const KEYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const press = (event, i) => {
    const along = KEYS[event.key];
    if (!along && event.key !== "Home") return;
    event.preventDefault();
    const step = event.shiftKey ? 1 : STEP;
    figure.change((state) => {
      const at = state.W[i].map(nearest);
      return along ? moved(state, i, at[0] + step * along[0], at[1] + step * along[1]) : moved(state, i, 0, 0);
    });
  };

  const grips = [];
  const makeGrip = (i) => {
    const shaft = drawn("line", { stroke: COLOURS[i], "stroke-width": 4 });
    const head = drawn("path", { fill: COLOURS[i] });
    const badge = drawn("g", {},
      drawn("circle", { class: "ring", r: 9, fill: COLOURS[i], stroke: "var(--paper)", "stroke-width": 1.5 }),
      drawn("text", { y: 3.2, fill: INKS[i] }, `${i + 1}`),
      drawn("circle", { r: 17, fill: "transparent" })); // as large as a finger needs
    const grip = drawn("g", {
      class: "grip", tabindex: 0, role: "slider", "aria-label": `Arrow of feature ${i + 1}`,
      "aria-valuemin": -180, "aria-valuemax": 180,
      onkeydown: (event) => press(event, i),
      onpointerdown: (event) => {
        dragged = i;
        svg.setPointerCapture(event.pointerId);
        grip.focus({ preventScroll: true });
        event.preventDefault();
      },
    }, badge);
    arrows.append(shaft, head, grip);
    return { shaft, head, badge, grip };
  };

  const draw = (state, { h }, known) => {
    while (grips.length > state.W.length) Object.values(grips.pop()).forEach((node) => node.remove());
    while (grips.length < state.W.length) grips.push(makeGrip(grips.length));
    state.W.forEach((row, i) => {
      const { shaft, head, badge, grip } = grips[i];
      const [u, v] = row.map(toFloat);
      const [x, y, length] = [u * UNIT, -v * UNIT, Math.hypot(u, v) * UNIT];
      const [ex, ey] = length ? [x / length, y / length] : [0, 0];
      const neck = Math.max(0, length - 13);
      setAll(shaft, { x2: ex * neck, y2: ey * neck });
      head.setAttribute("d", length ? `M${x} ${y}L${ex * neck - ey * 6} ${ey * neck + ex * 6}L${ex * neck + ey * 6} ${ey * neck - ex * 6}Z` : "");
      // arrows of length 0 lie around the middle, so that each can be taken hold of
      const turn = (i * Math.PI) / 3;
      const aside = length ? [ex * 10, ey * 10] : [24 * Math.cos(turn), -24 * Math.sin(turn)];
      badge.setAttribute("transform", `translate(${x + aside[0]} ${y + aside[1]})`);
      setAll(grip, {
        "aria-valuenow": Math.round((Math.atan2(v, u) * 180) / Math.PI),
        "aria-valuetext": `${spoken(row[0])}, ${spoken(row[1])}`,
      });
    });
    const [hx, hy] = h.map(toFloat);
    image.setAttribute("transform", `translate(${hx * UNIT} ${-hy * UNIT})`);
    image.setAttribute("visibility", state.x.every(isZero) ? "hidden" : "visible");
    best.replaceChildren(...(known ?? []).map(([u, v], i) => drawn("line", {
      x2: u * UNIT, y2: -v * UNIT, stroke: COLOURS[i], "stroke-width": 2, "stroke-dasharray": "5 4" })));
  };
  return { svg, draw };
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

// -- the tables beside it -------------------------------------------------------------------------

// What scrolls sideways is a stop of Tab's, so that keys reach it; what fits is none.
export function scroller(node) {
  const watcher = new ResizeObserver(() => {
    if (node.scrollWidth > node.clientWidth + 1) node.tabIndex = 0;
    else node.removeAttribute("tabindex");
  });
  [node, ...node.children].forEach((each) => watcher.observe(each)); // what is in it grows by itself, too
  return node;
}

// A table with a row for each feature, and how its cells are written anew: [rows] of texts or nodes.
function table(caption, heads, rows) {
  const cells = rows.map((row) => row.map((cell) => element("td", {}, cell)));
  const node = scroller(element("div", { class: "scroll" }, element("table", {},
    element("caption", {}, element("span", {}, caption)),
    element("thead", {}, element("tr", {}, ...["i", ...heads].map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...cells.map((row, i) => element("tr", {},
      element("th", { scope: "row" }, `${i + 1}`), ...row))))));
  const write = (values) => values.forEach((row, i) => row.forEach((value, k) => cells[i][k].replaceChildren(value)));
  return { node, write };
}

function slider(label, [least, most], read, write) {
  const value = element("output", {});
  const input = element("input", { type: "range", min: least, max: most, step: 1, "aria-label": label });
  input.addEventListener("input", () => write(number(BigInt(input.value), BigInt(TWENTIETHS))));
  const update = (state) => {
    const x = read(state);
    if (document.activeElement !== input || !sliderShows(input, x)) input.value = Math.round(toFloat(x) * TWENTIETHS);
    input.setAttribute("aria-valuetext", spoken(x));
    value.textContent = toText(x);
  };
  return { node: element("span", { class: "set" }, input, value), update };
}

const sliderShows = (input, x) => Number(input.value) === Math.round(toFloat(x) * TWENTIETHS);

// The best loss known at this S: of linear models in closed form, of ReLU from the table, if it is there.
function bestKnown(state, table) {
  const n = state.W.length;
  if (!table) return null;
  if (!state.relu) {
    const p = subtract(ONE, state.S);
    const variance = subtract(divide(p, number(3n)), divide(multiply(p, p), number(4n)));
    const loss = multiply(number(BigInt(Math.max(0, n - 2))), variance);
    return { loss: toFloat(loss), said: `${toText(loss)}, of all linear models` };
  }
  if (n < 2) return { loss: 0, said: "0" };
  const found = table?.[n]?.[toText(state.S)];
  return found && { loss: Number(found.loss), said: `${found.loss} (${found.family})`, W: found.W };
}

// -- the whole figure -----------------------------------------------------------------------------

const PANELS = ["forward", "gram", "loss"];

// Build the figure in `node`. `data` has the `state` it begins with, `presets` (named states) and
// the table of the `best` losses known; `panels` is what stands beside the arrows. `onChange` hears
// of every state that the reader makes. Where it is `fixed`, neither the number of features nor the
// activation can be changed.
export function mount(
  node, { state: first, presets = [], best = null, note = "", fixed = false, panels = PANELS }, onChange = () => {},
) {
  const has = (panel) => panels.includes(panel);
  let state = readState(first);
  let waiting = false;
  let laysBest = false;

  const figure = {
    change(how) {
      state = how(state);
      if (!waiting) requestAnimationFrame(update); // one drawing a frame, whatever the pointer sends
      waiting = true;
    },
    get: () => writeState(state),
    set(given) {
      state = readState(given);
      update();
    },
  };

  const arrows = plane(figure);
  const chooser = element("select", { onchange: () => {
    const chosen = presets.find(({ name }) => name === chooser.value);
    if (chosen) figure.change(({ S }) => ({ ...readState(chosen), S }));
  } }, element("option", { value: "" }, "your own"), ...presets.map(({ name }) => element("option", { value: name }, name)));
  const relu = element("input", { type: "checkbox", onchange: () =>
    figure.change((s) => ({ ...s, relu: relu.checked, name: null })) });
  const fewer = element("button", { type: "button", "aria-label": "One feature fewer", onclick: () =>
    figure.change((s) => resized(s, s.W.length - 1)) }, MINUS);
  const more = element("button", { type: "button", "aria-label": "One feature more", onclick: () =>
    figure.change((s) => resized(s, s.W.length + 1)) }, "+");
  const count = element("output", {});
  const sparsity = slider("Sparsity S, the probability that a feature is off", [0, TWENTIETHS],
    ({ S }) => S, (S) => figure.change((s) => ({ ...s, S })));
  const beneath = element("input", { type: "checkbox", onchange: () => {
    laysBest = beneath.checked;
    update();
  } });
  const chosen = fixed ? [] : [
    element("label", {}, "Embedding", chooser),
    element("span", {}, "Features ", fewer, " ", count, " ", more),
    element("label", {}, relu, "ReLU"),
  ];
  const bar = element("div", { class: "bar" }, ...chosen,
    ...(has("loss") ? [element("label", {}, "S", sparsity.node)] : []),
    ...(best ? [element("label", {}, beneath, "best known, dashed")] : []));
  const status = element("p", { class: "note" });
  const left = element("div", {}, arrows.svg, status, element("p", { class: "keys" },
    "Drag an arrow, or choose it with Tab and move it with the arrow keys: by 1/20, with Shift by 1/100; Home makes it 0. " +
    "The diamond is h = Wᵀx."));
  const loss = element("p", { class: "loss" });
  const exactly = element("p", { class: "exactly" });
  const nextBest = element("p", { class: "note" });
  const tables = element("div", {});
  const live = element("div", { class: "off", "aria-live": "polite" });
  node.classList.add("handcalc-figure");
  const right = element("div", {}, ...(has("loss") ? [loss, exactly, nextBest] : []), tables);
  node.replaceChildren(element("style", {}, STYLE), element("div", { class: "panels" }, bar, left, right), live);

  let rows = []; // of sliders
  let set, out, gram, costs;
  const buildTables = (n) => {
    const blank = (columns) => Array.from({ length: n }, () => Array(columns).fill(""));
    const labels = Array.from({ length: n }, (_, i) => `${i + 1}`);
    rows = labels.map((label, i) => ({
      b: slider(`Bias of feature ${label}`, [-TWENTIETHS, TWENTIETHS], (s) => s.b[i],
        (value) => figure.change((s) => ({ ...s, b: s.b.with(i, value), name: null }))),
      x: slider(`Input x of feature ${label}`, [0, TWENTIETHS], (s) => s.x[i],
        (value) => figure.change((s) => ({ ...s, x: s.x.with(i, value) }))),
    }));
    set = table("What you set", ["Wᵢ", "b", "x"], rows.map(({ b, x }) => ["", b.node, x.node]));
    out = table("What comes out", ["z", "x̂", "x̂ − x", "interference"], blank(4));
    gram = table("G = W Wᵀ", labels, blank(n));
    // the whole comes first, where a narrow page has it in sight
    costs = table("What a feature loses: in all, of itself, to each other one, and to several together",
      ["E[(x − x̂)²]", ...labels.map((j) => `from ${j}`), "together"], blank(n + 2));
    const each = { forward: element("div", { class: "pair" }, set.node, out.node), gram: gram.node, loss: costs.node };
    tables.replaceChildren(...PANELS.filter(has).map((panel) => each[panel]));
  };

  function update() {
    waiting = false;
    const n = state.W.length;
    if (rows.length !== n) buildTables(n);
    const pass = forward(state);
    const known = bestKnown(state, best);
    arrows.draw(state, pass, laysBest ? known?.W : null);
    chooser.value = presets.some(({ name }) => name === state.name) ? state.name : "";
    relu.checked = state.relu;
    count.textContent = n;
    fewer.disabled = n <= 1;
    more.disabled = n >= MOST;
    beneath.disabled = !known?.W;
    sparsity.update(state);
    for (const { b, x } of rows) {
      b.update(state);
      x.update(state);
    }
    set.write(state.W.map((row) => [`(${row.map(toText).join(", ")})`]));
    out.write(rows.map((_, i) => [pass.z, pass.output, pass.difference, pass.interference].map((all) => shown(all[i]))));
    gram.write(pass.gram.map((row) => row.map(shown)));
    live.textContent = has("loss") ? writeLoss(known) : `h is ${pass.h.map(spoken).join(", ")}.`;
    const weights = [...state.W.flat(), ...state.b];
    status.textContent = note && state.name === first.name ? note
      : weights.some(({ b }) => b) ? "These numbers are surds. When you move an arrow, all of them go to the grid of hundredths."
      : state.name || !weights.every(isOnGrid) ? "" : "On the grid of hundredths: every number is a fraction.";
    onChange(figure.get());
  }

  // The loss beside the best known, and what it is made of; and how it is told.
  function writeLoss(known) {
    const found = expectedLoss(state);
    costs.write(found.costs.map((row, i) => [found.losses[i], ...row, found.together[i]].map(shown)));
    const total = toText(found.loss);
    loss.textContent = `Expected loss L ${total === "0" ? "= 0" : `≈ ${toDecimal(found.loss, 7)}`}`;
    exactly.textContent = total === "0" ? "" : `exactly ${total}`;
    nextBest.textContent = known ? `Best known at this S: ${known.said}${gap(toFloat(found.loss), known.loss)}` : "";
    return `Loss ${spoken(found.loss).length < 40 ? spoken(found.loss) : toDecimal(found.loss, 6)}.`;
  }

  update();
  return figure;
}

const gap = (own, best) => {
  if (!(best > 0)) return own > 0 ? "" : ": reached.";
  const percent = (100 * (own - best)) / best;
  return Math.abs(percent) < 0.0005 ? ": reached." : `; here it is ${percent.toFixed(percent < 10 ? 2 : 0)} % more.`;
};

// What anywidget calls: the state is shared with Python as fractions, never as floats.
export function render({ model, el }) {
  const node = el.appendChild(document.createElement("div"));
  node.classList.add(isDark(el) ? "dark" : "light");
  let told = null;
  const figure = mount(node, model.get("data"), (state) => {
    told = JSON.stringify(state);
    if (told === JSON.stringify(model.get("state"))) return;
    model.set("state", state);
    model.save_changes();
  });
  const follow = () => {
    const given = model.get("state");
    if (given && JSON.stringify(given) !== told) figure.set(given);
  };
  model.on("change:state", follow);
  return () => model.off("change:state", follow);
}

// Whether the notebook writes with light letters, whatever it calls its theme and its colours.
export function isDark(node) {
  const paint = document.createElement("canvas").getContext("2d");
  paint.fillStyle = getComputedStyle(node).color;
  paint.fillRect(0, 0, 1, 1);
  const [red, green, blue] = paint.getImageData(0, 0, 1, 1).data;
  return red + green + blue > 1.5 * 255;
}

export default { render };
