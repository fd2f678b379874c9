// Leaves the tool's registration page when the tool says that it is done. Only the tool's own page is heard.
(function () {
  const frame = document.getElementById("registration");
  window.addEventListener("message", function (event) {
    if (event.origin !== frame.dataset.origin || event.source !== frame.contentWindow) return;
    if (event.data && event.data.subject === "org.imsglobal.lti.close") window.location.assign(document.getElementById("done").href);
  });
})();
