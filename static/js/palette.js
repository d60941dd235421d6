// The palette: one input and what it finds (a combobox with a list). The options are links and
// buttons of their own, so Ctrl-click and Ctrl-Enter open a tab as everywhere.
import { composing, open } from "./dialog.js";
import { ask } from "./fragment.js";

const PAUSE_MS = 150; // between two letters of one word nobody waits for an answer
const dialog = document.getElementById("palette");
const input = dialog.querySelector("[role=combobox]");
const said = dialog.querySelector("[data-said]");
const none = dialog.querySelector("[data-none]");
const failed = dialog.querySelector("[data-failed]");
const list = () => document.getElementById("palette-options");
const options = () => [...list().querySelectorAll("[role=option]")];
const current = () => list().querySelector('[aria-selected="true"]');
let running = null;
let timer = 0;
let listed = null; // the text whose options are shown

export function toggle() {
  if (dialog.open) return void dialog.close();
  open(dialog);
  input.value = "";
  input.focus();
  find();
}

async function find() {
  clearTimeout(timer);
  timer = 0;
  running?.abort();
  const mine = running = new AbortController();
  const text = input.value;
  const url = `${dialog.dataset.optionsUrl}?q=${encodeURIComponent(text)}`;
  const parsed = await ask(url, { background: false, signal: mine.signal });
  if (mine.signal.aborted) return;
  running = null;
  const fresh = parsed?.getElementById("palette-options");
  listed = fresh ? text : null;
  if (fresh) list().replaceWith(fresh);
  else list().replaceChildren(); // what was found for another text is no answer to this one
  choose(options()[0]);
  said.textContent = fresh ? fresh.dataset.said : failed.textContent;
  failed.hidden = Boolean(fresh);
  none.hidden = !fresh || Boolean(options().length);
  input.setAttribute("aria-expanded", String(Boolean(options().length)));
}

function choose(option) {
  current()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

// Enter right after the last letter means what was typed, not what was listed before it.
async function act(event) {
  if (timer || running) await find();
  if (listed !== input.value) return;
  current()?.dispatchEvent(new MouseEvent("click", {
    bubbles: true, cancelable: true, view: window, ctrlKey: event.ctrlKey, metaKey: event.metaKey,
  }));
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE_MS);
});

input.addEventListener("keydown", (event) => {
  if (composing(event)) return;
  const all = options();
  const at = all.indexOf(current());
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const last = all.length - 1;
    const round = event.key.startsWith("Arrow") ? (to + all.length) % all.length : to;
    if (all.length) choose(all[Math.min(Math.max(round, 0), last)]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    act(event);
  }
});

// The focus stays where the typing is.
dialog.addEventListener("mousedown", (event) => {
  if (event.target.closest("[role=option]")) event.preventDefault();
});
dialog.addEventListener("mousemove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option !== current()) choose(option);
});
