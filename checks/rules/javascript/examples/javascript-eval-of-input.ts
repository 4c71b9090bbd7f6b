import vm from "node:vm";

export function calculate(req, res) {
  res.send(eval(req.query.sum)); // bad
}

export function make(req, res) {
  const body = "return " + req.body.code;
  res.send(new Function(body)()); // bad
  vm.runInNewContext(req.body.code); // bad
}

// good
export function parse(req, res) {
  res.send(JSON.parse(req.body));
  eval("1 + 1");
}
