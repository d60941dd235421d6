/* The practice PortOne's own iamport.js: IMP.init and IMP.request_pay, and a practice window.
   Nothing of it is PortOne's; it does what payment-window.md says of theirs. */
(() => {
  "use strict";

  const home = new URL(document.currentScript.src).origin;
  const MOST_PHONE_PX = 500;
  let code = "";
  let opening = false;

  const isMobile = () =>
    /Mobi|Android|iPhone|iPad/i.test(navigator.userAgent) || innerWidth <= MOST_PHONE_PX;

  async function open(param, channel) {
    const answer = await fetch(`${home}/window`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code, channel, param }),
      credentials: "omit",
    });
    const { message, response } = await answer.json();
    if (!answer.ok) throw new Error(message);
    return home + response.url;
  }

  // A dialog of the browser: it lies over everything and keeps the focus.
  function show(url, whenEnded) {
    const dialog = document.createElement("dialog");
    const frame = document.createElement("iframe");
    dialog.setAttribute("aria-label", "연습용 결제창 (practice payment window)");
    Object.assign(dialog.style, {
      position: "fixed", inset: "0", width: "100%", height: "100%",
      maxWidth: "none", maxHeight: "none", margin: "0", padding: "0", border: "0",
    });
    frame.title = "연습용 결제창 (practice payment window)";
    frame.id = "imp-window";
    Object.assign(frame.style, { display: "block", width: "100%", height: "100%", border: "0" });
    frame.src = url;
    const opener = document.activeElement;

    function end(result) {
      removeEventListener("message", heard);
      dialog.removeEventListener("close", forced);
      dialog.close();
      dialog.remove();
      if (opener instanceof HTMLElement) opener.focus();
      whenEnded(result);
    }

    function heard(event) {
      if (event.origin !== home || event.source !== frame.contentWindow) return;
      if (event.data?.type === "imp-window-ended") end(event.data.result);
    }

    // The browser closes a dialog at the second Escape, whatever we say: the frame never came.
    function forced() {
      end({ error_code: "USER_CANCEL", error_msg: "사용자가 결제를 취소하셨습니다" });
    }

    addEventListener("message", heard);
    dialog.addEventListener("close", forced);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // Escape closes the window, and the window says so itself
      frame.contentWindow.postMessage({ type: "imp-window-close" }, home);
    });
    frame.addEventListener("load", () => frame.focus());
    dialog.append(frame);
    document.body.append(dialog);
    dialog.showModal();
  }

  // Only the documented keys, whatever else there may be (K50).
  function answer(callback, param, result) {
    if (typeof callback !== "function") return;
    const merchantUid = result.merchant_uid ?? param?.merchant_uid ?? null;
    const told = { imp_uid: result.imp_uid ?? null, merchant_uid: merchantUid };
    if (result.error_code) {
      told.error_code = result.error_code;
      told.error_msg = result.error_msg;
    }
    callback(told);
  }

  function init(merchantCode) {
    code = String(merchantCode ?? "");
  }

  async function request_pay(param, callback) {
    if (opening) {
      console.warn("IMP.request_pay: a payment window is open already");
      return;
    }
    opening = true;
    const channel = isMobile() ? "mobile" : "pc";
    try {
      const url = await open(param, channel);
      if (channel === "mobile") {
        location.assign(url);
        return; // the result goes to m_redirect_url, never to the callback
      }
      show(url, (result) => {
        opening = false;
        answer(callback, param, result);
      });
    } catch (error) {
      opening = false;
      answer(callback, param, {
        error_code: "WINDOW_NOT_OPENED",
        error_msg: `결제창을 열지 못했습니다. ${error.message}`,
      });
    }
  }

  // A page brought back by the back button may pay again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) opening = false;
  });

  window.IMP = Object.freeze({ init, request_pay });
})();
