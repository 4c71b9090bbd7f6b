"""No secret in a log."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.telemetry.redaction import LONGEST, MARK, redact, redact_text

HUSH = "hushhushhushhush1234"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"ghs_{HUSH}", id="installation-token"),
        pytest.param(f"ghp_{HUSH}", id="personal-token"),
        pytest.param(f"github_pat_{HUSH}", id="fine-grained-token"),
        pytest.param(f"eyJhbGciOi.{HUSH}.sig{HUSH}", id="jwt"),
        pytest.param(f"-----BEGIN RSA PRIVATE KEY-----\n{HUSH}\n-----END RSA PRIVATE KEY-----", id="key"),
        pytest.param(f"-----BEGIN PRIVATE KEY-----\n{HUSH}", id="key-cut-off"),
        pytest.param(f"postgresql://user:{HUSH}@host/db", id="database"),
        pytest.param(f"https://x-access-token:{HUSH}@github.com/o/r", id="git-address"),
        pytest.param(f"Authorization: Bearer {HUSH}", id="bearer"),
        pytest.param(f"basic {HUSH}", id="basic"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str) -> None:
    redacted = redact_text(f"before {text} after")
    assert HUSH not in redacted
    assert MARK in redacted
    assert redacted.startswith("before ")


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "webhook_secrets", "Authorization", "password", "private_key", "privateKey", "cookie",
     "Set-Cookie", "X-Hub-Signature-256", "credential", "api_key"],
)  # fmt: skip
def test_what_goes_under_a_secrets_name_goes(name: str) -> None:
    assert redact({"outer": [{name: HUSH}]}) == {"outer": [{name: MARK}]}


def test_the_rest_stays() -> None:
    kept: dict[str, Any] = {
        "run": 17,
        "ok": True,
        "ratio": 0.5,
        "none": None,
        "text": "https://github.com/o/r",
        "l": [1],
    }
    assert redact(kept) == kept


def test_depth_and_length_are_bounded() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    assert MARK in str(redact(deep))
    assert len(redact_text("x" * 10 * LONGEST)) == LONGEST


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_token_is_found_between_any_words(before: str, after: str) -> None:
    assert f"ghs_{HUSH}{HUSH}" not in redact_text(f"{before} ghs_{HUSH}{HUSH} {after}")
