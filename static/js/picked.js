// Rows chosen for one deed: the bar with their count, copying their numbers, asking PortOne about
// them, printing them. A row that PortOne's answer replaces stays chosen.
import { ask, place } from "./fragment.js";
import { say } from "./say.js";

const bar = document.querySelector("[data-picked]");
const chosen = new Set();
const boxes = () => [...document.querySelectorAll("[data-pick]")];

function show() {
  const all = document.querySelector("[data-pick-all]");
  for (const box of boxes()) box.checked = chosen.has(box.name);
  all.checked = chosen.size > 0 && chosen.size === boxes().length;
  all.indeterminate = chosen.size > 0 && !all.checked;
  bar.hidden = chosen.size === 0;
  bar.querySelector("[data-picked-count]").textContent = bar.dataset.count.replace("#", chosen.size);
  for (const button of bar.querySelectorAll("[data-copy-chosen]")) {
    const values = boxes().filter((box) => box.checked)
      .map((box) => box.closest("[data-row]").querySelector("[data-menu]").dataset[button.dataset.copyChosen]);
    button.dataset.copy = values.filter(Boolean).join("\n");
    button.dataset.copied = button.dataset.copiedMany.replace("#", values.filter(Boolean).length);
    button.disabled = !button.dataset.copy;
  }
}

function pick(box, on) {
  chosen[on ? "add" : "delete"](box.name);
}

// The row's box by key: `x` in orders.js.
export function togglePick(row) {
  const box = row.querySelector("[data-pick]");
  if (!bar || !box) return false;
  pick(box, !box.checked);
  show();
  return true;
}

async function askChosen(button) {
  if (bar.getAttribute("aria-busy") === "true") return;
  bar.setAttribute("aria-busy", "true");
  const parsed = await ask(bar.action, { body: new FormData(bar), background: false });
  bar.removeAttribute("aria-busy");
  if (parsed) place(parsed);
  else say(button.dataset.failed);
}

if (bar) {
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-pick]")) pick(target, target.checked);
    else if (target.matches("[data-pick-all]")) for (const box of boxes()) pick(box, target.checked);
    else return;
    show();
  });
  bar.addEventListener("submit", (event) => {
    if (!event.submitter?.matches("[data-ask-chosen]")) return;
    event.preventDefault();
    askChosen(event.submitter);
  });
  bar.querySelector("[data-print]").addEventListener("click", () => print());
  bar.querySelector("[data-unpick]").addEventListener("click", () => { chosen.clear(); show(); });
  document.addEventListener("fragment", show);
  // Coming back, the browser ticks the boxes again: before this script runs, or with the page.
  const adopt = () => {
    for (const box of boxes()) if (box.checked) pick(box, true);
    show();
  };
  addEventListener("pageshow", adopt);
  adopt();
}
