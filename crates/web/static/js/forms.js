// Forms that save without leaving the page: `data-save`. Each shows queued, saved or failed; nothing typed is lost.
// Without this file the same form posts and the server redirects.
const sv = document.documentElement.lang === "sv";
const words = sv
  ? { queued: "Sparar …", saved: "Sparat", offline: "Inte sparat: ingen kontakt. Försök igen.", failed: "Inte sparat" }
  : { queued: "Saving …", saved: "Saved", offline: "Not saved: no contact. Try again.", failed: "Not saved" };

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-save]");
    if (!form) return;
    event.preventDefault();
    save(form, event.submitter);
  });
  // What was said of an earlier try is no longer so once something is changed.
  document.addEventListener("input", (event) => {
    const state = event.target.form?.querySelector('.form-state[data-state="failed"]');
    if (state) forget(state);
  });
}

function forget(state) {
  state.textContent = "";
  delete state.dataset.state;
}

/** Posts a form and says how it went. Resolves to the answer when it was saved, else to null. */
export async function save(form, submitter) {
  const fields = new URLSearchParams(new FormData(form, submitter));
  tell(form, "queued", words.queued);
  if (submitter) submitter.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { accept: "application/problem+json, text/html;q=0.5", "samband-fragment": "1" },
      redirect: "manual",
    });
    if (answer.ok || answer.type === "opaqueredirect") {
      for (const old of document.querySelectorAll('.form-state[data-state="failed"]')) forget(old);
      tell(form, "saved", words.saved);
      if ("reset" in form.dataset) form.reset();
      return answer;
    }
    tell(form, "failed", await reason(answer, form));
  } catch {
    tell(form, "failed", words.offline);
  } finally {
    if (submitter) submitter.disabled = false;
  }
  return null;
}

/** Why not, with the field named as its label names it. */
async function reason(answer, form) {
  try {
    const problem = await answer.json();
    const first = problem.errors?.[0];
    if (!first) return `${words.failed}: ${problem.detail}`;
    const label = form.elements.namedItem(first.field)?.labels?.[0]?.textContent.trim();
    return `${words.failed}: ${label ? `${label} ` : ""}${first.reason}`;
  } catch {
    return `${words.failed} (${answer.status})`;
  }
}

function tell(form, name, text) {
  const state = form.querySelector(".form-state") ?? form.parentElement.querySelector(".form-state");
  if (!state) return;
  state.dataset.state = name;
  state.textContent = text;
  clearTimeout(state.timer);
  if (name === "saved") state.timer = setTimeout(() => (state.textContent = ""), 5000);
}
