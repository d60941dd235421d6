// Light and dark change in place; the form behind the button keeps the choice.
import { ask } from "./fragment.js";
import { say } from "./say.js";

const root = document.documentElement;
const other = () => (root.dataset.bsTheme === "dark" ? "light" : "dark");

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const theme = other();
  root.dataset.theme = theme;
  root.dataset.bsTheme = theme;
  const body = new FormData(form);
  body.set("theme", theme);
  ask(form.action, { body, background: false });
  say(theme === "dark" ? form.dataset.themeSaidDark : form.dataset.themeSaidLight);
});
