import os

from flask import Flask

app = Flask(__name__)


def start():
    app.run(host="127.0.0.1", debug=True)  # bad


# good
def start_well():
    app.run(host="127.0.0.1", debug=False)
    app.run(debug=os.environ.get("DEVELOPMENT") == "1")
