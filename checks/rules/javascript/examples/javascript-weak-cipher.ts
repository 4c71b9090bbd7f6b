import crypto from "node:crypto";

function encrypt(key, nonce) {
  crypto.createCipher("aes-256-cbc", key); // bad
  crypto.createCipheriv("aes-256-ecb", key, null); // bad
  crypto.createCipheriv("des-ede3-cbc", key, nonce); // bad
}

// good
function encryptWell(key, nonce) {
  crypto.createCipheriv("aes-256-gcm", key, nonce);
}
