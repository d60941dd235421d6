// Menus are <details class="pop">: they open without a script. With one they also close by Escape
// (focus goes back to their button), by a click elsewhere and when focus leaves.
import { composing } from "./dialog.js";

const open = () => [...document.querySelectorAll("details.pop[open]")];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || composing(event)) return;
  for (const pop of open()) {
    pop.open = false;
    pop.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const pop of open()) if (!pop.contains(event.target)) pop.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const pop of open()) if (!pop.contains(event.target)) pop.open = false;
});
