// What the page around a tool's frame answers: how high the frame is, and where the platform keeps values. Nobody but the frame is heard.
(function () {
  const frame = document.getElementById("tool");
  const said = frame.dataset;
  window.addEventListener("message", function (event) {
    const asked = event.data;
    if (event.source !== frame.contentWindow || typeof asked !== "object" || asked === null) return;
    if (asked.subject === "lti.frameResize" && said.resize === "yes" && Number.isFinite(Number(asked.height))) {
      frame.style.height = Math.max(0, Number(asked.height)) + "px";
    }
    if (asked.subject === "lti.capabilities" && said.storage === "yes") {
      const messages = [
        { subject: "lti.capabilities" },
        { subject: "lti.get_data", frame: "post_message_forwarding" },
        { subject: "lti.put_data", frame: "post_message_forwarding" },
      ];
      if (said.resize === "yes") messages.push({ subject: "lti.frameResize" });
      event.source.postMessage({
        subject: "lti.capabilities.response",
        message_id: said.wrongMessageId === "yes" ? "another" : asked.message_id,
        supported_messages: messages,
      }, event.origin);
    }
  });
})();
