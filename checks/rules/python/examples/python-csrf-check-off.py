from django.views.decorators.csrf import csrf_exempt


@csrf_exempt  # bad
def pay(request):
    return request


def settings(app):
    app.config["WTF_CSRF_ENABLED"] = False  # bad


# good
def pay_well(request):
    return request
