const dbPassword = "s3cure-Pa55phrase"; // bad

connect({
  user: "app",
  password: "Tr0ub4dor-and-3", // bad
});
settings.apiKey = "k2j4h5g6f7d8s9a0"; // bad

// good
const password = process.env.DB_PASSWORD;
const passwordField = "password-1";
const secret = "<your secret 1>";
const apiKey = "change-me-1234";
