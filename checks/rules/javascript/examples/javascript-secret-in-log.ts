function signIn(user, password, settings) {
  console.log("signing in", user, password); // bad
  console.debug(`key is ${settings.apiKey}`); // bad
}

// good
function signInWell(user, password) {
  console.log("signing in", user);
  console.log("password given:", Boolean(password));
}
