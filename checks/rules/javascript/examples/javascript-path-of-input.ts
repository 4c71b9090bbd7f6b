import fs from "node:fs";
import path from "node:path";

export function show(req, res) {
  res.send(fs.readFileSync("/srv/files/" + req.query.name)); // bad
  const name = path.join("/srv/files", req.params.name);
  res.sendFile(name); // bad
}

// good
export function showWell(req, res) {
  res.send(fs.readFileSync("/srv/files/" + path.basename(req.query.name)));
  res.sendFile(path.join("/srv/files", req.params.name), { root: "/srv/files" });
  fs.readFile("/srv/index.html", () => {});
}
