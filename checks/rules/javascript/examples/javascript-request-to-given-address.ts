import axios from "axios";

export async function preview(req, res) {
  await fetch(req.query.url); // bad
  const host = req.body.host;
  await axios.get(`http://${host}/status`); // bad
}

// good
export async function previewWell(req, res) {
  await fetch("https://service.internal/list?q=" + encodeURIComponent(req.query.q));
  await axios.post("https://service.internal/list", req.body);
}
