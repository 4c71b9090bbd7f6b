import jwt


def read(token, key):
    jwt.decode(token, options={"verify_signature": False})  # bad
    jwt.decode(token, key, verify=False)  # bad
    jwt.decode(token, key, algorithms=["HS256", "none"])  # bad


# good
def read_well(token, key):
    jwt.decode(token, key, algorithms=["HS256"])
    jwt.decode(token, key, algorithms=["HS256"], options={"verify_aud": False})
