import ejs from "ejs";

export function greet(req, res) {
  res.send(ejs.render("Hello " + req.query.name)); // bad
  const page = req.body.page;
  res.send(ejs.compile(page)()); // bad
}

// good
export function greetWell(req, res) {
  res.send(ejs.render("Hello <%= name %>", { name: req.query.name }));
}
