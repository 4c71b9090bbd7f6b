"""What secrets look like, beyond what detect-secrets knows, and what only looks like one. Pure; standard library only.

Each pattern's group `secret`, or the whole match, is the secret. Patterns are linear: bounded repeats of character
classes, so that a hostile line cannot make them slow.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A form of secret. `rule` is its id; `level` a word of `checks.finding.Level`; `noun` what it is called.

    `sure` forms mean a secret wherever they stand; the others say less in tests and examples.
    """

    rule: str
    level: str
    noun: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Pattern:
    """How to see a form."""

    form: Form
    regex: re.Pattern[str]


def _known(rule: str, noun: str, regex: str, level: str = "critical", *, sure: bool = True) -> Pattern:
    return Pattern(Form(rule, level, noun, sure), re.compile(regex))


_EDGE = r"(?<![0-9A-Za-z_\-])"
_END = r"(?![0-9A-Za-z_\-])"

KNOWN = (
    _known("aws-access-key", "an AWS access key", rf"{_EDGE}(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{{16}}{_END}"),
    _known("github-token", "a GitHub token", rf"{_EDGE}gh[pousr]_[0-9A-Za-z]{{36,251}}{_END}"),
    _known("github-token", "a GitHub token", rf"{_EDGE}github_pat_[0-9A-Za-z]{{22}}_[0-9A-Za-z]{{59}}{_END}"),
    _known("gitlab-token", "a GitLab token", rf"{_EDGE}gl(?:pat|dt|ft|soat|rt|cbt|ptt|agent)-[0-9A-Za-z_\-]{{20,250}}"),
    _known("anthropic-key", "an Anthropic key", rf"{_EDGE}sk-ant-[a-z]{{3,10}}\d{{2}}-[0-9A-Za-z_\-]{{32,200}}"),
    _known("openai-key", "an OpenAI key", rf"{_EDGE}sk-(?:proj|svcacct|admin)-[0-9A-Za-z_\-]{{40,250}}"),
    _known("openai-key", "an OpenAI key", rf"{_EDGE}sk-[0-9A-Za-z]{{20}}T3BlbkFJ[0-9A-Za-z]{{20}}{_END}"),
    _known("google-api-key", "a Google API key", rf"{_EDGE}AIza[0-9A-Za-z_\-]{{35}}{_END}", "high"),
    _known("google-oauth-secret", "a Google OAuth secret", rf"{_EDGE}GOCSPX-[0-9A-Za-z_\-]{{28}}{_END}"),
    _known("hugging-face-token", "a Hugging Face token", rf"{_EDGE}hf_[A-Za-z]{{34}}{_END}"),
    _known("npm-token", "an npm token", rf"{_EDGE}npm_[0-9A-Za-z]{{36}}{_END}"),
    _known("digitalocean-token", "a DigitalOcean token", rf"{_EDGE}do[opr]_v1_[0-9a-f]{{64}}{_END}"),
    _known("databricks-token", "a Databricks token", rf"{_EDGE}dapi[0-9a-f]{{32}}(?:-\d)?{_END}"),
    _known("shopify-token", "a Shopify token", rf"{_EDGE}shp(?:at|ca|pa|ss)_[0-9a-fA-F]{{32}}{_END}"),
    _known("vault-token", "a Vault token", rf"{_EDGE}hv[bs]\.[0-9A-Za-z_\-]{{24,200}}"),
    _known("docker-hub-token", "a Docker Hub token", rf"{_EDGE}dckr_pat_[0-9A-Za-z_\-]{{27}}{_END}"),
    _known("linear-key", "a Linear key", rf"{_EDGE}lin_api_[0-9A-Za-z]{{40}}{_END}"),
    _known("atlassian-token", "an Atlassian token", rf"{_EDGE}ATATT3[0-9A-Za-z_\-=]{{100,250}}"),
    _known("slack-token", "a Slack token", rf"{_EDGE}xox[abposr]-[0-9A-Za-z\-]{{20,200}}"),
    _known("twilio-key", "a Twilio key", rf"{_EDGE}SK[0-9a-f]{{32}}{_END}", "high"),
    _known("age-key", "an age secret key", rf"{_EDGE}AGE-SECRET-KEY-1[0-9A-Z]{{58}}"),
    _known(
        "private-key",
        "a private key",
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
        "high",
        sure=False,
    ),
    _known(
        "password-in-url",
        "a password in a URL",
        r"\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@'\"<>{}$%]{1,64}:(?P<secret>[^\s:/@'\"<>{}$%]{4,128})@[^\s@'\"]{3}",
        "medium",
        sure=False,
    ),
)

