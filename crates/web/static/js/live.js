// Keeps the parts of a page current that say so: `data-live` is where a part is fetched from, `data-topics` what changes
// it. A part is replaced in place; not while a person is about to click in it, and never what they are typing.
import { LiveConnection } from "./live-connection.js";
import { morph } from "./morph.js";
import { byServer, clock, refreshTimes, setServerNow } from "./times.js";
import { prepareTables, sortAgain } from "./tables.js";

const GATHER_MS = 200;
const APART_MS = 1000;
const HOLD_MS = 1500;
/** Something below a part is about to be clicked so long after the pointer moved; but news is not kept longer than this. */
const AIM_MS = 600;
const HOLD_MOST_MS = 10_000;
const state = document.getElementById("live-state");
const parts = new Map();
let pointer = { x: -1, y: -1, moved: 0 };

export function startLive() {
  if (!state) return;
  const seq = Number(document.body.dataset.seq);
  const seen = (e) => (pointer = { x: e.clientX, y: e.clientY, moved: Date.now() });
  for (const name of ["pointermove", "pointerdown"]) addEventListener(name, seen, { passive: true });
  if (typeof SharedWorker === "function") {
    const worker = new SharedWorker(new URL("./live-worker.js", import.meta.url), { type: "module", name: "samband-live" });
    let answered = false;
    worker.port.onmessage = ({ data }) => {
      answered = true;
      hear(data);
    };
    worker.onerror = () => answered || new LiveConnection(seq, hear);
    worker.port.postMessage({ kind: "hello", seq });
    addEventListener("pagehide", () => worker.port.postMessage({ kind: "bye" }));
    addEventListener("pageshow", (e) => e.persisted && worker.port.postMessage({ kind: "hello", seq }));
  } else {
    new LiveConnection(seq, hear);
  }
}

function hear(message) {
  switch (message.kind) {
    case "state":
      showState(message);
      break;
    case "changed":
      if (message.now) setServerNow(message.now);
      announce(message.topics);
      break;
    case "resync":
      announce(null);
      break;
    case "refused":
      state.hidden = false;
      state.dataset.lost = "";
      state.textContent = state.dataset.outWord;
      break;
  }
}

function showState({ live, since }) {
  const text = live ? state.dataset.liveWord : state.dataset.lostWord.replace("{}", clock(byServer(since), true));
  state.toggleAttribute("data-lost", !live);
  if (state.textContent !== text) state.textContent = text;
  state.hidden = false;
}

/** Refetches every part that one of `topics` changes; all of them when `topics` is null. */
function announce(topics) {
  for (const element of document.querySelectorAll("[data-live]")) {
    const wants = (element.dataset.topics ?? "").split(" ");
    if (!topics || wants.some((topic) => topics.includes(topic))) schedule(element);
  }
  document.dispatchEvent(new CustomEvent("samband:changed", { detail: { topics } }));
}

function schedule(element) {
  const part = parts.get(element) ?? { fetched: 0, timer: 0 };
  parts.set(element, part);
  if (part.timer) return;
  const wait = Math.max(GATHER_MS, part.fetched + APART_MS - Date.now());
  part.timer = setTimeout(() => refresh(element, part), wait);
}

async function refresh(element, part) {
  part.timer = 0;
  part.fetched = Date.now();
  try {
    const answer = await fetch(element.dataset.live, { headers: { accept: "text/html" }, cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const parsed = new DOMParser().parseFromString(`<body>${await answer.text()}</body>`, "text/html");
    part.fresh = parsed.body;
    apply(element, part);
  } catch {
    // The connection says that it is not live; what was last known stays.
  }
}

/** Puts in the newest that was fetched; while held back, a newer one takes its place. */
function apply(element, part) {
  clearTimeout(part.held);
  part.heldSince ??= Date.now();
  const kept = Date.now() - part.heldSince < HOLD_MOST_MS;
  if (isAboutToClick(element) || (kept && wouldMove(element, part.fresh))) {
    part.held = setTimeout(() => apply(element, part), HOLD_MS / 3);
    return;
  }
  part.heldSince = null;
  if (!element.isConnected || !part.fresh) return;
  prepareTables(part.fresh);
  morph(element, part.fresh);
  part.fresh = null;
  sortAgain(element);
  refreshTimes(element);
}

/** Whether new contents would move what the pointer, just moved, is over: something below this part. */
function wouldMove(element, fresh) {
  if (!fresh || Date.now() - pointer.moved > AIM_MS) return false;
  const box = element.getBoundingClientRect();
  if (pointer.y < box.bottom || box.bottom < 0) return false;
  const trial = element.cloneNode(false);
  trial.removeAttribute("id");
  trial.removeAttribute("data-live");
  trial.setAttribute("aria-hidden", "true");
  trial.append(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  Object.assign(trial.style, { position: "absolute", visibility: "hidden", width: `${box.width}px` });
  element.after(trial);
  const height = trial.getBoundingClientRect().height;
  trial.remove();
  return Math.abs(height - box.height) > 1;
}

/** Whether the pointer has just moved over this part, or a list in it may be open. What is typed, `morph` leaves. */
function isAboutToClick(element) {
  const focused = document.activeElement;
  if (element.contains(focused) && focused.matches("select")) return true;
  if (Date.now() - pointer.moved > HOLD_MS) return false;
  const box = element.getBoundingClientRect();
  return pointer.x >= box.left && pointer.x <= box.right && pointer.y >= box.top && pointer.y <= box.bottom;
}
