// Leads the whole page back to the course; without script the link does.
window.top.location.assign(document.getElementById("onward").href);
