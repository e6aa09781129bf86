// Turns one tree into another by moving as little as possible: nodes with an id keep their identity, and with it focus,
// scroll, selection and what a person has typed or opened.

/** Makes the children of `target` equal to those of `source`. */
export function morph(target, source) {
  const keyed = new Map();
  for (const child of target.children) if (child.id) keyed.set(child.id, child);
  let cursor = target.firstChild;
  for (const wanted of [...source.childNodes]) {
    let match = null;
    if (wanted.id && keyed.has(wanted.id)) match = keyed.get(wanted.id);
    else if (cursor && !cursor.id && !wanted.id && sameKind(cursor, wanted)) match = cursor;
    if (!match) {
      target.insertBefore(document.importNode(wanted, true), cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else target.insertBefore(match, cursor);
    update(match, wanted);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

function sameKind(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName;
}

function update(node, wanted) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
    return;
  }
  if (node.nodeName !== wanted.nodeName) {
    node.replaceWith(document.importNode(wanted, true));
    return;
  }
  // What the person holds is theirs: a field being edited, a form with something typed.
  if (node.matches("form") && isDirty(node)) {
    for (const hidden of node.querySelectorAll("input[type=hidden]")) {
      const newer = wanted.querySelector(`input[type=hidden][name="${hidden.name}"]`);
      if (newer) hidden.value = newer.value;
    }
    return;
  }
  if (node === document.activeElement && node.matches("input, select, textarea")) return;
  for (const { name } of [...node.attributes]) {
    if (!wanted.hasAttribute(name) && name !== "open" && name !== "aria-sort") node.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  morph(node, wanted);
}

function isDirty(form) {
  return [...form.elements].some((field) => {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.matches("select")) return [...field.options].some((o) => o.selected !== o.defaultSelected);
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  });
}
