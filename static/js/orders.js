// Lists: a row opens its order, selects submit their form, j and k walk the rows, x chooses one.
import "./columns.js";
import { free } from "./keys.js";
import { togglePick } from "./picked.js";
import "./row-menu.js";

const rows = () => [...document.querySelectorAll("[data-row]")];
const link = (row) => row.querySelector("[data-row-link]");

// The whole row is the link's. Anything else in it that can be pressed stays its own, and so does
// text being selected. A click with Ctrl, Cmd or the middle button opens a tab, as on the link.
function opens(event) {
  const row = event.target.closest("[data-row]");
  if (!row || event.target.closest("a, button, summary, details, input, .c-pick")) return null;
  if (getSelection().type === "Range") return null;
  return link(row);
}

document.addEventListener("click", (event) => {
  const target = opens(event);
  if (!target) return;
  target.dispatchEvent(new MouseEvent("click", {
    bubbles: true, cancelable: true, view: window,
    ctrlKey: event.ctrlKey, metaKey: event.metaKey, shiftKey: event.shiftKey,
  }));
});

// Beside a small box is as good as on it.
document.addEventListener("click", ({ target }) => {
  if (target.matches("td.c-pick")) target.querySelector("input").click();
});

document.addEventListener("auxclick", (event) => {
  const target = event.button === 1 && opens(event);
  if (target) window.open(target.href, "_blank", "noopener");
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// Empty fields say nothing: they stay out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-tidy]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// Enter opens, wherever in the row the focus is; the form of the chosen ones has its buttons.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-pick]")) return;
  event.preventDefault();
  link(event.target.closest("[data-row]")).click();
});

document.addEventListener("keydown", (event) => {
  if (!free(event) || event.shiftKey || !["KeyJ", "KeyK", "KeyX"].includes(event.code)) return;
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement.closest("[data-row]"));
  if (event.code === "KeyX") {
    if (at >= 0 && togglePick(all[at])) event.preventDefault();
    return;
  }
  const next = event.code === "KeyJ" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0);
  event.preventDefault();
  link(all[next]).focus();
});
