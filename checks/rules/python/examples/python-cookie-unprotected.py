SESSION_COOKIE_SECURE = False  # bad


def answer(response, app):
    response.set_cookie("session", "1", httponly=False)  # bad
    app.config["SESSION_COOKIE_SECURE"] = False  # bad


# good
def answer_well(response, app):
    response.set_cookie("session", "1", secure=True, httponly=True, samesite="Lax")
    app.config["SESSION_COOKIE_SECURE"] = True
