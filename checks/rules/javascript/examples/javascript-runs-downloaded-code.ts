async function update(url, blob) {
  const answer = await fetch(url);
  eval(await answer.text()); // bad
  eval(atob(blob)); // bad
  new Function(Buffer.from(blob, "base64").toString())(); // bad
}

// good
async function updateWell(url, blob) {
  const answer = await fetch(url);
  JSON.parse(atob(blob));
  return answer.json();
}
