import hashlib


def store(password, salt, body):
    hashlib.md5(password.encode()).hexdigest()  # bad
    hashlib.sha256(password).hexdigest()  # bad
    hashlib.sha1((salt + password).encode()).hexdigest()  # bad


# good
def store_well(password, salt, body):
    hashlib.scrypt(password.encode(), salt=salt, n=16384, r=8, p=1)
    hashlib.sha256(body).hexdigest()
