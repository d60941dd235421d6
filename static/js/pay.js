// The buyer's one button: asks what to pay with, opens PortOne's window, and goes to the result.
// What the window's callback says is passed on as a hint; the result page asks the server.

const button = document.getElementById("pay");
const problem = document.getElementById("problem");
let ready = false; // IMP.init is to be called once per page

function stop(text) {
  problem.querySelector("output").textContent = text;
  problem.hidden = false;
  button.disabled = false;
}

function done(answer) {
  const url = new URL(button.dataset.result, location.href);
  for (const name of ["imp_uid", "merchant_uid", "error_code", "error_msg"]) {
    if (answer?.[name]) url.searchParams.set(name, answer[name]);
  }
  location.assign(url);
}

async function start() {
  button.disabled = true;
  problem.hidden = true;
  if (typeof window.IMP?.request_pay !== "function") return stop(button.dataset.noWindow);
  document.getElementById("said").textContent = button.dataset.busy;
  let told;
  try {
    const answer = await fetch(button.dataset.open, { method: "POST", redirect: "manual" });
    told = await answer.json();
  } catch {
    return stop(button.dataset.noAnswer);
  }
  if (told.go) return location.assign(told.go);
  if (told.problem) return stop(told.problem);
  try {
    if (!ready) window.IMP.init(told.merchant_code);
    ready = true;
    return window.IMP.request_pay(told.params, done);
  } catch {
    return stop(button.dataset.noWindow);
  }
}

button.addEventListener("click", start);
// The back button may bring this page back as it was left.
addEventListener("pageshow", (event) => { if (event.persisted) button.disabled = false; });
