// What the pages do beyond plain links and forms. Every page works without this file: panels stand open,
// pictures are tables, forms post and reload. Nothing here evaluates text as code (the CSP forbids it).
(() => {
  "use strict";

  const self = document.currentScript;
  const root = document.documentElement;

  // ---- appearance: light, dark or as the device. In a third party's frame storage may throw; then the choice lasts for the page. ----

  const APPEARANCES = ["light", "dark", "device"];
  const STORED = "stegvis.appearance";
  const device = window.matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try { return window.localStorage.getItem(STORED); } catch { return null; }
  }

  function remember(choice) {
    try { window.localStorage.setItem(STORED, choice); } catch { /* kept for this page only */ }
  }

  let appearance = remembered();
  if (!APPEARANCES.includes(appearance)) {
    appearance = document.body.dataset.target === "iframe" ? "light" : "device"; // a frame looks like the platform around it
  }

  function dress() {
    const dark = appearance === "dark" || (appearance === "device" && device.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
    for (const button of document.querySelectorAll("[data-appearance]")) {
      button.hidden = false;
      button.textContent = button.dataset[appearance];
    }
    document.dispatchEvent(new CustomEvent("stegvis:dressed"));
  }

  device.addEventListener("change", dress);

  // ---- the frame's height: the platform is asked for what the page needs (lti.frameResize); no answer is waited for ----

  const TALLEST = 5000;
  const STEP = 16; // smaller changes are not worth a message
  const TURNS = 6; // so often the height may go up and down again within SOON; then the platform and we disagree
  const SOON = 3000;

  // Where a browser tells who is around us, only they are told, and only if the launch named them.
  function around() {
    const known = (document.body.dataset.around ?? "").split(" ").filter(Boolean);
    const parents = window.location.ancestorOrigins;
    return parents?.length ? known.filter((origin) => origin === parents[0]) : known;
  }

  function fitFrame() {
    const origins = window.parent === window ? [] : around();
    if (!origins.length) return;
    let told = 0, rising = true, asked = false, turns = [];

    function tell() {
      asked = false;
      const height = Math.min(TALLEST, Math.ceil(root.getBoundingClientRect().height));
      if (Math.abs(height - told) < STEP) return;
      if (height > told !== rising) {
        const now = performance.now();
        turns = [...turns.filter((at) => now - at < SOON), now];
        if (turns.length > TURNS && height < told) return; // the greater height stands
        rising = !rising;
      }
      told = height;
      for (const origin of origins) window.parent.postMessage({ subject: "lti.frameResize", height }, origin);
    }

    new ResizeObserver(() => {
      if (!asked) window.requestAnimationFrame(tell);
      asked = true;
    }).observe(root);
  }

  // ---- panels: a button with data-opens="id" shows and hides the panel with that id; in one form only one stands open ----

  function setPanel(button, open) {
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.dataset.opens).hidden = !open;
  }

  function preparePanels(part) {
    for (const button of part.querySelectorAll("[data-opens]:not([aria-expanded])")) {
      const panel = document.getElementById(button.dataset.opens);
      if (!panel) continue;
      button.hidden = false;
      button.setAttribute("aria-controls", panel.id);
      setPanel(button, panel.hasAttribute("data-open") || panel.querySelector(".sv-error") !== null);
    }
  }

  function togglePanel(button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    for (const other of button.closest("form, .sv-step, main").querySelectorAll("[data-opens][aria-expanded='true']")) {
      setPanel(other, false);
    }
    setPanel(button, open);
    if (open) document.getElementById(button.dataset.opens).querySelector("button, input, select, textarea")?.focus();
  }

  // ---- unsaved text: a form with data-unsaved asks before the page is left with something changed ----

  const changed = new Set();

  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });

  // ---- a text with a longest length: how many characters there are stands below it, counted as the server counts them ----

  function count(field) {
    const place = document.getElementById(field.dataset.counted);
    place.textContent = place.dataset.said.replace("#", [...field.value.trim()].length);
  }

  // ---- forms that htmx could not deliver: the step says so and offers to try again ----

  function place(element) {
    return element.closest(".sv-step")?.lastElementChild ?? element.closest("form") ?? element;
  }

  function clearUnsaved(element) {
    for (const note of place(element).querySelectorAll(".sv-unsaved")) note.remove();
  }

  function showUnsaved(context, template) {
    const element = context.sourceElement;
    if (context.request.method === "GET" || !element.isConnected) return;
    clearUnsaved(element);
    const note = document.getElementById(template).content.cloneNode(true).firstElementChild;
    const again = () => {
      if (!element.isConnected) return;
      if (element instanceof HTMLFormElement) element.requestSubmit(context.request.submitter ?? undefined);
      else element.click();
    };
    note.querySelector("button")?.addEventListener("click", again);
    if (template === "sv-unsaved-network") {
      window.addEventListener("online", () => { if (note.isConnected) again(); }, { once: true });
    }
    place(element).append(note);
    if (template === "sv-unsaved-network") changed.add(element); // what was tapped and not delivered is not left behind unasked
  }

  document.addEventListener("htmx:config:request", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token.content;
  });
  document.addEventListener("htmx:before:request", (event) => clearUnsaved(event.detail.ctx.sourceElement));
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx) showUnsaved(event.detail.ctx, "sv-unsaved-network");
  });
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx.response.status;
    if (status === 401) showUnsaved(event.detail.ctx, "sv-unsaved-expired");
    else if (status >= 500 || [403, 404, 429].includes(status)) showUnsaved(event.detail.ctx, "sv-unsaved-refused");
  });
  document.addEventListener("htmx:after:request", (event) => {
    const context = event.detail.ctx;
    if (context.response) changed.delete(context.sourceElement);
    if (context.response?.status < 400 && context.request.form) changed.delete(context.request.form);
  });

  // ---- pictures: fetched only by a page that has one ----

  function load(source) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.nonce = self.nonce;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }

  let drawing = null;
  function preparePictures(part) {
    if (!part.querySelector("figure[data-chart]:not([data-drawn])")) return;
    drawing ??= load(self.dataset.echarts).then(() => load(self.dataset.charts));
    drawing.then(() => window.stegvisCharts.draw(document)).catch(() => { drawing = null; }); // the tables stand open meanwhile
  }

  // ---- one listener for each kind of event, so that what htmx brings in needs no wiring ----

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) togglePanel(opener);
    if (event.target.closest("[data-appearance]")) {
      appearance = APPEARANCES[(APPEARANCES.indexOf(appearance) + 1) % APPEARANCES.length];
      remember(appearance);
      dress();
    }
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-unsaved]");
    if (form) changed.add(form);
    if (event.target.matches("[data-counted]")) count(event.target);
  });
  // A slider and a number that say the same thing: data-twin names the other one.
  document.addEventListener("input", (event) => {
    const twin = document.getElementById(event.target.dataset?.twin ?? "");
    if (twin) twin.value = event.target.value;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[hx-post], [data-hx-post]")) changed.delete(event.target);
  });

  // Where to go on: the error to mend, or the way back from what was just done.
  function focusMarked() {
    document.querySelector("[data-focus]")?.focus();
  }

  function prepare(part) {
    for (const field of part.querySelectorAll("[data-counted]")) count(field);
    for (const button of part.querySelectorAll("form[data-autosubmit] [data-without-script]")) button.hidden = true;
    preparePanels(part);
    preparePictures(part);
  }

  document.addEventListener("htmx:after:swap", () => {
    prepare(document);
    focusMarked();
  });
  dress();
  prepare(document);
  focusMarked();
  fitFrame();
})();
