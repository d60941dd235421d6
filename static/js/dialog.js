// Dialogs of every page. The browser keeps the focus inside and gives it back; here they close by
// their button and by a click beside them, and Escape means the composition first.

export function open(dialog) {
  if (!dialog.dataset.ready) {
    dialog.dataset.ready = "1";
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && composing(event)) event.preventDefault();
    });
  }
  dialog.showModal();
}

// A key that belongs to a syllable under way: 229 is how Safari says so after the last one.
export const composing = (event) => event.isComposing || event.keyCode === 229;
