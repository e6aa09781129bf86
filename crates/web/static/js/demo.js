// The demo's bar: picks a scenario and a speed without leaving the page.
import { save } from "./forms.js";

export function startDemo() {
  for (const form of document.querySelectorAll("form[data-demo]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (!(await save(form, button))) return;
      for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    });
  }
}
