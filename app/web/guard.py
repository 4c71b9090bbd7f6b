"""Who may see the pages: a session opened by a one-time link, on our own host name. And what browsers may not do."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.settings import Settings
from app.store import Store, sign_in

P = ParamSpec("P")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Sessions of the pages."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self.secure = settings.public_url.startswith("https://")
        self.cookie = "__Host-mergelock" if self.secure else "mergelock_session"
        named = {urlsplit(settings.public_url).hostname, urlsplit(f"//{settings.bind}").hostname}
        self._hosts = {host.lower() for host in named if host} | {"localhost", "127.0.0.1", "::1"}

    def own_host(self) -> bool:
        """Whether the browser asked for a host name of ours: a page elsewhere may point its own name at loopback."""
        return (urlsplit(f"//{request.host}").hostname or "") in self._hosts

    def session(self) -> str | None:
        """The open session that the request carries."""
        token = request.cookies.get(self.cookie, "")
        if len(token) != sign_in.TOKEN_LENGTH:
            return None
        with self._store.reading() as connection:
            return token if sign_in.session_valid(connection, token) else None

    def signed_in(self, view: Callable[P, AnyResponse]) -> Callable[P, AnyResponse]:
        """A view that only a signed-in person sees."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> AnyResponse:
            if not self.own_host():
                abort(421)
            if self.session() is None:
                abort(401)
            return view(*args, **kwargs)

        return guarded

    def form_token(self) -> str:
        """What this session's forms carry."""
        return sign_in.form_token(self.session() or "")


def blueprint(guard: Guard, store: Store) -> Blueprint:
    """Sign in by link, and out."""
    routes = Blueprint("guard", __name__)

    @routes.get("/sign-in")
    def enter() -> AnyResponse:
        if not guard.own_host():
            abort(421)
        with store.writing() as connection:
            session = sign_in.redeem(connection, request.args.get("token", "")[:100])
        if session is None:
            return Response(render_template("sign_in.html", used=True), 401)
        answer = redirect(url_for("pages.runs_page"), 303)
        answer.set_cookie(
            guard.cookie,
            session,
            max_age=sign_in.SESSION_LIFE,
            secure=guard.secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return answer

    @routes.post("/sign-out")
    @guard.signed_in
    def leave() -> AnyResponse:
        session = guard.session() or ""
        if not sign_in.form_token_valid(session, request.form.get("form_token", "")):
            abort(403)
        with store.writing() as connection:
            sign_in.end_session(connection, session)
        answer = redirect(url_for("pages.runs_page"), 303)
        answer.delete_cookie(guard.cookie, path="/", secure=guard.secure, httponly=True, samesite="Lax")
        return answer

    return routes


def add_headers(response: Response) -> Response:
    """What browsers are told with every answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def sign_in_link(settings: Settings, store: Store) -> str:
    """A link that opens the pages once, within a quarter of an hour: to be printed where only its reader sees it."""
    with store.writing() as connection:
        token = sign_in.new_link_token(connection)
    return f"{settings.public_url}/sign-in?token={token}"
