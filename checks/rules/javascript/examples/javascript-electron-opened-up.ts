function open(BrowserWindow) {
  new BrowserWindow({ webPreferences: { nodeIntegration: true } }); // bad
  return new BrowserWindow({ width: 1, webPreferences: { webSecurity: false } }); // bad
}

// good
function openWell(BrowserWindow) {
  return new BrowserWindow({ webPreferences: { nodeIntegration: false, contextIsolation: true } });
}
