"""Tokens: made in time, kept in time, by a clock of our own."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.types import Options

from app.github.errors import CredentialsRefused, UnexpectedAnswer
from app.github.identity import AppIdentity, InstallationIdentity

START = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **by: float) -> None:
        self.time += timedelta(**by)


def claims(identity: AppIdentity) -> dict[str, int | str]:
    scheme, _, token = identity.authorization().partition(" ")
    assert scheme == "Bearer"
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    unchecked = Options(verify_exp=False, verify_iat=False)
    return dict(jwt.decode(token, KEY.public_key(), ["RS256"], options=unchecked))


def test_app_token_is_backdated_and_short_lived() -> None:
    found = claims(AppIdentity("12", PEM, now=Clock()))
    now = int(START.timestamp())
    assert found["iss"] == "12"
    assert found["iat"] == now - 60
    assert isinstance(found["exp"], int)
    assert now < found["exp"]
    assert found["exp"] - (now - 60) <= 600


def test_app_token_is_kept_until_shortly_before_its_end() -> None:
    clock = Clock()
    identity = AppIdentity("12", PEM, now=clock)
    first = identity.authorization()
    clock.pass_(minutes=6, seconds=59)
    assert identity.authorization() == first
    clock.pass_(seconds=1)
    assert identity.authorization() != first


@pytest.mark.parametrize("minutes", [-90, -10, 10, 90])
def test_clock_that_is_off_is_set_by_githubs(minutes: int) -> None:
    identity = AppIdentity("12", PEM, now=Clock())
    identity.authorization()
    theirs = START + timedelta(minutes=minutes)
    assert identity.refused({"date": format_datetime(theirs, usegmt=True)})
    assert claims(identity)["iat"] == int(theirs.timestamp()) - 60


@pytest.mark.parametrize("headers", [{}, {"date": "nonsense"}, {"date": format_datetime(START, usegmt=True)}])
def test_refusal_for_another_reason_is_not_tried_again(headers: dict[str, str]) -> None:
    assert not AppIdentity("12", PEM, now=Clock()).refused(headers)


def test_clock_is_set_once_for_one_difference() -> None:
    identity = AppIdentity("12", PEM, now=Clock())
    headers = {"date": format_datetime(START + timedelta(hours=1), usegmt=True)}
    assert identity.refused(headers)
    assert not identity.refused(headers)


def test_key_of_another_kind() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(CredentialsRefused, match="RSA"):
        AppIdentity("12", other.decode())


class Tokens:
    """Gives tokens that live an hour from when they are asked for."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.given = 0

    def __call__(self) -> dict[str, str]:
        self.given += 1
        until = self.clock.time + timedelta(hours=1)
        return {"token": f"t{self.given}", "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_installation_token_is_kept_until_shortly_before_its_end() -> None:
    clock = Clock()
    tokens = Tokens(clock)
    identity = InstallationIdentity(9, tokens, now=clock)
    assert identity.authorization() == "token t1"
    clock.pass_(minutes=54, seconds=59)
    assert identity.authorization() == "token t1"
    clock.pass_(seconds=1)
    assert identity.authorization() == "token t2"
    assert tokens.given == 2


def test_refused_token_is_forgotten_once() -> None:
    clock = Clock()
    identity = InstallationIdentity(9, Tokens(clock), now=clock)
    identity.authorization()
    assert identity.refused({})
    assert not identity.refused({})
    assert identity.authorization() == "token t2"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="nothing"),
        pytest.param({}, id="empty"),
        pytest.param({"token": "t"}, id="no end"),
        pytest.param({"token": "", "expires_at": "2026-05-04T13:00:00Z"}, id="no token"),
        pytest.param({"token": 5, "expires_at": "2026-05-04T13:00:00Z"}, id="token as number"),
        pytest.param({"token": "secret", "expires_at": "soon"}, id="odd end"),
        pytest.param({"token": "secret", "expires_at": "2026-05-04T13:00:00"}, id="end without zone"),
    ],
)
def test_answer_without_a_token(data: object) -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        InstallationIdentity(9, lambda: data, now=Clock()).authorization()
    assert "secret" not in str(caught.value)


def test_identities_are_told_apart_without_secrets() -> None:
    keys = {AppIdentity("12", PEM).key, InstallationIdentity(12, dict).key, InstallationIdentity(13, dict).key}
    assert keys == {"app:12", "installation:12", "installation:13"}
