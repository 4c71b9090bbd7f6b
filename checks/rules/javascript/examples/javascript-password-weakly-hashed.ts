import crypto from "node:crypto";

function store(password, user) {
  crypto.createHash("md5").update(password).digest("hex"); // bad
  return crypto.createHash("sha256").update(user.password).digest("hex"); // bad
}

// good
function storeWell(password, salt, body) {
  crypto.scryptSync(password, salt, 64);
  return crypto.createHash("sha256").update(body).digest("hex");
}
