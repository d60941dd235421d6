// The form of a sale: lines come and go, what they come to follows, and only the options of the
// chosen method are shown. Everything works without it, too; the server counts again by its own rules.
import { digits, grouped } from "./won.js";

const form = document.querySelector("[data-request-form]");
const list = form?.querySelector("[data-lines]");
const lines = () => [...list.querySelectorAll("[data-line]")];
const part = (line, name) => line.querySelector(`[name$="-${name}"]`);
const quotaFrom = JSON.parse(form?.dataset.quotaFrom ?? "{}"); // won, by the card called directly
const usd = () => form.elements.currency.value === "USD";

// -- what it comes to -------------------------------------------------------------------------

// As dashboard/checkout/typed.py reads them; null: the server will say what is wrong with it. While
// somebody types, the commas may not have found their new places yet.
function price(text) {
  const typed = text.normalize("NFKC").replace(/[\s,]/g, "");
  if (usd()) {
    const match = /^(?:US)?\$?([0-9]{1,9})(?:\.([0-9]{1,2}))?$/.exec(typed);
    return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
  }
  return /^₩?[0-9]{1,12}\uC6D0?$/.test(typed) ? Number(digits(typed)) : null;
}

function money(amount) {
  if (!usd()) return form.dataset.krw.replace("#", grouped(String(amount)));
  return form.dataset.usd.replace("#", `${grouped(String(Math.floor(amount / 100)))}.${String(amount % 100).padStart(2, "0")}`);
}

function add() {
  let amount = 0;
  let free = 0;
  const names = [];
  for (const line of lines()) {
    const each = price(part(line, "unit_price").value);
    const count = Number(digits(part(line, "quantity").value) || 0);
    const name = part(line, "name").value.trim();
    if (name) names.push(name);
    if (each === null) continue;
    amount += each * count;
    if (part(line, "tax").value === "free") free += each * count;
  }
  const months = form.querySelector("[data-for=card_quota]");
  const from = quotaFrom[form.elements.direct_card?.value ?? ""] ?? quotaFrom[""];
  months.hidden = months.hasAttribute("data-none")
    || ((usd() || amount < from) && !months.querySelector("[aria-invalid]")); // K18
  form.querySelector("[data-amount]").textContent = money(amount);
  form.querySelector("[data-tax-free]").textContent = money(free);
  form.elements.name.placeholder = orderName(names);
}

function orderName(names) {
  if (!names.length) return "";
  const more = names.length > 1 ? ` ${form.dataset.more.replace("#", names.length - 1)}` : "";
  const room = 40 - more.length;
  return (names[0].length <= room ? names[0] : `${names[0].slice(0, room - 1).trimEnd()}…`) + more;
}

// -- lines ------------------------------------------------------------------------------------

function known(name) {
  return [...document.querySelectorAll("#product-names option")].find((option) => option.value === name.trim());
}

// A remembered product brings its price along, unless one is written there already.
function pick(line) {
  const found = known(part(line, "name").value);
  const keep = line.querySelector(".l-keep");
  if (keep) keep.hidden = Boolean(found) || !part(line, "name").value.trim();
  if (!found || usd() || part(line, "unit_price").value.trim()) return;
  part(line, "unit_price").value = grouped(found.dataset.price);
  part(line, "tax").value = found.dataset.tax;
}

function another() {
  const old = lines().at(-1);
  const number = Math.max(...lines().map((line) => Number(/lines-(\d+)-/.exec(part(line, "name").name)[1]))) + 1;
  const fresh = old.cloneNode(true);
  for (const wrong of fresh.querySelectorAll(".wrong")) wrong.remove();
  for (const element of fresh.querySelectorAll("[name], [for], [id]")) {
    for (const attribute of ["name", "id", "for"]) {
      const value = element.getAttribute(attribute);
      if (value?.startsWith("lines-")) element.setAttribute(attribute, value.replace(/^lines-\d+-/, `lines-${number}-`));
    }
    element.removeAttribute("aria-invalid");
    element.removeAttribute("aria-describedby");
    if (element.matches("input[type=checkbox]")) element.checked = false;
    else if (element.matches("input")) element.value = element.name.endsWith("-quantity") ? "1" : "";
  }
  part(fresh, "tax").value = "taxed";
  list.append(fresh);
  arrange();
  part(fresh, "name").focus();
}

function arrange() {
  const all = lines();
  all.forEach((line, place) => {
    line.querySelector("[data-drop-line]").hidden = all.length < 2;
    const legend = line.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+/, place + 1);
    pick(line);
  });
  form.querySelector("[data-add-line]").disabled = all.length >= Number(list.dataset.most);
  add();
}

function drop(line) {
  const next = line.nextElementSibling ?? line.previousElementSibling;
  line.remove();
  arrange();
  part(next, "name").focus();
}

// -- options of the chosen method -------------------------------------------------------------

// What is wrong stays in sight, whatever the method.
function fit() {
  const chosen = form.querySelector("[name=pay_method]:checked");
  const options = new Set((chosen?.dataset.options ?? "").split(" "));
  for (const box of form.querySelectorAll("[data-for]")) {
    box.hidden = !options.has(box.dataset.for) && !box.querySelector("[aria-invalid]");
    box.toggleAttribute("data-none", box.hidden);
  }
  for (const box of form.querySelectorAll("[data-for-method]")) box.hidden = chosen?.value !== box.dataset.forMethod;
  if (!options.has("usd") && usd()) form.elements.currency.value = "KRW";
  const own = form.querySelector("[data-own-life]");
  own.hidden = form.elements.life.value !== "own" && !own.querySelector("[aria-invalid]");
  add();
}

if (form) {
  form.addEventListener("input", ({ target }) => {
    const line = target.closest("[data-line]");
    if (line && target.name.endsWith("-name")) pick(line);
    if (line) add();
  });
  form.addEventListener("change", fit);
  form.addEventListener("click", (event) => {
    const line = event.target.closest("[data-drop-line]")?.closest("[data-line]");
    if (!line && !event.target.closest("[data-add-line]")) return;
    event.preventDefault();
    if (line) drop(line);
    else another();
  });
  addEventListener("pageshow", () => { arrange(); fit(); });
  arrange();
  fit();
}
