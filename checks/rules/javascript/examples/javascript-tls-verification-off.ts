import https from "node:https";

const agent = new https.Agent({ rejectUnauthorized: false }); // bad
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // bad

// good
const checked = new https.Agent({ rejectUnauthorized: true, ca: authority });
