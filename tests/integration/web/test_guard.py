"""Who gets in, and what browsers are told."""

import re

import pytest
from flask.testing import FlaskClient

from app.pipeline.intake import Enqueuer
from app.settings import Settings
from app.store import Store
from app.web.application import create_app
from app.web.guard import sign_in_link
from tests.integration.web.example import judged_run

PAGES = ["/", "/runs/1", "/runs/1/events"]


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


@pytest.mark.parametrize("path", PAGES)
def test_strangers_see_nothing(stranger: FlaskClient, store: Store, path: str) -> None:
    with store.writing() as connection:
        judged_run(connection, text="the-content")
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert "the-content" not in answer.text
    assert "mergelock sign-in" in answer.text


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "%00" * 43, "é" * 43])
def test_made_up_sessions_open_nothing(stranger: FlaskClient, cookie: str) -> None:
    stranger.set_cookie("mergelock_session", cookie)
    assert stranger.get("/").status_code == 401


def test_a_link_opens_the_pages_once(stranger: FlaskClient, settings: Settings, store: Store) -> None:
    link = sign_in_link(settings, store)
    assert link.startswith("http://127.0.0.1:8080/sign-in?token=")
    answer = stranger.get(path_of(link))
    assert (answer.status_code, answer.location) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert stranger.get("/").status_code == 200
    stranger.delete_cookie("mergelock_session")
    again = stranger.get(path_of(link))
    assert again.status_code == 401
    assert "no longer works" in again.text


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 100_000, "%FF%00", "<script>"])
def test_made_up_links_open_nothing(stranger: FlaskClient, token: str) -> None:
    answer = stranger.get(f"/sign-in?token={token}")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "<script>" not in answer.text


def test_signing_out_needs_the_forms_token_and_ends_the_session(client: FlaskClient) -> None:
    page = client.get("/").text
    assert client.post("/sign-out").status_code == 403
    assert client.post("/sign-out", data={"form_token": "0" * 64}).status_code == 403
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
    assert found is not None
    session = client.get_cookie("mergelock_session")
    assert session is not None
    assert client.post("/sign-out", data={"form_token": found[1]}).status_code == 303
    client.set_cookie("mergelock_session", session.value)
    assert client.get("/").status_code == 401


@pytest.mark.parametrize("path", [*PAGES, "/sign-in?token=x"])
def test_another_host_name_is_not_answered(client: FlaskClient, path: str) -> None:
    """A page elsewhere may make its own name lead to loopback (DNS rebinding)."""
    assert client.get(path, headers={"Host": "evil.example:8080"}).status_code == 421


@pytest.mark.parametrize("path", ["/", "/none", "/static/page.css", "/healthz", "/sign-in"])
def test_browsers_are_told_to_be_careful(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:  # closes the static file
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert (headers["Cache-Control"] == "no-store") is (not path.startswith("/static"))


def test_behind_https_the_cookie_is_bound_to_it(settings: Settings, intake: Enqueuer, store: Store) -> None:
    secure = settings.model_copy(update={"public_url": "https://mergelock.example"})
    client = create_app(secure, store, intake).test_client()
    link = sign_in_link(secure, store)
    answer = client.get(path_of(link), base_url="https://mergelock.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mergelock=")
    assert "Secure" in cookie
    assert "Strict-Transport-Security" in answer.headers


def test_no_page_holds_inline_script_or_style_or_a_foreign_address(client: FlaskClient, store: Store) -> None:
    with store.writing() as connection:
        run = judged_run(connection, text="plain")
    for path in ("/", f"/runs/{run.id}", "/none"):
        page = client.get(path).text
        assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
        assert all(src.startswith("/static/") for src in re.findall(r'src="([^"]*)"', page))
