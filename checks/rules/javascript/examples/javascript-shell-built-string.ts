import child_process, { exec, execSync, execFileSync } from "node:child_process";

export function pack(name, folder) {
  execSync("tar cf " + name); // bad
  child_process.exec(`tar cf ${name} ${folder}`); // bad
}

// good
export function packWell(name, folder) {
  execFileSync("tar", ["cf", name, folder]);
  exec("sync");
  execSync(`sync`);
  /a+/.exec(name + folder);
}
