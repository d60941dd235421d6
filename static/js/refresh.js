// <section id=… data-refresh-url="/sync" data-refresh-after="1000"> asks for itself again after so
// many milliseconds. The answer says whether and when to go on; without the attributes it ends.
// Not while the page is hidden; ever more slowly while the server is slow or away.
import { ask, busy, place } from "./fragment.js";

const SHORTEST_MS = 500;
const LONGEST_MS = 60_000;
const waiting = new Map(); // id -> timer
const pauses = new Map(); // id -> milliseconds

function start(element) {
  if (!element.id || !element.dataset.refreshUrl) return;
  const asked = Number(element.dataset.refreshAfter ?? 0);
  const first = !pauses.has(element.id);
  const pause = first ? asked : Math.max(asked, SHORTEST_MS, pauses.get(element.id));
  clearTimeout(waiting.get(element.id));
  waiting.set(element.id, setTimeout(() => refresh(element.id), pause));
}

async function refresh(id) {
  waiting.delete(id);
  const element = document.getElementById(id);
  if (!element?.dataset.refreshUrl) return;
  if (document.hidden || busy(element)) return void waiting.set(id, setTimeout(() => refresh(id), 1000));
  const began = performance.now();
  const parsed = await ask(element.dataset.refreshUrl);
  const took = performance.now() - began;
  const replaced = parsed ? place(parsed).some((fresh) => fresh.id === id) : false;
  const before = pauses.get(id) ?? SHORTEST_MS;
  // A server that needs 1 s is asked every 5 s at most: the pages people click come first.
  pauses.set(id, replaced ? Math.min(took * 4, LONGEST_MS) : Math.min(Math.max(before, 1000) * 2, LONGEST_MS));
  if (!replaced && document.getElementById(id)) start(document.getElementById(id));
}

function startAll(root) {
  if (root.matches?.("[data-refresh-url]")) start(root);
  root.querySelectorAll?.("[data-refresh-url]").forEach(start);
}

document.addEventListener("fragment", (event) => startAll(event.target));
document.addEventListener("visibilitychange", () => { if (!document.hidden) startAll(document); });
startAll(document);
