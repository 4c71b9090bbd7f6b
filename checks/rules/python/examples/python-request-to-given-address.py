import urllib.request

import requests
from flask import request


def fetch():
    return requests.get(request.args["url"], timeout=5).text  # bad


def preview():
    address = request.form.get("address")
    return urllib.request.urlopen("http://" + address).read()  # bad


# good
def fetch_well():
    return requests.get("https://service.internal/list", params={"q": request.args["q"]}, timeout=5).text


def chosen():
    number = int(request.args["page"])
    return requests.get(f"https://service.internal/{number}", timeout=5).text
