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
}

/** Posts a form and says how it went. Resolves to whether it was saved. */
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
      tell(form, "saved", words.saved);
      if ("reset" in form.dataset) form.reset();
      return true;
    }
    tell(form, "failed", await reason(answer));
  } catch {
    tell(form, "failed", words.offline);
  } finally {
    if (submitter) submitter.disabled = false;
  }
  return false;
}

async function reason(answer) {
  try {
    const problem = await answer.json();
    const first = problem.errors?.[0];
    return `${words.failed}: ${first ? first.reason : problem.detail}`;
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