ASSIGNED = _known(
    "assigned-secret",
    "what looks like a password or key",
    r"(?i)[\"']?\b[a-z0-9_.\-]{0,40}(?:passw(?:or)?d|passphrase|secret|api_?key|auth_?token|access_?token"
    r"|private_?key|access_?key|encryption_?key|credential)s?[a-z0-9_]{0,12}[\"']?\]?\s{0,8}"
    r"(?::\s{0,4}str\s{0,4}=|:=|=>|=|:)\s{0,8}(?P<quote>[\"'`])(?P<secret>[^\"'`\s]{8,256})(?P=quote)",
    "high",
    sure=False,
)
RANDOM = _known(
    "random-string",
    "a long random string",
    r"[\"'](?P<secret>[0-9A-Za-z+/_\-]{32,256}={0,2})[\"']",
    "low",
    sure=False,
)

PREFIX = 8  # a known form's fixed start is about so long
FEW_CHARACTERS = 5  # a value of fewer different ones is a filler

_PLACEHOLDER = re.compile(
    r"(?i)example|sample|dummy|placeholder|changeme|change[-_]me|replace|insert|your|redacted|fake|mock|test|todo|fixme"
    r"|xxxx|\*\*\*\*|\.\.\.|0000000|1234567|abcdef|deadbeef|foobar|default|none|null|localhost|lorem"
    r"|undefined"
)
_TEMPLATED = re.compile(
    r"\$\{|\{\{|\}\}|<[^>]{1,60}>|%\(|%s|\{[^}]{0,60}\}|^\$|^env[.:\[]|^os\.|^process\.|^!|^arn:", re.IGNORECASE
)
_NAME_LIKE = re.compile(r"[A-Za-z]+(?:[._/\-:][A-Za-z]+)*[0-9]?")
_PATH_LIKE = re.compile(r"(?:/|\./|\.\./|~/|https?://|file:)")
_TEST_PATH = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|spec|specs|__tests__|fixtures?|testdata|samples?|examples?|docs?)(?:/|$)|(?:^|/)(?:test_[^/]*|[^/]*(?:_test|\.test|\.spec)\.[a-z]+|conftest\.py)$|\.(?:md|rst)$"
)
_LOCK_FILE = re.compile(r"(?i)(?:^|/)[^/]*(?:\.lock|-lock\.(?:json|yaml)|\.lockb|go\.sum|npm-shrinkwrap\.json|\.sum)$")


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a secret rather than being one."""
    return len(set(value)) < FEW_CHARACTERS or bool(_PLACEHOLDER.search(value) or _TEMPLATED.search(value))


def is_plain_name(value: str) -> bool:
    """Whether it reads as words, a dotted name or a path: what tokens of random characters do not."""
    return bool(_NAME_LIKE.fullmatch(value) or _PATH_LIKE.match(value))


def is_masked(value: str) -> bool:
    """Whether a value in a known form is evidently not live: documented examples and fillers."""
    upper = value.upper()
    varied = value[PREFIX:] if len(value) > 2 * PREFIX else value
    return "EXAMPLE" in upper or "XXXX" in upper or "..." in upper or len(set(varied)) < FEW_CHARACTERS


def is_test_path(path: str) -> bool:
    """Whether a path is that of tests, fixtures, samples or documentation."""
    return _TEST_PATH.search(path) is not None


def is_lock_file(path: str) -> bool:
    """Whether a path is that of a lock file: full of hashes, without secrets."""
    return _LOCK_FILE.search(path) is not None
