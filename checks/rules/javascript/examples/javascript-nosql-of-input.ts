export async function signIn(req, res, users) {
  await users.findOne(req.body); // bad
  await users.findOne({ name: req.body.name, password: req.body.password }); // bad
}

// good
export async function signInWell(req, res, users) {
  await users.findOne({ name: String(req.body.name) });
  req.body.items.find((item) => item.id === 1);
}
