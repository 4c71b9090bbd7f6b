function tell(child, data) {
  child.contentWindow.postMessage(data, "*"); // bad
  window.parent.postMessage(data, "*"); // bad
}

// good
function tellWell(child, data, worker) {
  child.contentWindow.postMessage(data, "https://app.internal");
  worker.postMessage(data);
}
