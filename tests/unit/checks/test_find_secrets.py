"""What counts as a secret. Samples are put together here, so that no whole one stands in this file."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import UnreadableReport
from checks.finding import Level
from checks.inside.find_secrets import entropy, hits_of, load_detectors, secrets_in
from checks.inside.secret_patterns import is_lock_file, is_test_path
from checks.secrets import parse, ranges, request
from tests.unit.checks.staged import staged, staged_file

DETECTORS = load_detectors()
LETTERS = "Qz7RkT2mWx9LpV4nBs8JdY3hFg6CcA1eUi5OoXvN0MtGrEyHwKqPbDjSfZlIuTaW"


def rules(line: str, path: str = "app/x.py") -> list[str]:
    return [form.rule for form, _ in secrets_in(line, path, DETECTORS)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param('key = "AKIA' + 'QYLPMN5HFIQR7XYA"', "aws-access-key", id="aws"),
        pytest.param(f"token: ghp_{LETTERS[:36]}", "github-token", id="github"),
        pytest.param(f"github_pat_{LETTERS[:22]}_{LETTERS[:59]}", "github-token", id="github, fine-grained"),
        pytest.param(f"glpat-{LETTERS[:20]}", "gitlab-token", id="gitlab"),
        pytest.param(f"sk-ant-api03-{LETTERS}", "anthropic-key", id="anthropic"),
        pytest.param(f"sk-proj-{LETTERS}", "openai-key", id="openai"),
        pytest.param(f"AIza{LETTERS[:35]}", "google-api-key", id="google"),
        pytest.param(f"hf_{'QzkRTmWxLpVnBsJdYhFgCcAeUiOoXvNMtG'}", "hugging-face-token", id="hugging face"),
        pytest.param(f"npm_{LETTERS[:36]}", "npm-token", id="npm"),
        pytest.param(f"sk_live_{LETTERS[:24]}", "stripe-key", id="stripe"),
        pytest.param(f"xoxb-{'1234567890'}12-{LETTERS[:24]}", "slack-token", id="slack"),
        pytest.param(f"SG.{LETTERS[:22]}.{LETTERS[:43]}", "sendgrid-key", id="sendgrid"),
        pytest.param("-----BEGIN " + "OPENSSH PRIVATE KEY-----", "private-key", id="private key"),
        pytest.param("-----BEGIN " + "PRIVATE KEY-----", "private-key", id="private key, PKCS 8"),
        pytest.param("url = 'postgres" + "://app:Tr0ub4dor3@db.internal/x'", "password-in-url", id="password in a URL"),
        pytest.param('db_password = "Tr0ub4' + 'dor&3!"', "assigned-secret", id="assigned"),
        pytest.param('"client_secret": "k2j4h5' + 'g6f7d8s9"', "assigned-secret", id="in JSON"),
        pytest.param(f'blob = "{LETTERS[:44]}"', "random-string", id="random"),
    ],
)
def test_a_secret(line: str, rule: str) -> None:
    assert rules(line) == [rule]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('key = "AKIA' + 'IOSFODNN7EXAMPLE"', id="the documented example"),
        pytest.param('password = "changeme"', id="placeholder"),
        pytest.param('password = "<your password>"', id="in angle brackets"),
        pytest.param('api_key = os.environ["API_KEY_2"]', id="from the environment"),
        pytest.param('password = "${DB_PASSWORD_1}"', id="templated"),
        pytest.param('password_field = "user_password"', id="a name"),
        pytest.param('secret_path = "/run/secrets/key1"', id="a path"),
        pytest.param('token_url = "https://service.internal/token1"', id="a URL"),
        pytest.param("url = 'postgres://user:${PASSWORD}@db/x'", id="templated URL"),
        pytest.param('id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"', id="UUID"),
        pytest.param('sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"', id="hash"),
        pytest.param('a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"', id="alphabet"),
        pytest.param('"app.components.settings.panels.SecurityPanelComponent"', id="dotted name"),
        pytest.param("def check_password(self, password: str) -> bool:", id="code"),
        pytest.param("x" * 5000, id="a long line"),
    ],
)
def test_no_secret(line: str) -> None:
    assert rules(line) == []


def test_a_secret_at_the_end_of_a_long_line() -> None:
    assert rules("x = 1;" * 5000 + "AKIA" + "QYLPMN5HFIQR7XYA") == ["aws-access-key"]


def test_lock_files_have_hashes_and_known_forms_only() -> None:
    assert rules(f'integrity "{LETTERS[:44]}"', "yarn.lock") == []
    assert rules("AKIA" + "QYLPMN5HFIQR7XYA", "yarn.lock") == ["aws-access-key"]


@pytest.mark.parametrize(
    "path", ["tests/a.py", "a/__tests__/b.js", "test_a.py", "src/a.spec.ts", "docs/a.txt", "README.md"]
)
def test_paths_of_tests_and_documentation(path: str) -> None:
    assert is_test_path(path)


@pytest.mark.parametrize("path", ["app/a.py", "contest/a.py", "latest.js"])
def test_paths_of_code(path: str) -> None:
    assert not is_test_path(path)


@pytest.mark.parametrize("path", ["uv.lock", "a/package-lock.json", "go.sum", "pnpm-lock.yaml", "Cargo.lock"])
def test_paths_of_lock_files(path: str) -> None:
    assert is_lock_file(path)


def test_what_base_has_already_is_not_told(tmp_path: Path) -> None:
    secret = "AKIA" + "QYLPMN5HFIQR7XYA"
    (tmp_path / "h.py").write_text(f'a = 1\nkey = "{secret}"\n')
    (tmp_path / "b.py").write_text(f'key = "{secret}"\n')
    file = {"name": "h/00000.py", "path": "a.py", "base": "b", "lines": [[1, 2]]}
    assert list(hits_of(file, tmp_path / "h.py", tmp_path / "b.py", DETECTORS)) == []
    (hit,) = hits_of(file, tmp_path / "h.py", None, DETECTORS)
    assert (hit["line"], hit["start"], hit["length"], hit["level"]) == (2, "AKIA", 20, "critical")
    assert secret not in json.dumps(hit)


def test_less_is_shown_of_a_short_secret_and_less_is_made_of_one_in_a_test(tmp_path: Path) -> None:
    (tmp_path / "h.py").write_text('db_password = "Tr0ub4' + 'dor&3!"\n')
    file = {"name": "h/00000.py", "path": "tests/a.py", "base": "", "lines": [[1, 9]]}
    (hit,) = hits_of(file, tmp_path / "h.py", None, DETECTORS)
    assert (hit["start"], hit["level"]) == ("T", "medium")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param(set(), [], id="none"),
        pytest.param({3}, [[3, 3]], id="one"),
        pytest.param({1, 2, 3, 7, 9, 10}, [[1, 3], [7, 7], [9, 10]], id="runs"),
    ],
)
def test_ranges(numbers: set[int], expected: list[list[int]]) -> None:
    assert ranges(frozenset(numbers)) == expected


def test_the_request_names_files_with_added_lines_only() -> None:
    work = staged(staged_file("a", added={1}, base="a"), staged_file("b", index=1))
    files = json.loads(request(work))["files"]
    assert files == [{"name": "h/00000.py", "path": "app/x.py", "base": "b/00000.py", "lines": [[1, 1]]}]


def test_the_answer_becomes_hits() -> None:
    entry = {
        "name": "h/00000.py",
        "line": 1,
        "rule": "aws-access-key",
        "level": "critical",
        "noun": "a key",
        "start": "AKIA",
        "length": 20,
    }
    hits, trouble = parse(
        json.dumps({"looked": ["h/00000.py"], "hits": [entry]}).encode(), staged(staged_file("a", added={1}))
    )
    assert [(hit.rule, hit.level, hit.line, hit.cwe) for hit in hits] == [
        ("aws-access-key", Level.CRITICAL, 1, "CWE-798")
    ]
    assert trouble == ()


def test_a_file_that_was_not_looked_at_is_trouble() -> None:
    _, trouble = parse(b'{"looked": [], "hits": []}', staged(staged_file("a", added={1})))
    assert trouble == ("the search for secrets did not look at all of app/x.py",)


@given(
    st.binary(max_size=200) | st.text(max_size=50).map(lambda word: json.dumps({"looked": [], "hits": [word]}).encode())
)
def test_any_answer_is_read_or_refused(data: bytes) -> None:
    try:
        _, trouble = parse(data, staged(staged_file("a", added={1})))
    except UnreadableReport:
        return
    assert trouble


@given(st.text(max_size=300))
def test_any_line_is_read(line: str) -> None:
    assert all(secret for _, secret in secrets_in(line, "a.py", DETECTORS))


def test_entropy_is_in_bits_a_character() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
