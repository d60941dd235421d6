// The number a cash receipt is for: says what it was taken for while it is typed, and sets the purpose
// that goes with it until somebody chooses one. The server reads it again by its own rules.

const input = document.querySelector("form [name=identifier]");
const said = document.querySelector("[data-recognised]");
let chosen = false; // somebody picked the purpose: it is theirs from now on

// As dashboard/receipts/identifier.py tells them apart; check digits are the server's.
function kindOf(text) {
  const digits = text.normalize("NFKC").replace(/[\s\-\u2010-\u2015\u2212().]/g, "").replace(/^\+?82(?=1)/, "0");
  if (/^01[0-9]{8,9}$/.test(digits)) return "phone";
  if (/^[0-9]{10}$/.test(digits)) return "business";
  if (/^[0-9]{13,19}$/.test(digits)) return "taxcard";
  return "";
}

function follow() {
  const kind = kindOf(input.value);
  if (said) said.textContent = kind ? said.dataset[kind] : "";
  if (!kind || chosen) return;
  const wanted = kind === "business" ? "company" : "person";
  const radio = document.querySelector(`form [name=type][value=${wanted}]`);
  if (radio) radio.checked = true;
}

if (input) {
  for (const radio of document.querySelectorAll("form [name=type]")) {
    radio.addEventListener("change", () => { chosen = true; });
  }
  input.addEventListener("input", follow);
}
