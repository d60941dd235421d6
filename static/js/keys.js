// `/` search, `g o` orders, `g r` refunds, `?` the list of keys, Ctrl/Cmd-K the palette; on an order's page
// `j` and `k` lead to the orders beside it. By the key's place (event.code), so a Korean layout does not
// matter; off during composition, and single keys also while typing, with Ctrl, Alt or Cmd, inside
// a dialog, and for whoever switched them off on the help page (WCAG 2.1.4).
import { composing } from "./dialog.js";

const OFF = "jangbu.keys.off";
const SECOND_KEY_MS = 1200;
const MAC = /^(Mac|iP)/.test(navigator.platform); // there Ctrl-K cuts to the end of a line
let afterG = 0;

const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };

// Whether a single key means something now; pages with keys of their own ask here, too.
export function free(event) {
  if (event.defaultPrevented || composing(event)) return false;
  if (event.ctrlKey || event.altKey || event.metaKey || off()) return false;
  if (document.querySelector("dialog[open]")) return false;
  return !event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

// Text in a form of the page that leaving would lose.
const halfWritten = () => [...document.querySelectorAll("main textarea")].some((area) => area.value !== area.defaultValue);

function go(event, address) {
  if (!address) return;
  event.preventDefault();
  location.assign(address);
}

async function openPalette(event) {
  const palette = document.getElementById("palette");
  const other = document.querySelector("dialog[open]:not(#palette)");
  if (!palette || other) return;
  event.preventDefault();
  (await import("./palette.js")).toggle();
}

async function showKeys(event, address) {
  if (!address) return;
  event.preventDefault();
  (await import("./key-list.js")).show(address);
}

function wantsPalette(event) {
  if (event.code !== "KeyK" || event.shiftKey || event.altKey || composing(event)) return false;
  return MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
}

if (MAC) for (const link of document.querySelectorAll("[data-keys-mac]")) link.querySelector("kbd").textContent = link.dataset.keysMac;

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open-palette]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) openPalette(event);
});

document.addEventListener("keydown", (event) => {
  if (wantsPalette(event)) return void openPalette(event);
  if (!free(event)) return;
  const { keyOrders, keyRefunds, keyHelp } = document.body.dataset;
  if (event.code === "Slash" && event.shiftKey) return void showKeys(event, keyHelp);
  if (event.code === "Slash") {
    const find = document.getElementById("find");
    if (!find) return;
    event.preventDefault();
    find.focus();
    find.select();
  } else if (event.code === "KeyG" && !event.shiftKey) {
    afterG = event.timeStamp;
  } else if (event.code === "KeyO" && event.timeStamp - afterG < SECOND_KEY_MS) {
    afterG = 0;
    go(event, keyOrders);
  } else if (event.code === "KeyR" && event.timeStamp - afterG < SECOND_KEY_MS) {
    afterG = 0;
    go(event, keyRefunds);
  } else if (!event.shiftKey && (event.code === "KeyJ" || event.code === "KeyK") && !halfWritten()) {
    const beside = document.querySelector(`[data-way="${event.code === "KeyJ" ? "next" : "prev"}"]`);
    if (beside) go(event, beside.href);
  }
});

// The switch stands on the help page and in the list of keys.
function showSwitch() {
  for (const box of document.querySelectorAll("[data-keys-off]")) box.checked = off();
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-keys-off]")) return;
  try { localStorage.setItem(OFF, target.checked ? "1" : "0"); } catch { /* it says so: unticked */ }
  showSwitch();
});
document.addEventListener("fragment", showSwitch);
showSwitch();
