// Ctrl-K: find any site, device, incident, page or action and go there. Single keys, unless turned off (WCAG 2.1.4).
const dialog = document.getElementById("palette");
const list = document.getElementById("palette-list");
const query = document.getElementById("palette-query");
const keys = document.getElementById("keys");
let found = [];
let chosen = 0;
let asked = 0;
let timer = 0;

export function startPalette() {
  if (!dialog) return;
  const open = document.getElementById("palette-open");
  open.hidden = false;
  open.addEventListener("click", show);
  document.addEventListener("keydown", onKey);
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 60);
  });
  query.addEventListener("keydown", onQueryKey);
  list.addEventListener("click", (e) => go(e.target.closest("li")?.dataset.index));
  dialog.addEventListener("click", (e) => e.target === dialog && dialog.close());
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    dialog.open ? dialog.close() : show();
    return;
  }
  const typing = event.target.closest("input, textarea, select, dialog, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.singleKeys !== "true") return;
  if (event.key === "?") return keys.showModal();
  const field = event.key === "/" ? "[data-search]" : event.key === "n" ? "[data-note]" : null;
  const target = field && document.querySelector(field);
  if (target) {
    event.preventDefault();
    return target.focus();
  }
  const link = /^[a-z]$/.test(event.key) && document.querySelector(`.bar nav a[data-key="${event.key}"]`);
  if (link) link.click();
}

function show() {
  dialog.showModal();
  query.value = "";
  search();
}

/** The pages and what this page can do, which need no server. */
function local(text) {
  const links = [...document.querySelectorAll(".bar nav a, #palette-pages a, main h2 a[href^='/incidents/']")];
  const pages = links.map((a) => ({ label: a.firstChild.textContent.trim(), href: a.getAttribute("href"), hint: "" }));
  const actions = text ? [...document.querySelectorAll("[data-action]")].map((element) => ({ label: element.dataset.action, element })) : [];
  return unique([...pages, ...actions].filter((item) => item.label.toLowerCase().includes(text)));
}

/** The same place once, as it was found first. */
function unique(items) {
  const seen = new Set();
  return items.filter(({ href }) => !href || (!seen.has(href) && seen.add(href)));
}

async function search() {
  const text = query.value.trim();
  const mine = ++asked;
  draw(local(text.toLowerCase()), null);
  if (!text) return;
  try {
    const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(text)}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const { hits } = await answer.json();
    if (mine === asked) draw(unique([...local(text.toLowerCase()), ...hits]), list.dataset.none);
  } catch {
    if (mine === asked) draw(local(text.toLowerCase()), list.dataset.failed);
  }
}

function draw(items, whenEmpty) {
  found = items.slice(0, 20);
  chosen = 0;
  list.replaceChildren(
    ...found.map((item, index) => {
      const li = document.createElement("li");
      li.id = `hit-${index}`;
      li.role = "option";
      li.dataset.index = index;
      const label = document.createElement("span");
      label.textContent = item.label;
      const hint = document.createElement("small");
      hint.textContent = item.hint ?? "";
      li.append(label, hint);
      return li;
    }),
  );
  if (!found.length && whenEmpty) {
    const li = document.createElement("li");
    li.textContent = whenEmpty;
    list.append(li);
  }
  mark();
}

function mark() {
  [...list.children].forEach((li, i) => li.setAttribute("aria-selected", String(found.length > 0 && i === chosen)));
  if (found.length) query.setAttribute("aria-activedescendant", `hit-${chosen}`);
  else query.removeAttribute("aria-activedescendant");
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

function onQueryKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length) {
    event.preventDefault();
    chosen = (chosen + step + found.length) % found.length;
    mark();
  } else if (event.key === "Enter") {
    event.preventDefault();
    go(chosen);
  }
}

function go(index) {
  const item = found[index];
  if (item?.href) location.assign(item.href);
  else if (item) act(item.element);
}

/** Does what stands around the page; what changes an incident is only gone to, and done by whoever is there. */
function act(element) {
  dialog.close();
  if (!element.closest("main")) return element.click();
  element.scrollIntoView({ block: "center" });
  element.focus();
}
