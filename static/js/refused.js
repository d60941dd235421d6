// After a refusal the eyes and the keyboard go to what must be mended: the summary above a form, or
// the first wrong field, wherever on the page it stands.
const wrong = document.querySelector("[data-focus-first]")
  ?? [...document.querySelectorAll('[aria-invalid="true"]')].find((field) => field.checkVisibility());

function lead() {
  wrong.focus({ preventScroll: true });
  (wrong.closest(".field") ?? wrong).scrollIntoView({ block: "nearest", behavior: "instant" });
}

if (wrong) {
  lead();
  // An address with a #place moves there once all is loaded and takes the focus away.
  addEventListener("load", () => requestAnimationFrame(() => {
    if (document.activeElement === document.body) lead();
  }));
}
