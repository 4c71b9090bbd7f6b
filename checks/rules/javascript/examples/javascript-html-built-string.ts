function greet(box, name) {
  box.innerHTML = "<b>" + name; // bad
  box.insertAdjacentHTML("beforeend", `<i>${name}</i>`); // bad
  document.write("<p>" + name); // bad
}

// good
function greetWell(box, name) {
  box.innerHTML = "<b>" + "hello" ;
  box.innerHTML = `<b>hello</b>`;
  box.innerHTML = `<b>${escapeHtml(name)}</b>`;
  box.textContent = "Hello " + name;
}
