"""Whether a person must release a change before anything of it is executed. Pure."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from app.gate.policy import Hold, Policy
from app.gate.protected import matches
from checks.change import ChangedFile

_WORKFLOWS = (".github/workflows/**", ".github/actions/**", "**/action.yml", "**/action.yaml", ".gitlab-ci.yml")
# A change of any of these may bring in code that nobody has seen; what exactly it brings is not known before it runs.
_MANIFESTS = (
    "**/pyproject.toml",
    "**/setup.py",
    "**/setup.cfg",
    "**/requirements*.txt",
    "**/requirements*.in",
    "**/requirements/**",
    "**/constraints*.txt",
    "**/tox.ini",
    "**/noxfile.py",
    "**/Pipfile",
    "**/*.lock",
    "**/package.json",
    "**/package-lock.json",
    "**/pnpm-lock.yaml",
    "**/go.mod",
    "**/go.sum",
    "**/Cargo.toml",
    "**/pom.xml",
    "**/*.gradle",
    "**/*.gradle.kts",
)


def held(policy: Policy, files: Iterable[ChangedFile]) -> tuple[str, ...]:
    """Why the policy holds the change, in words; empty where it does not."""
    paths = {path for file in files for path in (file.path, file.old_path) if path}
    reasons = []
    if Hold.EVERYTHING in policy.hold:
        reasons.append("every change")
    if Hold.WORKFLOW_CHANGES in policy.hold and _touches(paths, _WORKFLOWS):
        reasons.append("changes of workflows")
    if Hold.NEW_DEPENDENCIES in policy.hold and _touches(paths, _MANIFESTS):
        reasons.append("changes of dependencies")
    if Hold.NEW_HOSTS in policy.hold and (_touches(paths, _MANIFESTS) or _touches(paths, (".github/mergelock.yml",))):
        reasons.append("changes that may reach new hosts")
    return tuple(reasons)


def _touches(paths: set[str], patterns: tuple[str, ...]) -> bool:
    return any(matches(str(PurePosixPath(path)), pattern) for path in paths for pattern in patterns)
