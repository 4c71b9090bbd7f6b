import cors from "cors";

function openUp(app, req, res) {
  app.use(cors({ origin: true, credentials: true })); // bad
  res.setHeader("Access-Control-Allow-Origin", req.headers.origin); // bad
}

// good
function openWell(app, req, res) {
  app.use(cors({ origin: "https://app.internal", credentials: true }));
  app.use(cors({ origin: "*" }));
  res.setHeader("Access-Control-Allow-Origin", "https://app.internal");
}
