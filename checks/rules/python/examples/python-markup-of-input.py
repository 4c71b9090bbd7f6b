from django.utils.safestring import mark_safe
from flask import request
from markupsafe import Markup, escape


def greet():
    return Markup("<b>" + request.args["name"] + "</b>")  # bad


def note(request):
    return mark_safe(request.GET["note"])  # bad


# good
def greet_well():
    return Markup("<b>" + escape(request.args["name"]) + "</b>")


def fixed():
    return Markup("<b>hello</b>")
