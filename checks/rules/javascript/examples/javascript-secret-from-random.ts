import crypto from "node:crypto";

function make(user) {
  const token = Math.random().toString(36).slice(2); // bad
  user.resetToken = String(Math.floor(Math.random() * 1e6)); // bad
  return token;
}

// good
function makeWell(user) {
  const token = crypto.randomBytes(32).toString("hex");
  const delay = Math.random() * 100;
  return [token, delay];
}
