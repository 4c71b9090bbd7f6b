const box = document.querySelector("#box");

function show() {
  box.innerHTML = "Hello " + location.hash.slice(1); // bad
  const words = new URLSearchParams(location.search).get("q");
  box.insertAdjacentHTML("beforeend", `<b>${words}</b>`); // bad
  document.write(document.referrer); // bad
}

window.addEventListener("message", (event) => {
  box.innerHTML = event.data; // bad
});

// good
function showWell() {
  box.textContent = location.hash.slice(1);
  box.innerHTML = DOMPurify.sanitize(location.hash.slice(1));
  box.innerHTML = "<b>fixed</b>";
}
