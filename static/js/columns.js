// The menu of columns: rows move in place; the form is sent once, by its button.
import { say } from "./say.js";

const form = document.querySelector("[data-columns]");

form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "move") return;
  event.preventDefault();
  const row = button.closest("li");
  if (button.value.startsWith("up-")) row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  const other = row.querySelector(`[name="move"]:not([value="${button.value}"])`);
  (getComputedStyle(button).visibility === "hidden" ? other : button).focus(); // at an end
  button.scrollIntoView({ block: "nearest" });
  const rows = [...form.querySelectorAll("li")];
  say(`${row.querySelector("label").innerText} ${rows.indexOf(row) + 1}/${rows.length}`);
});
