from Crypto.Cipher import AES, ARC4, DES
from cryptography.hazmat.primitives.ciphers import modes


def encrypt(key, nonce):
    AES.new(key, AES.MODE_ECB)  # bad
    DES.new(key)  # bad
    ARC4.new(key)  # bad
    modes.ECB()  # bad


# good
def encrypt_well(key, nonce):
    AES.new(key, AES.MODE_GCM, nonce=nonce)
    modes.GCM(nonce)
