import child_process, { execSync, execFile } from "node:child_process";

export function ping(req, res) {
  child_process.exec("ping -c 1 " + req.query.host); // bad
  const folder = req.params.folder;
  res.send(execSync(`ls ${folder}`)); // bad
}

// good
export function pingWell(req, res) {
  execFile("ping", ["-c", "1", "--", req.query.host]);
  execSync("df");
  const found = /a/.exec(req.query.text);
  execSync(`kill ${Number(req.query.pid)}`);
}
