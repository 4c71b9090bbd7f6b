from flask import redirect, request, url_for


def back():
    return redirect(request.args["next"])  # bad


def after():
    target = request.args.get("next", "/")
    return redirect(target)  # bad


# good
def back_well():
    return redirect(url_for("index", page=request.args["page"]))


def home():
    return redirect("/")
