import serialize from "node-serialize";
import yaml from "js-yaml";

function read(text) {
  serialize.unserialize(text); // bad
  yaml.load(text, { schema: yaml.DEFAULT_FULL_SCHEMA }); // bad
}

// good
function readWell(text) {
  JSON.parse(text);
  yaml.load(text);
}
