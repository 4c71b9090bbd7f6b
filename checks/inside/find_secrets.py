"""Looks for secrets in staged files. Runs inside the sandbox: `python -m checks.inside.find_secrets < request.json`.

Request: {"files": [{"name", "path", "base", "lines": [[first, last], ...]}]}, names relative to the working folder.
Answer: {"looked": [name, ...], "hits": [{"name", "line", "rule", "level", "noun", "start", "length"}, ...]}.
A secret itself never leaves: only its first characters and its length do.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise
from math import log2
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import BasePlugin

from checks.inside.lines import split_lines
from checks.inside.secret_patterns import (
    ASSIGNED,
    KNOWN,
    RANDOM,
    Form,
    is_lock_file,
    is_masked,
    is_placeholder,
    is_plain_name,
    is_test_path,
)

Detector = tuple[BasePlugin, Form]

# detect-secrets' detectors that know a form: rule and level for each. Those left out go by few characters and are often
# wrong (Artifactory, Cloudant, SoftLayer, IBM, public IP addresses), or our own patterns are tighter (AWS, GitHub,
# GitLab, OpenAI, Slack's tokens, Twilio, npm, private keys, passwords in URLs, keywords).
DETECTORS = {
    "Azure Storage Account access key": Form("azure-storage-key", "critical", "an Azure Storage key"),
    "PyPI Token": Form("pypi-token", "critical", "a PyPI token"),
    "SendGrid API Key": Form("sendgrid-key", "critical", "a SendGrid key"),
    "Slack Token": Form("slack-token", "critical", "a Slack token or webhook"),
    "Square OAuth Secret": Form("square-secret", "critical", "a Square secret"),
    "Stripe Access Key": Form("stripe-key", "critical", "a live Stripe key"),
    "Mailchimp Access Key": Form("mailchimp-key", "high", "a Mailchimp key"),
    "Telegram Bot Token": Form("telegram-token", "high", "a Telegram bot token"),
    "Discord Bot Token": Form("discord-token", "high", "a Discord bot token", sure=False),
    "JSON Web Token": Form("json-web-token", "medium", "a JSON Web Token", sure=False),
}
ENTROPY_BITS = 4.7
RANDOM_KINDS = ("[0-9]", "[A-Z]", "[a-z]")
WINDOW, OVERLAP = 4096, 512
SHOWN = 4
MANY_SLASHES = 4
MAX_HITS = 2000
_LOWER = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}
_HASH = re.compile(r"(?i)[0-9a-f]+={0,2}|(?:sha\d{1,3}|md5)[-:=].*")


def main() -> None:
    """Read the request on standard input, print the answer."""
    request = json.load(sys.stdin)
    detectors = load_detectors()
    hits: list[dict[str, Any]] = []
    looked: list[str] = []
    for file in request["files"]:
        found = hits_of(file, Path(file["name"]), Path(file["base"]) if file["base"] else None, detectors)
        hits.extend(islice(found, MAX_HITS + 1 - len(hits)))
        if len(hits) > MAX_HITS:
            break  # this file and those after it are missing from "looked", which is trouble outside
        looked.append(file["name"])
    json.dump({"looked": looked, "hits": hits[:MAX_HITS]}, sys.stdout)


def load_detectors() -> tuple[Detector, ...]:
    """detect-secrets' detectors that we use, each with our words for it."""
    classes: Mapping[str, type[BasePlugin]] = get_mapping_from_secret_type_to_class()
    return tuple((classes[kind](), form) for kind, form in DETECTORS.items())


def hits_of(
    file: dict[str, Any], head: Path, base: Path | None, detectors: Iterable[Detector]
) -> Iterator[dict[str, Any]]:
    """The hits in a file's added lines, but for secrets that base's version of the file has already."""
    lines = split_lines(_read(head))
    old: set[tuple[str, str]] | None = None
    for first, last in file["lines"]:
        for number in range(first, min(last, len(lines)) + 1):
            for form, secret in secrets_in(lines[number - 1], file["path"], detectors):
                if old is None:
                    old = _secrets_of(base, file["path"], detectors)
                if (form.rule, secret) not in old:
                    yield _hit(file, number, form, secret)


def secrets_in(line: str, path: str, detectors: Iterable[Detector]) -> Iterator[tuple[Form, str]]:
    """Each secret in a line, once, in the first form that fits."""
    seen: set[str] = set()
    for window in _windows(line):
        for form, secret in _candidates(window, path, detectors):
            if not any(secret in other or other in secret for other in seen):
                seen.add(secret)
                yield form, secret


def _candidates(text: str, path: str, detectors: Iterable[Detector]) -> Iterator[tuple[Form, str]]:
    for pattern in KNOWN:
        for secret in _matches(pattern.regex, text):
            if not is_masked(secret) and not (pattern.form.rule == "password-in-url" and is_placeholder(secret)):
                yield pattern.form, secret
    for detector, form in detectors:
        for found in detector.analyze_string(text):
            if not is_masked(found):
                yield form, found
    if is_lock_file(path):
        return
    for secret in _matches(ASSIGNED.regex, text):
        if not is_placeholder(secret) and not is_plain_name(secret):
            yield ASSIGNED.form, secret
    for secret in _matches(RANDOM.regex, text):
        if _is_random(secret):
            yield RANDOM.form, secret


def _is_random(value: str) -> bool:
    """Whether a string has the entropy of a key and is not a hash, an alphabet or a path."""
    if is_placeholder(value) or is_plain_name(value) or _HASH.fullmatch(value) or value.count("/") >= MANY_SLASHES:
        return False
    return (
        all(re.search(kind, value) for kind in RANDOM_KINDS)
        and entropy(value) >= ENTROPY_BITS
        and not _is_alphabet(value)
    )


def _is_alphabet(value: str) -> bool:
    """Whether characters mostly follow each other in order, as in a table of an encoding."""
    steps = sum(ord(b) - ord(a) == 1 for a, b in pairwise(value))
    return steps > len(value) / 2


def entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    shares = [value.count(character) / len(value) for character in set(value)]
    return -sum(share * log2(share) for share in shares)


def _matches(regex: re.Pattern[str], text: str) -> Iterator[str]:
    for match in regex.finditer(text):
        yield match.groupdict().get("secret") or match.group(0)


def _windows(line: str) -> Iterator[str]:
    """A long line in overlapping pieces, so that no pattern sees more than it can take quickly."""
    for start in range(0, max(1, len(line)), WINDOW - OVERLAP):
        yield line[start : start + WINDOW]
        if start + WINDOW >= len(line):
            return


def _secrets_of(base: Path | None, path: str, detectors: Iterable[Detector]) -> set[tuple[str, str]]:
    """What base's version has."""
    if base is None:
        return set()
    return {
        (form.rule, secret) for line in split_lines(_read(base)) for form, secret in secrets_in(line, path, detectors)
    }


def _hit(file: dict[str, Any], line: int, form: Form, secret: str) -> dict[str, Any]:
    level = form.level if form.sure or not is_test_path(file["path"]) else _LOWER[form.level]
    shown = SHOWN if len(secret) >= 4 * SHOWN else 1
    return {
        "name": file["name"],
        "line": line,
        "rule": form.rule,
        "level": level,
        "noun": form.noun,
        "start": secret[:shown],
        "length": len(secret),
    }


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


if __name__ == "__main__":
    main()
