// A form with data-keep keeps its answers in this tab, so that a reload loses nothing: in the tab's own storage, never
// sent, gone when the tab is closed. A page with data-kept-done (what comes after sending) empties it.
// A browser that allows no storage simply does without.
(() => {
  "use strict";

  let storage;
  try { storage = window.sessionStorage; } catch { return; }
  const key = `stegvis.keep ${window.location.pathname}`;

  function read() {
    try { return JSON.parse(storage.getItem(key) ?? "null"); } catch { return null; }
  }

  function forget() {
    try { storage.removeItem(key); } catch { /* there is none */ }
  }

  if (document.querySelector("[data-kept-done]")) { forget(); return; }
  const form = document.querySelector("form[data-keep]");
  if (!form) return;

  function keep() {
    const kept = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    try { storage.setItem(key, JSON.stringify(kept)); } catch { /* full or not allowed: the form works all the same */ }
  }

  function fill(kept) {
    let filled = 0;
    for (const field of form.elements) {
      if (!field.name || typeof kept[field.name] !== "string") continue;
      if (field.type === "radio") {
        field.checked = field.value === kept[field.name];
        filled += Number(field.checked);
      } else if (field.type === "textarea") {
        field.value = kept[field.name];
        filled += Number(field.value !== "");
      } else if (field.type === "hidden") field.value = kept[field.name];
    }
    return filled;
  }

  // What the server shows again after a refusal is newer than what lies here.
  const kept = form.dataset.keep === "fresh" ? read() : null;
  const note = document.querySelector("[data-keep-note]");
  if (kept && fill(kept) && note) {
    note.hidden = false;
    note.querySelector("button")?.addEventListener("click", () => {
      for (const field of form.elements) {
        if (field.type === "radio") field.checked = false;
        if (field.type === "textarea") field.value = "";
      }
      forget();
      note.hidden = true;
    });
  }
  for (const event of ["change", "input"]) form.addEventListener(event, keep);
})();
