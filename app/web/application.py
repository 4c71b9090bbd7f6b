"""The Flask application, put together."""

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.settings import Settings
from app.store import Store
from app.telemetry.logs import logger
from app.web import guard, health, intake, pages, stream, wording
from app.web.visible import visible, visible_lines

log = logger(__name__)

TEXTS = {
    400: "The request makes no sense to us.",
    403: "This is not allowed.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    421: "This server does not go by that name: use the address in its settings (MERGELOCK_PUBLIC_URL).",
    500: "Something went wrong in Mergelock. Its log says what.",
    503: "Too much at once: try again in a moment.",
}


def create_app(settings: Settings, store: Store, intake_of_webhooks: intake.Intake) -> Flask:
    """The whole web application. Make it in each web process, after the fork, with a store of its own."""
    app = Flask(__name__)
    door = guard.Guard(settings, store)
    app.config["SECURE"] = door.secure
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024  # of forms; the intake of webhooks has its own
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(visible=visible, visible_lines=visible_lines, **wording.FILTERS)
    app.jinja_env.globals.update(form_token=door.form_token, signed_in=lambda: door.session() is not None)
    app.register_blueprint(intake.blueprint(intake_of_webhooks, settings.secrets()))
    app.register_blueprint(health.blueprint(store, settings.metrics_token))
    app.register_blueprint(guard.blueprint(door, store))
    app.register_blueprint(pages.blueprint(door, store, settings.github_web_url))
    app.register_blueprint(stream.blueprint(door, store, stream.Places(settings.web_threads // 2)))
    app.after_request(guard.add_headers)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_error)
    return app


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    text = TEXTS.get(code, error.name)
    if request.path.startswith("/webhooks/"):
        return Response(text + "\n", code, mimetype="text/plain")
    if code == 401:  # noqa: PLR2004 - what `Guard` answers
        return Response(render_template("sign_in.html", used=False), 401)
    return Response(render_template("error.html", code=code, text=text), code)


def _our_error(error: Exception) -> Response:
    log.error("request failed", path=request.path, exc_info=error)
    return Response(TEXTS[500] + "\n", 500, mimetype="text/plain")
