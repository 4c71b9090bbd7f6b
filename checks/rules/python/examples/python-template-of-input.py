import jinja2
from flask import render_template_string, request


def greet():
    return render_template_string("Hello " + request.args["name"])  # bad


def page():
    text = request.form["page"]
    return jinja2.Template(text).render()  # bad


# good
def greet_well():
    return render_template_string("Hello {{ name }}", name=request.args["name"])
