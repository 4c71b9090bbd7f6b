"""Signatures of webhooks."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.errors import BadSignature
from app.github.signature import NoSecret, check_signature, sign, usable_secrets

OLD, NEW = "old-secret-of-32-characters-long", "new-secret-of-32-characters-long"
BODY = b'{"zen": "Hello, World!"}'


def test_githubs_own_example() -> None:
    """The one in GitHub's guide on validating deliveries."""
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert sign(b"Hello, World!", "It's a Secret to Everybody") == expected
    check_signature(expected, b"Hello, World!", ["It's a Secret to Everybody"])


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_any_of_several_secrets_will_do(secret: str) -> None:
    check_signature(sign(BODY, secret), BODY, [OLD, NEW])


SIGNED = sign(BODY, NEW)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(SIGNED.removeprefix("sha256="), id="no algorithm"),
        pytest.param(SIGNED.upper(), id="upper case"),
        pytest.param(SIGNED + " ", id="trailing space"),
        pytest.param(SIGNED + "\n", id="trailing line end"),
        pytest.param(f"{SIGNED}, {SIGNED}", id="twice"),
        pytest.param(SIGNED[:-1], id="short"),
        pytest.param("sha1=" + hmac.new(NEW.encode(), BODY, hashlib.sha1).hexdigest(), id="sha1"),
        pytest.param("sha256=" + "é" * 64, id="not ASCII"),
        pytest.param("sha256=" + "0" * 64, id="zeros"),
        pytest.param(sign(BODY, "another-secret-of-32-characters!"), id="another's secret"),
        pytest.param(sign(BODY + b" ", NEW), id="another body"),
    ],
)
def test_what_is_refused(header: str | None) -> None:
    with pytest.raises(BadSignature):
        check_signature(header, BODY, [OLD, NEW])


@pytest.mark.parametrize(
    "secrets",
    [
        pytest.param([], id="none"),
        pytest.param([NEW, ""], id="an empty one"),
        pytest.param(["0123456789abcde"], id="a short one"),
    ],
)
def test_without_a_good_secret_nothing_is_taken(secrets: list[str]) -> None:
    with pytest.raises(NoSecret):
        usable_secrets(secrets)
    with pytest.raises(NoSecret):
        check_signature(sign(BODY, ""), BODY, secrets)


@given(body=st.binary(max_size=200), position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_bit_makes_the_difference(body: bytes, position: int, bit: int) -> None:
    header = sign(body, NEW)
    check_signature(header, body, [NEW])
    if not body:
        return
    place = position % len(body)
    changed = body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :]
    with pytest.raises(BadSignature):
        check_signature(header, changed, [NEW])
