// A frame that keeps no cookies: stores a secret with the platform, or asks for it again (LTI Client Side postMessages).
// Messages go to one window and one origin, and only answers from exactly there, to exactly our question, are believed.
// Whatever else happens, the way out that the page came with is shown.
(() => {
  "use strict";

  const LIMIT = 1000; // milliseconds for each answer
  const AGAIN = 250; // the platform's window may still be loading: until it answers it is asked again
  const page = document.querySelector("[data-storage]");
  const { storage: step, frame, origin, key, secret, onward } = page.dataset;
  const form = page.querySelector("form");

  function show(trying) {
    page.querySelector("[data-trying]").hidden = !trying;
    page.querySelector("[data-otherwise]").hidden = trying;
  }

  function listener() {
    if (window.parent === window) return null;
    try {
      const found = frame === "_parent" ? window.parent : window.parent.frames[frame];
      return found && typeof found.postMessage === "function" ? found : null;
    } catch {
      return null; // a name of something else in the window around us
    }
  }

  function messageId() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function ask(subject, content) {
    const id = messageId();
    return new Promise((resolve, reject) => {
      const hear = (event) => {
        const said = event.data;
        if (event.origin !== origin || event.source !== listener() || said === null || typeof said !== "object") return;
        if (said.message_id !== id || said.subject !== `${subject}.response`) return;
        end();
        if (said.error) reject(new Error(subject));
        else resolve(said);
      };
      const send = () => listener()?.postMessage({ subject, message_id: id, ...content }, origin);
      const again = setInterval(send, AGAIN);
      const limit = setTimeout(() => { end(); reject(new Error(subject)); }, LIMIT);
      const end = () => {
        clearInterval(again);
        clearTimeout(limit);
        window.removeEventListener("message", hear);
      };
      window.addEventListener("message", hear);
      send();
    });
  }

  async function capable() {
    const said = await ask("lti.capabilities", {});
    const known = Array.isArray(said.supported_messages) ? said.supported_messages.map((one) => one && one.subject) : [];
    if (!known.includes("lti.put_data") || !known.includes("lti.get_data")) throw new Error("lti.capabilities");
  }

  async function stored() {
    const said = await ask("lti.get_data", { key });
    if (said.key !== key || typeof said.value !== "string") throw new Error("lti.get_data");
    return said.value;
  }

  // The platform's own hint is spent by going there, so what was stored is read back first.
  async function put() {
    await capable();
    await ask("lti.put_data", { key, value: secret });
    if (await stored() !== secret) throw new Error("lti.put_data");
    window.location.replace(onward);
  }

  async function get() {
    form.elements.value.value = await stored();
    form.submit();
  }

  show(true);
  (step === "put" ? put : get)().catch(() => show(false));
})();
