// The demo's bar: picks a scenario and a speed without leaving the page, and says when what was picked begins.
import { save } from "./forms.js";
import { serverNow } from "./times.js";

export function startDemo() {
  const said = document.querySelector(".demo-begins");
  let begins = 0;
  for (const form of document.querySelectorAll("form[data-demo]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter;
      const answer = await save(form, button);
      if (!answer) return;
      for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      if (button.name !== "scenario" || !answer.ok) return;
      const { text, at_ms } = await answer.json();
      begins = at_ms ?? 0;
      said.textContent = text;
    });
  }
  if (said) setInterval(() => begins && serverNow() >= begins && ((begins = 0), (said.textContent = "")), 1000);
}
