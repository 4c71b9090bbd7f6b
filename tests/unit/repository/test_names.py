"""Which names may become files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.repository.names import decode, encode, refusal


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b".git", id="git"),
        pytest.param(b".GIT", id="upper case"),
        pytest.param(b".gIt", id="mixed case"),
        pytest.param(".g\u200cit".encode(), id="HFS ignores a zero-width joiner"),
        pytest.param("\ufeff.git".encode(), id="HFS ignores a byte-order mark"),
        pytest.param(b".git.", id="NTFS drops the dot"),
        pytest.param(b".git ", id="NTFS drops the space"),
        pytest.param(b".git . .", id="NTFS drops both"),
        pytest.param(b".git::$INDEX_ALLOCATION", id="NTFS stream"),
        pytest.param(b".git :x\ny", id="stream name with a newline"),
        pytest.param(b"git~1", id="NTFS short name"),
        pytest.param(b"GIT~1", id="NTFS short name in capitals"),
        pytest.param(b"a\\.git\\hooks", id="backslash parts folders"),
        pytest.param(b"", id="empty"),
        pytest.param(b".", id="dot"),
        pytest.param(b"..", id="dot dot"),
        pytest.param(b"a/b", id="slash"),
        pytest.param(b"a\0b", id="zero byte"),
        pytest.param(b"a" * 256, id="256 bytes"),
    ],
)
def test_refused(name: bytes) -> None:
    assert refusal(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b".gitignore", id="ignore file"),
        pytest.param(b".github", id="github folder"),
        pytest.param(b"git", id="git without dot"),
        pytest.param(b"a.git", id="ends in .git"),
        pytest.param(b"...", id="three dots"),
        pytest.param(b"-rf", id="leading dash"),
        pytest.param(b"a\nb", id="newline"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param("ñ".encode(), id="UTF-8"),
        pytest.param(b"a" * 255, id="255 bytes"),
    ],
)
def test_allowed(name: bytes) -> None:
    assert refusal(name) is None


@given(st.binary(max_size=40))
def test_any_bytes_come_back(name: bytes) -> None:
    assert encode(decode(name)) == name


@given(st.binary(min_size=1, max_size=300))
def test_what_is_allowed_is_one_plain_component(name: bytes) -> None:
    if refusal(name) is None:
        assert b"/" not in name
        assert b"\0" not in name
        assert name not in (b".", b"..")
        assert len(name) <= 255
