// Asking the server for a piece of a page and putting it in the place of the old one.
import { say } from "./say.js";

const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

let signedOut = false;

// Answers the parsed document, or null when there is nothing to show: no connection or an error
// page. After a 401 nobody is signed in any more and nothing is asked until the page loads again.
export async function ask(url, { body = null, background = true, signal = null } = {}) {
  const headers = { "X-Fragment": "1" };
  if (background) headers["X-Background"] = "1";
  if (body) headers["X-CSRFToken"] = csrf();
  if (signedOut) return null;
  try {
    const answer = await fetch(url, {
      method: body ? "POST" : "GET", headers, body, signal, keepalive: Boolean(body), credentials: "same-origin", redirect: "manual",
    });
    signedOut = answer.status === 401;
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

// Someone is in the middle of something inside `element`.
export function busy(element) {
  const active = document.activeElement;
  if (element.querySelector("dialog[open], details.pop[open]")) return true;
  return element.contains(active) && active.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

// Replaces what has the same id on both sides, outermost first; answers the new elements.
// Table rows arrive inside a <table> without an id, or the parser would drop them.
export function place(parsed) {
  const fresh = [];
  for (const candidate of parsed.querySelectorAll("[id]")) {
    if (fresh.some((done) => done.contains(candidate))) continue;
    const old = document.getElementById(candidate.id);
    if (!old) continue;
    swap(old, candidate);
    fresh.push(candidate);
  }
  for (const element of fresh) {
    say(element.dataset.announce);
    element.dispatchEvent(new CustomEvent("fragment", { bubbles: true }));
  }
  return fresh;
}

function swap(old, fresh) {
  const active = document.activeElement;
  const focus = old.contains(active) ? active : null;
  const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
  old.replaceWith(fresh);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (!focus) return;
  const again = (focus.id && document.getElementById(focus.id))
    || (focus.name && fresh.querySelector(`[name="${CSS.escape(focus.name)}"]`))
    || (focus.matches("a[href]") && fresh.querySelector(`a[href="${CSS.escape(focus.getAttribute("href"))}"]`))
    || (focus.matches("button") && fresh.querySelector("button"));
  if (again) {
    again.focus({ preventScroll: true });
  } else {
    fresh.tabIndex = -1;
    fresh.focus({ preventScroll: true });
  }
}
