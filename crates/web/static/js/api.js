// Lists the operations of the OpenAPI document and sends them from this page, as whoever is logged in.
const list = document.getElementById("operations");

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** An empty body of a schema, to be filled in. */
function example(schema, schemas) {
  if (!schema) return null;
  if (schema.$ref) return example(schemas[schema.$ref.split("/").at(-1)], schemas);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" && schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, example(v, schemas)]));
  }
  return { string: "", integer: 0, number: 0, boolean: false, array: [] }[type] ?? null;
}

function field(form, parameter) {
  const id = `p${document.querySelectorAll("#operations input").length}`;
  form.append(make("label", `${parameter.name} (${parameter.in}) ${parameter.description ?? ""}`, { for: id }));
  const input = make("input", "", { id, name: parameter.name, autocomplete: "off", spellcheck: "false" });
  input.dataset.in = parameter.in;
  if (parameter.in === "path") input.required = true;
  form.append(input);
}

function operation(path, method, described, schemas) {
  const details = make("details");
  const summary = make("summary", `${method.toUpperCase()} ${path} `);
  summary.append(make("span", described.summary ?? "", { class: "muted" }));
  const form = make("form", "", { class: "stack" });
  for (const parameter of described.parameters ?? []) field(form, parameter);
  const [mime, content] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
  let body = null;
  if (mime && mime !== "multipart/form-data") {
    body = make("textarea", "", { rows: 6, "aria-label": mime, spellcheck: "false" });
    if (mime === "application/json") body.value = JSON.stringify(example(content.schema, schemas), null, 1);
    form.append(body);
  }
  const answer = make("pre", "", { tabindex: "0" });
  form.append(make("button", "Send"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    const headers = { accept: "application/json, application/problem+json" };
    for (const input of form.querySelectorAll("input")) {
      if (!input.value) continue;
      if (input.dataset.in === "path") url = url.replace(`{${input.name}}`, encodeURIComponent(input.value));
      else if (input.dataset.in === "header") headers[input.name] = input.value;
      else query.set(input.name, input.value);
    }
    if (mime) headers["content-type"] = mime;
    try {
      const got = await fetch(query.size ? `${url}?${query}` : url, { method, headers, body: body?.value });
      answer.textContent = `${got.status}\n${await got.text()}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  details.append(summary, make("p", described.description ?? ""), form, answer);
  return details;
}

const document_ = await (await fetch("/api/v1/openapi.json")).json();
const schemas = document_.components?.schemas ?? {};
list.replaceChildren(
  ...Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operation(path, method, described, schemas)),
  ),
);
