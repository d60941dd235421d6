// Commas while a sum is typed, in every field that says data-won.

export const digits = (text) => [...text].map((char) => {
  const code = char.charCodeAt(0);
  return code >= 0xff10 && code <= 0xff19 ? String(code - 0xff10) : char;
}).join("").replace(/[^0-9]/g, "");
export const grouped = (text) => text.replace(/\B(?=(\d{3})+$)/g, ",");

// Only digits and what belongs between them is put right; anything else stays for the server to
// refuse: a minus or a point that silently went away would be another amount.
function comma(input) {
  const typed = input.value;
  if (!/[0-9０-９]/.test(typed) || /[^0-9０-９,\s]/.test(typed)) return;
  const behind = digits(typed.slice(input.selectionStart ?? typed.length)).length;
  const fresh = grouped(digits(typed).replace(/^0+(?=\d)/, "").slice(0, 12));
  if (fresh === typed) return;
  input.value = fresh;
  let at = fresh.length;
  for (let seen = 0; at > 0 && seen < behind; at -= 1) if (/\d/.test(fresh[at - 1])) seen += 1;
  input.setSelectionRange(at, at);
}

document.addEventListener("input", ({ target, isComposing }) => {
  if (target.matches("[data-won]") && !isComposing) comma(target);
});
document.addEventListener("compositionend", ({ target }) => {
  if (target.matches?.("[data-won]")) comma(target);
});
