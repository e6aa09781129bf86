// Expected as a thin line in its band, actual as a solid area, missing as hatching: never as zero. Data comes from
// /api/v1/history: {unit, step_s, t[], actual[], expected[], unheard[], low[], high[], now}; null means "not heard".
import { clock, serverNow } from "./times.js";

const REFRESH_MS = 10_000;
const lang = document.documentElement.lang;

/** On paper a chart has this size and these colours, whatever the screen shows. */
const PRINTED = {
  width: 660, height: 240, ink: "#000", soft: "#333", line: "#bbb", actual: "#5b87b0", fill: "#bcd0e2", expected: "#000",
  band: "#0000001f", missing: "#555", accent: "#000",
};

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    ink: of("--ink"), soft: of("--soft"), line: of("--line"), actual: of("--actual"), fill: of("--actual-fill"),
    expected: of("--expected"), band: of("--band"), missing: of("--missing"), accent: of("--accent"),
  };
}

/** Stretches of time where something was expected by now and nothing was heard: [[from, to], ...]. */
export function missingStretches(d) {
  const stretches = [];
  d.t.forEach((end, i) => {
    if (d.actual[i] !== null || end > d.now || d.expected[i] === null) return;
    const last = stretches.at(-1);
    const start = end - d.step_s;
    if (last && last[1] >= start) last[1] = end;
    else stretches.push([start, end]);
  });
  return stretches;
}

/** Where some are not heard: between what is sold and what would be, were they selling as expected, over whole intervals: [[time, low, high], ...] each. */
export function partlyMissing(d) {
  const runs = [];
  d.t.forEach((end, i) => {
    const missing = d.actual[i] === null ? 0 : (d.unheard?.[i] ?? 0);
    if (!(missing > 0.01 * d.expected[i])) return;
    const start = end - d.step_s;
    const levels = [d.actual[i], d.actual[i] + missing];
    const last = runs.at(-1);
    const run = last && last.at(-1)[0] === start ? last : runs[runs.push([]) - 1];
    run.push([start, ...levels], [end, ...levels]);
  });
  return runs;
}

function hatch(u, d, c) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  for (const [from, to] of missingStretches(d)) {
    const left = Math.max(u.valToPos(from, "x", true), bbox.left);
    const right = Math.min(u.valToPos(to, "x", true), bbox.left + bbox.width);
    if (right > left) ctx.rect(left, bbox.top, Math.max(right - left, 3 * ratio), bbox.height);
  }
  for (const run of partlyMissing(d)) {
    const x = (time) => Math.min(Math.max(u.valToPos(time, "x", true), bbox.left), bbox.left + bbox.width);
    const at = ([time, , high], low) => [x(time), u.valToPos(low ?? high, "y", true)];
    run.forEach((p, i) => (i ? ctx.lineTo(...at(p)) : ctx.moveTo(...at(p))));
    run.toReversed().forEach((p) => ctx.lineTo(...at(p, p[1])));
    ctx.closePath();
  }
  ctx.clip();
  ctx.strokeStyle = c.missing;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (let x = bbox.left - bbox.height; x < bbox.left + bbox.width; x += 6 * ratio) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

function nowLine(u, d, c) {
  const x = Math.round(u.valToPos(d.now, "x", true));
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
  u.ctx.save();
  u.ctx.strokeStyle = c.soft;
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  u.ctx.beginPath();
  u.ctx.moveTo(x, u.bbox.top);
  u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
  u.ctx.stroke();
  u.ctx.restore();
}

const number = new Intl.NumberFormat(lang, { maximumSignificantDigits: 3, notation: "standard" });
const zone = document.body.dataset.zone;

