import base64
import urllib.request

import requests


def update(url):
    exec(requests.get(url, timeout=5).text)  # bad


def start(blob):
    code = base64.b64decode(blob)
    eval(code)  # bad


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        source = answer.read().decode()
    exec(source)  # bad


# good
def update_well(url):
    return requests.get(url, timeout=5).json()


def decode(blob):
    return base64.b64decode(blob).decode()
