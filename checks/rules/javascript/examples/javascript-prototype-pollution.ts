import _ from "lodash";

export function update(req, settings) {
  _.merge(settings, req.body); // bad
  const change = req.body.change;
  _.defaultsDeep({}, change); // bad
  _.set(settings, req.query.key, 1); // bad
}

// good
export function updateWell(req, settings) {
  settings.colour = String(req.body.colour);
  _.merge(settings, { theme: "dark" });
}
