/* The practice window: one choice, one button, one answer to whoever opened it. */
(() => {
  "use strict";

  const { origin } = document.body.dataset;
  const form = document.getElementById("choices");
  const said = document.getElementById("said");
  const buttons = [...document.querySelectorAll("button")];
  const LEFT = {
    result: { error_code: "USER_CANCEL", error_msg: "사용자가 결제를 취소하셨습니다" },
  };
  let busy = false;

  async function act(action, body = {}) {
    const answer = await fetch(`${location.pathname}/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const { message, response } = await answer.json();
    if (!answer.ok) throw new Error(message);
    return response;
  }

  function leave({ result, next }) {
    if (next) location.replace(next);
    else if (origin && parent !== window) {
      parent.postMessage({ type: "imp-window-ended", result }, origin);
    } else location.reload();
  }

  // One thing at a time: a second click does nothing.
  async function once(button, action, body, then) {
    if (busy) return;
    busy = true;
    said.textContent = "";
    for (const one of buttons) one.setAttribute("aria-disabled", "true");
    button?.setAttribute("aria-busy", "true");
    try {
      then(await act(action, body));
    } catch (error) {
      if (action === "close" && error instanceof TypeError) return leave(LEFT); // nobody answers
      said.textContent = error.message || "연습용 포트원이 대답하지 않습니다.";
      busy = false;
      for (const one of buttons) one.removeAttribute("aria-disabled");
    } finally {
      button?.removeAttribute("aria-busy");
    }
  }

  function chosen() {
    const found = Object.fromEntries(new FormData(form));
    if (found.quota) found.quota = Number(found.quota);
    return found;
  }

  function close() {
    void once(document.getElementById("close"), "close", {}, leave);
  }

  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void once(document.getElementById("pay"), "pay", chosen(), (told) => {
      if (told.ended === "account") location.reload();
      else leave(told);
    });
  });
  document.getElementById("fail")?.addEventListener("click", (event) => {
    const reason = document.getElementById("reason").value;
    void once(event.currentTarget, "fail", { reason }, leave);
  });
  document.getElementById("deposit")?.addEventListener("click", (event) => {
    void once(event.currentTarget, "deposit", {}, () => location.reload());
  });
  document.getElementById("close")?.addEventListener("click", close);
  document.getElementById("done")?.addEventListener("click", close);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close();
  });
  addEventListener("message", (event) => {
    const fromOpener = event.origin === origin && event.source === parent;
    if (fromOpener && event.data?.type === "imp-window-close") close();
  });

  // -- cards: their months; money needs no card, nor does another wallet's money -----------------

  const quota = document.getElementById("quota");

  function offerMonths() {
    const card = form.querySelector("input[name=card_code]:checked");
    if (!quota || !card) return;
    const free = Number(card.dataset.free);
    const options = card.dataset.months.split(",").map(Number).map((months) => {
      const label = months ? `${months}개월` : "일시불";
      return new Option(months && months <= free ? `${label} (무이자)` : label, months);
    });
    const before = quota.value;
    quota.replaceChildren(...options);
    if (options.some((option) => option.value === before)) quota.value = before;
  }

  function showCards() {
    const source = form.querySelector("input[name=source]:checked")?.value ?? "card";
    for (const part of form.querySelectorAll("[data-for=card]")) part.hidden = source !== "card";
    for (const one of form.querySelectorAll("input[name=card_code]")) {
      one.disabled = source !== "card";
    }
    if (quota) quota.disabled = source !== "card";
  }

  form?.addEventListener("change", () => {
    offerMonths();
    showCards();
  });
  if (form) {
    offerMonths();
    showCards();
  }
  document.querySelector("[data-first]")?.focus({ preventScroll: true });
})();
