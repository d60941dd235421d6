// Count and sum of the ticked rows. The server counts again; this only shows what will be asked.
const form = document.querySelector("[data-bulk]");
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

function follow() {
  const ticked = [...form.querySelectorAll("[data-pick]:checked")];
  const sum = ticked.reduce((total, one) => total + Number(one.dataset.amount), 0);
  form.querySelector("[data-bulk-count]").textContent = form.dataset.count.replace("#", grouped(ticked.length));
  form.querySelector("[data-bulk-sum]").textContent = form.dataset.won.replace("#", grouped(sum));
}

form?.addEventListener("change", follow);
if (form) follow();
