import _ from "lodash";

export function find(req, text) {
  return new RegExp(req.query.pattern).test(text); // bad
}

// good
export function findWell(req, text) {
  new RegExp("[a-z]+").test(req.query.word);
  return new RegExp(_.escapeRegExp(req.query.words)).test(text);
}
