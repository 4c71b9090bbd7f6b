// Makes the pages live. They work without it. Text from the server is only ever set as text.
"use strict";

const STATES = { "": ["running", "busy"], done: ["done", "good"], failed: ["failed", "bad"], trouble: ["could not tell", "trouble"] };
const LONGEST_LOG = 400000;

async function loadAnew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = new Set([...document.querySelectorAll(".step details[open]")].map((d) => d.closest(".step").dataset.step));
  const main = page.getElementById("main");
  for (const step of main.querySelectorAll(".step")) {
    if (open.has(step.dataset.step)) step.querySelector("details").open = true;
  }
  const here = document.activeElement && document.activeElement.getAttribute("href");
  document.getElementById("main").replaceWith(main);
  if (here) main.querySelector(`a[href="${CSS.escape(here)}"]`)?.focus();
  document.title = page.title;
  return main;
}

function refreshList(seconds) {
  setTimeout(async () => {
    if (document.hidden) return refreshList(seconds);
    try {
      refreshList(Number((await loadAnew()).dataset.refresh || seconds));
    } catch {
      refreshList(Math.min(seconds * 2, 60));
    }
  }, seconds * 1000);
}

function stepElement(name) {
  for (const step of document.querySelectorAll(".step")) if (step.dataset.step === name) return step;
  const step = document.getElementById("step-template").content.firstElementChild.cloneNode(true);
  step.dataset.step = name;
  step.querySelector(".key").textContent = name;
  step.querySelector(".log").setAttribute("aria-label", `Output of ${name}`);
  document.getElementById("steps").append(step);
  document.getElementById("no-steps")?.remove();
  return step;
}

function setState(step, state) {
  const [words, tone] = STATES[state] || STATES.trouble;
  step.className = `step ${tone}`;
  step.querySelector(".state").textContent = words;
}

function addOutput(step, text) {
  const log = step.querySelector(".log");
  const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const details = step.querySelector("details");
  if (!log.firstChild) details.open = true;
  if (log.textContent.length + text.length > LONGEST_LOG) log.textContent = log.textContent.slice(-LONGEST_LOG / 2);
  log.append(text);
  if (follows) log.scrollTop = log.scrollHeight;
}

function show(message) {
  const step = stepElement(message.step);
  if (message.kind === "output") return addOutput(step, message.text);
  step.querySelector(".text").textContent = message.text;
  if (message.kind === "started") {
    step.dataset.at = message.at;
    step.querySelector(".took").textContent = "";
    step.querySelector(".log").textContent = "";
    return setState(step, "");
  }
  setState(step, message.state);
  const took = step.dataset.at ? (new Date(message.at) - new Date(step.dataset.at)) / 1000 : NaN;
  if (took >= 0) step.querySelector(".took").textContent = took < 10 ? `${took.toFixed(1)} s` : `${Math.round(took)} s`;
  if (message.state === "done") step.querySelector("details").open = false;
}

function follow(main) {
  const say = (text) => { const place = document.getElementById("stream-state"); if (place) place.textContent = text; };
  const source = new EventSource(`${main.dataset.events}?after=${main.dataset.cursor}`);
  source.addEventListener("open", () => say("Live."));
  source.addEventListener("log", (event) => show(JSON.parse(event.data)));
  source.addEventListener("ended", async () => {
    source.close();
    try { start(await loadAnew()); } catch { location.reload(); }
  });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return say("Connecting again…");
    say("No live connection: the page loads itself anew.");  // refused, not only cut off: too many are open
    setTimeout(() => loadAnew().then(start, () => say("The server does not answer.")), 4000);
  });
}

function start(main) {
  if (main.dataset.events) follow(main);
}

const main = document.getElementById("main");
if (main && main.dataset.refresh) refreshList(Number(main.dataset.refresh));
else if (main) start(main);
