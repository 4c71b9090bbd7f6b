import fs from "node:fs";

function openUp(path) {
  fs.chmodSync(path, 0o777); // bad
  fs.chmod(path, "666", () => {}); // bad
}

// good
function keep(path) {
  fs.chmodSync(path, 0o755);
}
