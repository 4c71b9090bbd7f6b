import os

DB_PASSWORD = "s3cure-Pa55phrase"  # bad
api_key: str = "9f8a7c6b5d4e3f2a1b0c"  # bad


def connect(database, settings, name):
    database.connect(
        user="app",
        password="Tr0ub4dor-and-3",  # bad
    )
    settings["secret_key"] = "k2j4h5g6f7d8s9a0"  # bad
    settings.client_secret = "k2j4h5g6f7d8s9a0"  # bad


# good
PASSWORD = os.environ["DB_PASSWORD"]
PASSWORD_FIELD = "password"
SECRET_KEY = "change-me-1234"
TOKEN_URL = "https://service.internal/token1"
secret = ""


def connect_well(database, settings):
    database.connect(user="app", password=settings.password)
    database.connect(user="app", password="<your password 1>")
