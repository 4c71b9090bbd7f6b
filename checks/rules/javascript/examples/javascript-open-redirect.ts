export function back(req, res) {
  res.redirect(req.query.next); // bad
  const target = req.body.target || "/";
  res.redirect(302, target); // bad
}

// good
export function backWell(req, res) {
  res.redirect("/");
  res.redirect("/page/" + encodeURIComponent(req.query.page));
}
