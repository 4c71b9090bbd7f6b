import importlib

from flask import request


def plugin():
    return importlib.import_module(request.args["plugin"])  # bad


# good
def plugin_well():
    return importlib.import_module("plugins.default")
