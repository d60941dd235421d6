// The menus of rows are all alike: a <details data-menu="ID"> is filled from the page's
// <template id="ID"> when it is opened.

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches("details[data-menu][open]") || menu.querySelector(".panel")) return;
  const panel = document.getElementById(menu.dataset.menu).content.cloneNode(true);
  for (const item of panel.querySelectorAll("[data-of]")) {
    const text = menu.dataset[item.dataset.of];
    if (!text) item.remove();
    item.dataset.copy = text;
    item.querySelector(".l2").textContent = text;
  }
  for (const item of panel.querySelectorAll("[data-offer]")) {
    if (item.dataset.offer !== menu.dataset.offer) item.remove();
    const uid = encodeURIComponent(menu.dataset.impUid);
    item.setAttribute("href", item.getAttribute("href").replace("IMP-UID", uid));
  }
  for (const word of panel.querySelectorAll("[data-word]"))
    if (word.dataset.word !== menu.dataset.word) word.remove();
  menu.append(panel);
}, true); // a toggle does not bubble
