import jwt from "jsonwebtoken";

function read(token, key) {
  jwt.verify(token, key, { algorithms: ["HS256", "none"] }); // bad
  jwt.verify(token, null); // bad
}

// good
function readWell(token, key) {
  jwt.verify(token, key, { algorithms: ["HS256"] });
}
