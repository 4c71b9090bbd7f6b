export async function plugin(req) {
  require(req.query.plugin); // bad
  await import(`./plugins/${req.body.name}`); // bad
}

// good
export async function pluginWell(req) {
  await import("./plugins/default.js");
  return PLUGINS[req.query.plugin];
}
