import ast
import sys

from flask import request


def calculate():
    return eval(request.args["sum"])  # bad


def through_names():
    text = request.form.get("code", "")
    code = "result = " + text
    exec(code)  # bad


def from_the_terminal():
    return eval(input("sum? "))  # bad


def from_arguments():
    exec(sys.argv[1])  # bad


# good
def literal():
    return ast.literal_eval(request.args["list"])


def constant():
    return eval("1 + 1")
