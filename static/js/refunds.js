// The refund form: the tax-free part and the bars following the amount, the account read back, the
// last look as a sheet over the page. Everything works without it, too.
import { digits, grouped } from "./won.js";

const form = () => document.querySelector("[data-refund-form]");
const field = (name) => form()?.elements[name];

let touched = false; // somebody wrote the tax-free part: it is theirs from now on

// -- numbers ----------------------------------------------------------------------------------

function numberOf(name) {
  const input = field(name);
  if (!input || !/^[0-9,]+$/.test(input.value)) return null;
  return Number(digits(input.value));
}

function facts() {
  const { of, least, most, vbank, won } = document.getElementById("refund-balance").dataset;
  const number = (text) => (text === "" ? null : Number(text));
  return { balance: Number(of), least: number(least), most: number(most), vbank: Boolean(vbank), won };
}

const wonText = (pattern, amount) => pattern.replace("#", (amount < 0 ? "\u2212" : "") + grouped(String(Math.abs(amount))));

// The same rule as dashboard/refunds/amounts.py: in proportion, half a won up, within the bounds.
function proposal({ balance, least, most, vbank }, amount) {
  if (least === null || most === null || amount < 1 || amount > balance) return null;
  const low = vbank ? 0 : Math.max(0, amount - (balance - least));
  const high = Math.min(amount, most);
  if (low > high) return null;
  if (vbank) return low;
  const share = Number((2n * BigInt(amount) * BigInt(most) + BigInt(balance)) / (2n * BigInt(balance)));
  return Math.min(Math.max(share, low), high);
}

const whole = () => form().elements.kind?.value === "whole" || !field("amount");

function follow() {
  if (!form()) return;
  const now = facts();
  const amount = field("amount");
  const free = field("tax_free");
  if (amount) {
    amount.readOnly = whole();
    if (whole()) amount.value = grouped(String(now.balance));
  }
  const wanted = whole() ? now.balance : numberOf("amount");
  const certain = now.least !== null && now.least === now.most;
  if (free) {
    free.readOnly = whole() && certain && !now.vbank;
    if (free.readOnly || !touched) {
      const proposed = wanted === null ? null : proposal(now, wanted);
      free.value = proposed === null ? "" : grouped(String(proposed));
    }
  }
  const fits = wanted !== null && wanted >= 1 && wanted <= now.balance;
  for (const one of document.querySelectorAll("[data-sum]")) one.textContent = fits ? wonText(now.won, wanted) : "–";
  for (const one of document.querySelectorAll("[data-after]")) one.textContent = fits ? wonText(now.won, now.balance - wanted) : "–";
  for (const one of document.querySelectorAll("[data-balance]")) one.textContent = wonText(now.won, now.balance);
  if (certain) bars(now, fits ? wanted : 0, free ? numberOf("tax_free") ?? 0 : Math.min(now.most, fits ? wanted : 0));
}

function bars({ balance, most, won }, amount, free) {
  const parts = { taxed: [balance - most, amount - free], tax_free: [most, free] };
  for (const bar of document.querySelectorAll("#refund-form [data-bar]")) {
    const [left, goes] = parts[bar.dataset.bar];
    const total = Number(bar.dataset.total);
    if (goes < 0 || goes > left) continue; // the server says what is wrong with it
    let x = 0;
    for (const [name, part] of [["stays", left - goes], ["goes", goes], ["gone", total - left]]) {
      const width = total ? (1000 * part) / total : 0;
      const piece = bar.querySelector(`[data-piece="${name}"]`);
      piece.setAttribute("x", x);
      piece.setAttribute("width", width);
      x += width;
    }
    document.querySelector(`#refund-form [data-goes="${bar.dataset.bar}"]`).textContent = wonText(won, -goes || 0);
  }
}

// -- the rest of the form ---------------------------------------------------------------------

function otherReason() {
  const box = document.querySelector("[data-other-reason]");
  if (box) box.hidden = form().elements.reason.value !== "other" && !box.querySelector("[aria-invalid]");
}

function readBack() {
  const box = document.querySelector("[data-readback]");
  if (!box) return;
  const account = digits(field("account").value);
  const bank = field("bank");
  const put = (name, text) => { box.querySelector(`[data-read-${name}]`).textContent = text || "–"; };
  put("holder", field("holder").value.trim());
  put("bank", bank.value ? bank.selectedOptions[0].textContent : "");
  put("last", account.length >= 4 ? account.slice(-4) : "");
}

function all() {
  if (!form()) return;
  follow();
  otherReason();
  readBack();
}

document.addEventListener("input", (event) => {
  const target = event.target;
  if (!form()?.contains(target)) return;
  if (target.name === "tax_free") touched = target.value !== "";
  if (target.name === "kind" && !whole()) {
    field("amount").value = "";
    touched = false;
    follow();
    field("amount").focus();
  }
  all();
});
document.addEventListener("compositionend", (event) => {
  if (form()?.contains(event.target)) all();
});
document.addEventListener("change", (event) => { if (event.target.matches("select") && form()?.contains(event.target)) readBack(); });
document.addEventListener("fragment", all);

// -- the last look ----------------------------------------------------------------------------

async function lookOnce(current, sheet, submitter) {
  current.setAttribute("aria-busy", "true");
  let answer = null;
  let page = null;
  try {
    answer = await fetch(current.action, {
      method: "POST", body: new FormData(current, submitter), headers: { "X-Fragment": "1" }, credentials: "same-origin", redirect: "manual",
    });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { /* nothing came back; the browser's own way says so */ }
  current.removeAttribute("aria-busy");
  const confirm = answer?.ok ? page.getElementById("refund-confirm") : null;
  if (confirm) {
    sheet.replaceChildren(confirm);
    sheet.showModal();
    confirm.querySelector("#confirm-title").focus();
    return;
  }
  const again = page?.getElementById("refund-form");
  if (again) {
    document.getElementById("refund-form").replaceWith(again);
    all();
    again.querySelector("[data-focus-first]")?.focus();
    return;
  }
  current.submit(); // signed out, a redirect, an error page: let the browser show it
}

document.addEventListener("submit", (event) => {
  const { target: current, submitter } = event;
  const sheet = document.getElementById("refund-sheet");
  if (current.matches("[data-refund-form]") && sheet && !submitter?.hasAttribute("data-plain")) {
    event.preventDefault();
    if (current.getAttribute("aria-busy") !== "true") lookOnce(current, sheet, submitter);
    return;
  }
  if (!current.matches("[data-once]") || submitter?.hasAttribute("data-plain")) return;
  if (current.dataset.sent) return void event.preventDefault();
  current.dataset.sent = "1"; // courtesy; what keeps two clicks from being two refunds is the database
  current.querySelector("[data-send]").setAttribute("aria-disabled", "true");
});

document.addEventListener("click", (event) => {
  const sheet = document.querySelector("dialog.paper[open]");
  if (!sheet) return;
  if (event.target.closest("[data-close]") || event.target === sheet) {
    event.preventDefault();
    sheet.close();
  }
});

// Back to this page out of the browser's memory: it may be sent again, the server knows the rest.
addEventListener("pageshow", () => {
  for (const sent of document.querySelectorAll("[data-sent]")) {
    delete sent.dataset.sent;
    sent.querySelector("[data-send]").removeAttribute("aria-disabled");
  }
  all();
});
all();
