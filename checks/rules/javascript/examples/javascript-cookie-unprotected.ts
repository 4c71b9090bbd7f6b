function answer(res, session) {
  res.cookie("session", "1", { httpOnly: false }); // bad
  session({ name: "session", cookie: { secure: false } }); // bad
}

// good
function answerWell(res, session) {
  res.cookie("session", "1", { httpOnly: true, secure: true, sameSite: "lax" });
  session({ name: "session", cookie: { secure: true } });
}
