// Says to the tool's frame what the storage frame handed over, from an origin that nobody asked.
window.addEventListener("message", function (event) {
  if (event.origin === document.documentElement.dataset.master) window.top.frames.tool.postMessage(event.data.reply, event.data.target);
});
