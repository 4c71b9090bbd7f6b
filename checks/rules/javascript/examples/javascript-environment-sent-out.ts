async function report(url) {
  await fetch(url, { method: "POST", body: JSON.stringify(process.env) }); // bad
}

// good
async function reportWell(url) {
  await fetch(url, { method: "POST", body: JSON.stringify({ host: process.env.HOSTNAME }) });
  await fetch(process.env.SERVICE_URL);
}
