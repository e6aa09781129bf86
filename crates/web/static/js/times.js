// Keeps "4 min ago" and "12 min" current, by the server's clock: the browser's own may be wrong. Words come from the page.
const body = document.body;
let offset = Number(body.dataset.now) - Date.now();
const hour = body.dataset.hour;

/** The server's present, in milliseconds. */
export function serverNow() {
  return Date.now() + offset;
}

/** A moment of the browser's clock by the server's, in milliseconds. */
export function byServer(ms) {
  return ms + offset;
}

/** The server says what time it is: a demo's passes faster than ours. */
export function setServerNow(ms) {
  const off = ms - Date.now();
  const jumped = Math.abs(off - offset) > 2000;
  offset = off;
  if (jumped && !document.hidden) refreshTimes(document);
}

/** The same two-unit lengths as the server writes: `45 s`, `12 min`, `3 h 20 min`, `4 d 2 h`. */
export function length(ms) {
  const s = Math.floor(Math.abs(ms) / 1000);
  const two = (a, unit, b, small) => (b ? `${a}\u00a0${unit} ${b}\u00a0${small}` : `${a}\u00a0${unit}`);
  if (s < 60) return `${s}\u00a0s`;
  if (s < 3600) return `${Math.floor(s / 60)}\u00a0min`;
  if (s < 86400) return two(Math.floor(s / 3600), hour, Math.floor(s / 60) % 60, "min");
  return two(Math.floor(s / 86400), "d", Math.floor(s / 3600) % 24, hour);
}

function ago(at) {
  const passed = serverNow() - at;
  if (Math.abs(passed) < 5000) return body.dataset.agoNow;
  return (passed > 0 ? body.dataset.ago : body.dataset.ahead).replace("{}", length(passed));
}

/** Refreshes the times under `root`. */
export function refreshTimes(root) {
  const set = (element, text) => element.textContent !== text && (element.textContent = text);
  for (const element of root.querySelectorAll("[data-ago]:not(body)")) set(element, ago(Date.parse(element.dataset.ago)));
  for (const element of root.querySelectorAll("[data-age]")) {
    set(element, length(serverNow() - Date.parse(element.dataset.age)));
  }
  for (const element of root.querySelectorAll("[data-clock]")) set(element, clock(serverNow(), true));
}

/** Time of day in the zone of the page, whatever zone the browser is in. */
export function clock(ms, seconds) {
  const parts = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: body.dataset.zone };
  if (seconds) parts.second = "2-digit";
  return new Date(ms).toLocaleTimeString(document.documentElement.lang, parts);
}

export function startTimes() {
  setInterval(() => document.hidden || refreshTimes(document), 5000);
  document.addEventListener("visibilitychange", () => document.hidden || refreshTimes(document));
}
