// For the pages that an administrator meets when a platform is connected: closing the platform's window when it is
// done, and copying values; and for the one that carries an answer to the platform. Each page works without this file:
// values can be marked, the window can be closed by hand, and the answer has its button.
(() => {
  "use strict";

  const CLOSE = { subject: "org.imsglobal.lti.close" }; // LTI Dynamic Registration 1.0, section 3.8

  // Only the platform itself may hear it: a message to another origin is not delivered.
  function close(origin) {
    const platform = window.opener || window.parent;
    platform.postMessage(CLOSE, origin);
    if (window.opener) window.close();
  }

  const shown = window.opener || window.parent !== window;
  for (const part of document.querySelectorAll("[data-close-to]")) {
    const origin = part.dataset.closeTo;
    const button = part.querySelector("button");
    if (!shown || !button) continue;
    button.hidden = false;
    button.addEventListener("click", () => close(origin));
    if ("atOnce" in part.dataset && window.parent !== window) close(origin);
  }

  async function copy(button, field) {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // in a frame that may not use the clipboard, or without https
    }
    button.textContent = button.dataset.copied;
  }

  function sendAnswer() {
    const form = document.querySelector("form[data-answer]");
    if (form) form.submit();
  }

  sendAnswer();

  for (const button of document.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", () => copy(button, field));
  }
})();
