// Keeps values for tools, apart for each of their origins (LTI postMessage Storage 1.0). Only registered tools' origins are served.
(function () {
  const said = document.documentElement.dataset;
  const origins = said.origins.split(" ");
  const shelves = new Map();
  const MOST_KEYS = 500;
  const MOST_CHARACTERS = 4096;

  function refuse(code, message) {
    return { error: { code: code, message: message } };
  }

  function put(shelf, asked) {
    if (asked.value === null || asked.value === undefined) {
      shelf.delete(asked.key);
      return { key: asked.key, value: null };
    }
    if (typeof asked.value !== "string") return refuse("bad_request", "value must be a string");
    if (asked.value.length > MOST_CHARACTERS || (!shelf.has(asked.key) && shelf.size >= MOST_KEYS)) {
      return refuse("storage_exhaustion", "too much");
    }
    shelf.set(asked.key, asked.value);
    return { key: asked.key, value: asked.value };
  }

  function answer(asked, origin) {
    if (asked.subject === "lti.capabilities") {
      return { supported_messages: ["lti.capabilities", "lti.get_data", "lti.put_data"].map((subject) => ({ subject: subject, frame: window.name })) };
    }
    if (!origins.includes(origin)) return refuse("wrong_origin", origin + " is no registered tool");
    if (!asked.message_id || typeof asked.key !== "string" || !asked.key) return refuse("bad_request", "message_id and key are needed");
    if (!shelves.has(origin)) shelves.set(origin, new Map());
    const shelf = shelves.get(origin);
    if (asked.subject === "lti.put_data") return put(shelf, asked);
    return { key: asked.key, value: shelf.has(asked.key) ? shelf.get(asked.key) : null };
  }

  window.addEventListener("message", function (event) {
    const asked = event.data;
    if (typeof asked !== "object" || asked === null || said.silent === "yes") return;
    if (!["lti.capabilities", "lti.put_data", "lti.get_data"].includes(asked.subject)) return;
    const reply = Object.assign({
      subject: asked.subject + ".response",
      message_id: said.wrongMessageId === "yes" ? "another" : asked.message_id,
    }, answer(asked, event.origin));
    const stranger = document.querySelector("iframe[name=stranger]");
    if (stranger) stranger.contentWindow.postMessage({ reply: reply, target: event.origin }, "*");
    else event.source.postMessage(reply, event.origin);
  });
})();