function options(figure, box, holder) {
  const c = holder.printing ? PRINTED : colours();
  const words = figure.dataset;
  const readout = figure.querySelector(".chart-readout");
  const paths = uPlot.paths.stepped({ align: 1 });
  const axis = { stroke: c.soft, font: "12px system-ui, sans-serif", grid: { stroke: c.line, width: 1 }, ticks: { show: false } };
  return {
    width: c.width ?? box.clientWidth,
    height: c.height ?? box.clientHeight,
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: false },
    tzDate: (t) => uPlot.tzDate(new Date(t * 1000), zone),
    scales: { x: { time: true }, y: { range: (u, low, high) => [0, Math.max(high, 1e-9) * 1.05] } },
    axes: [
      { ...axis, size: 28, space: 64, values: (u, ticks) => ticks.map((t) => clock(t * 1000)) },
      { ...axis, size: 48, space: 40, label: holder.data.unit, labelSize: 20, labelFont: axis.font, values: (u, ticks) => ticks.map((v) => number.format(v)) },
    ],
    series: [
      {},
      { label: words.band, stroke: "transparent", paths, points: { show: false } },
      { label: words.band, stroke: "transparent", paths, points: { show: false } },
      { label: words.actual, stroke: c.actual, fill: c.fill, width: 2, spanGaps: false, paths, points: { show: false } },
      { label: words.expected, stroke: c.expected, width: 1, paths, points: { show: false } },
    ],
    bands: [{ series: [1, 2], fill: c.band }],
    hooks: {
      drawAxes: [(u) => hatch(u, holder.data, c)],
      draw: [(u) => nowLine(u, holder.data, c)],
      setCursor: [
        (u) => {
          const d = holder.data;
          const at = u.posToVal(u.cursor.left, "x");
          const i = u.cursor.left < 0 ? -1 : d.t.findIndex((end) => end > at);
          if (i < 0) return (readout.textContent = "");
          const say = (v) => (v === null ? words.missing : number.format(v));
          const actual = d.t[i] > d.now && d.actual[i] === null ? "" : `${words.actual} ${say(d.actual[i])} · `;
          const part = d.actual[i] !== null && d.unheard?.[i] > 0.01 * d.expected[i];
          const missing = part ? ` · ${words.missing} ${number.format(d.unheard[i])}` : "";
          const span = `${clock((d.t[i] - d.step_s) * 1000)}–${clock(d.t[i] * 1000)}`;
          readout.textContent = `${span}  ${actual}${words.expected} ${say(d.expected[i])}${missing} ${d.unit}`;
        },
      ],
    },
  };
}

/** Each value stands over its whole interval, from its beginning on; the last ends at its end, or now. */
const columns = (d) => {
  const last = Math.min(d.t.at(-1), Math.max(d.now, d.t.at(-1) - d.step_s));
  const held = (values) => [...values, values.at(-1)];
  return [[...d.t.map((end) => end - d.step_s), last], held(d.high), held(d.low), held(d.actual), held(d.expected)];
};

async function load(figure) {
  const answer = await fetch(figure.dataset.chart, { cache: "no-store" });
  if (!answer.ok) throw new Error(`history answered ${answer.status}`);
  return answer.json();
}

async function start(figure) {
  const box = figure.querySelector(".chart-canvas");
  const readout = figure.querySelector(".chart-readout");
  const holder = { data: null, printing: false };
  let plot = null;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(options(figure, box, holder), columns(holder.data), box);
  };
  const refresh = async () => {
    try {
      holder.data = await load(figure);
      if (readout.textContent === figure.dataset.failed) readout.textContent = "";
      const same = plot?.axes[1].label === holder.data.unit;
      same ? plot.setData(columns(holder.data)) : draw();
    } catch {
      readout.textContent = figure.dataset.failed;
    }
  };
  await refresh();
  let refreshed = serverNow();
  document.addEventListener("samband:changed", ({ detail }) => {
    const due = !detail.topics || detail.topics.includes("ticks");
    if (!due || document.hidden || serverNow() - refreshed < REFRESH_MS) return;
    refreshed = serverNow();
    refresh();
  });
  const print = (printing) => {
    holder.printing = printing;
    if (holder.data) draw();
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  new ResizeObserver(() => holder.printing || plot?.setSize({ width: box.clientWidth, height: box.clientHeight })).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => holder.data && draw());
}

for (const figure of document.querySelectorAll("[data-chart]")) start(figure);
