// `/` search, `g o` orders, `g r` refunds, `?` help. By the key's place (event.code), so a Korean layout does not
// matter; off while typing, during composition, with Ctrl, Alt or Cmd, inside a dialog, and for
// whoever switched single keys off on the help page (WCAG 2.1.4).

const OFF = "jangbu.keys.off";
const SECOND_KEY_MS = 1200;
let afterG = 0;

const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };

// Whether a single key means something now; pages with keys of their own ask here, too.
export function free(event) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.altKey || event.metaKey || off()) return false;
  if (document.querySelector("dialog[open]")) return false;
  return !event.target.closest?.("input, textarea, select, [contenteditable]");
}

function go(event, address) {
  if (!address) return;
  event.preventDefault();
  location.assign(address);
}

document.addEventListener("keydown", (event) => {
  if (!free(event)) return;
  const { keyOrders, keyRefunds, keyHelp } = document.body.dataset;
  if (event.code === "Slash" && event.shiftKey) return go(event, keyHelp);
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
  }
});

const box = document.querySelector("[data-keys-off]");
if (box) {
  box.checked = off();
  box.addEventListener("change", () => {
    try { localStorage.setItem(OFF, box.checked ? "1" : "0"); } catch { box.checked = false; }
  });
}
