// The order page: ages that keep ticking, and the print button.

const STEP_MS = 1000;
const born = new WeakMap(); // <time> -> when it came onto the page
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang);

// "3초 전" beside a moment that the server said was data-age seconds old when it answered.
function tick() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    if (!born.has(time)) born.set(time, performance.now());
    const age = Number(time.dataset.age) + Math.floor((performance.now() - born.get(time)) / 1000);
    const [unit, seconds] = UNITS.find(([, length]) => age >= length) ?? UNITS.at(-1);
    if (age > 0) time.textContent = words.format(-Math.floor(age / seconds), unit);
  }
}

document.addEventListener("fragment", tick);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
setInterval(tick, STEP_MS);
tick();
