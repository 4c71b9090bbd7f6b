import re

from flask import request


def find(text):
    return re.search(request.args["pattern"], text)  # bad


# good
def find_well(text):
    return re.search(re.escape(request.args["words"]), text)


def check():
    return re.fullmatch("[a-z]{1,20}", request.args["name"])
