// The live region: what happened, for those who do not see it happen.

export function say(text) {
  const region = document.getElementById("said");
  if (!region || !text) return;
  // The same sentence twice is spoken twice only if the region was empty in between.
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}
