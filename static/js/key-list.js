// All keys at a glance, in the words of the help page; where that cannot be had, the page itself.
import { open } from "./dialog.js";
import { ask } from "./fragment.js";

const dialog = document.getElementById("key-list");
const place = dialog.querySelector("[data-keys]");

export async function show(address) {
  if (document.querySelector("main #keys")) return void location.assign(address); // the page itself
  if (!place.hasChildNodes()) {
    const parsed = await ask(address.split("#")[0], { background: false });
    const found = parsed?.querySelector("#keys .in");
    if (!found) return void location.assign(address);
    place.replaceChildren(...found.childNodes);
    place.dispatchEvent(new CustomEvent("fragment", { bubbles: true }));
  }
  if (!dialog.open) open(dialog);
}
