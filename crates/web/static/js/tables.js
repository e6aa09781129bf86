// Sorting of a table by its heads. Numbers are read as people write them in both languages; unknown goes last.
export function startTables() {
  prepareTables(document);
  document.addEventListener("click", (event) => {
    const head = event.target.closest("table.sortable thead button")?.closest("th");
    if (!head) return;
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    sort(head);
  });
}

/** Makes the heads of sortable tables under `root` buttons. */
export function prepareTables(root) {
  for (const head of root.querySelectorAll("table.sortable thead th")) {
    if (head.querySelector("button") || !head.textContent.trim()) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
  }
}

/** Sorts again what the reader had sorted, after new rows came. */
export function sortAgain(root) {
  for (const head of root.querySelectorAll("thead th[aria-sort]")) sort(head);
}

function sort(head) {
  const rows = head.closest("table").tBodies[0];
  const column = head.cellIndex;
  const descending = head.getAttribute("aria-sort") === "descending";
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const keyed = [...rows.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
    const order = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key : collator.compare(a.key, b.key);
    return descending ? -order : order;
  });
  const inOrder = keyed.every(({ row }, i) => rows.rows[i] === row);
  if (!inOrder) rows.append(...keyed.map(({ row }) => row));
}

function keyOf(cell) {
  if (cell.querySelector(".unknown") && cell.children.length === 1) return null;
  const time = cell.querySelector("time");
  if (time) return Date.parse(time.dateTime);
  const text = cell.textContent.trim();
  if (text === "–" || text === "") return null;
  if (!cell.classList.contains("num")) return text;
  const scale = /(^|\s|\u202f)(m|M)(kr|[A-Z]{3})/.test(text) ? 1e6 : /(t|k)(kr|[A-Z]{3})/.test(text) ? 1e3 : 1;
  const decimalComma = document.documentElement.lang === "sv";
  const digits = text.replace(/[\s\u00a0\u202f]/g, "").replace("\u2212", "-");
  return parseFloat(decimalComma ? digits.replace(",", ".") : digits.replace(/,/g, "")) * scale;
}
