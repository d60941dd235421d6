// What PortOne says now. An element or form with data-live-url is POSTed once the page stands; what
// comes back replaces what has the same id. A form is POSTed by its button, too;
// data-live-when="submit" leaves it at that. While waiting the element is aria-busy; when no answer
// comes, data-live-failed is said and shown in its [data-live-status].
import { ask, place } from "./fragment.js";
import { say } from "./say.js";

async function look(element, background) {
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  const body = element instanceof HTMLFormElement ? new FormData(element) : new FormData();
  const parsed = await ask(element.dataset.liveUrl, { body, background });
  element.removeAttribute("aria-busy");
  if (parsed) return void place(parsed);
  const failed = element.dataset.liveFailed;
  if (!failed) return;
  const status = element.querySelector("[data-live-status]");
  if (status) {
    status.textContent = failed;
    status.classList.add("bad");
  }
  say(failed);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.liveUrl) return;
  event.preventDefault();
  look(form, false);
});

for (const element of document.querySelectorAll("[data-live-url]")) {
  if (element.dataset.liveWhen !== "submit") look(element, true);
}
