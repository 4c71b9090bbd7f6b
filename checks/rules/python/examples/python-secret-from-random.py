import random
import secrets
import string


def make(user):
    token = "".join(random.choice(string.ascii_letters) for _ in range(32))  # bad
    user.reset_token = str(random.randint(100000, 999999))  # bad
    return token


# good
def make_well(user):
    token = secrets.token_urlsafe(32)
    colour = random.choice(["red", "green"])
    delay = random.random()
    return token, colour, delay
