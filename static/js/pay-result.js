// Asks on until it is certain what became of the payment, with growing pauses.
import { say } from "./say.js";

const PAUSES_S = [0, 2, 3, 5, 8, 13, 20, 30, 60];

async function look(state) {
  const body = new URLSearchParams({ imp_uid: state.dataset.hint, window_words: state.dataset.words });
  try {
    const answer = await fetch(state.dataset.check, { method: "POST", body, redirect: "manual" });
    if (!answer.ok) return state;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = parsed.getElementById("state");
    if (!fresh) return state;
    fresh.dataset.hint = state.dataset.hint;
    fresh.dataset.words = state.dataset.words;
    const moved = fresh.dataset.announce !== state.dataset.announce;
    const focused = state.contains(document.activeElement);
    state.replaceWith(fresh);
    if (moved) say(fresh.dataset.announce);
    if (focused) fresh.focus({ preventScroll: true });
    return fresh;
  } catch {
    return state;
  }
}

async function follow() {
  let state = document.getElementById("state");
  for (let turn = 0; state && !state.dataset.final; turn += 1) {
    const pause = PAUSES_S[Math.min(turn, PAUSES_S.length - 1)];
    await new Promise((resolve) => { setTimeout(resolve, pause * 1000); });
    state = await look(state);
  }
}

follow();
