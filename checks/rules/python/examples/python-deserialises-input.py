import json
import pickle

from flask import request


def restore():
    return pickle.loads(request.data)  # bad


def from_cookie():
    state = request.cookies["state"]
    return pickle.loads(bytes.fromhex(state))  # bad


# good
def restore_well():
    return json.loads(request.data)


def own(path):
    return pickle.loads(path.read_bytes())
