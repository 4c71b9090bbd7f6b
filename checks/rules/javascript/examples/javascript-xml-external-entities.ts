import libxmljs from "libxmljs";

function read(text) {
  return libxmljs.parseXml(text, { noent: true }); // bad
}

// good
function readWell(text) {
  return libxmljs.parseXml(text, { noent: false });
}
