// Sends the form on at once; without script its button does.
document.getElementById("onward").submit();
