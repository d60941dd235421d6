// Buttons with data-copy put it on the clipboard and say so.
import { say } from "./say.js";

const SHOWN_MS = 1600;

async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { /* not allowed: try the old way */ }
  }
  // Plain http on another PC of the shop is no secure context and has no clipboard of its own.
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const done = await copy(button.dataset.copy);
  button.focus();
  say(done ? button.dataset.copied : button.dataset.copyFailed);
  if (!done) return;
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), SHOWN_MS);
});
