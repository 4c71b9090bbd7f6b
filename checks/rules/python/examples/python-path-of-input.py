import os
from pathlib import Path

from flask import request, send_file
from werkzeug.utils import secure_filename

FOLDER = "/srv/files"


def show():
    return open(os.path.join(FOLDER, request.args["name"])).read()  # bad


def download():
    name = request.args.get("name")
    return send_file(f"{FOLDER}/{name}")  # bad


def read():
    path = Path(FOLDER) / request.args["name"]
    return path.read_text()  # bad


# good
def show_well():
    return open(os.path.join(FOLDER, secure_filename(request.args["name"]))).read()


def fixed():
    return open(os.path.join(FOLDER, "index.html")).read()
