function close(thing) {
  try { // bad
    thing.close();
  } catch (error) {}
}

// good
function closeWell(thing) {
  try {
    thing.close();
  } catch (error) {
    console.error("could not close", error);
  }
}
