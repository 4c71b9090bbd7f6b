"""The one place where checks are listed. To add one: docs/checks.md."""

from collections.abc import Mapping
from types import MappingProxyType

from checks.bandit import Bandit
from checks.check import Check
from checks.hidden_text import HiddenText
from checks.secrets import Secrets
from checks.semgrep import Semgrep

_ALL: tuple[Check, ...] = (Semgrep(), Bandit(), Secrets(), HiddenText())

REGISTRY: Mapping[str, Check] = MappingProxyType({check.name: check for check in _ALL})
"""Every check by its name, in the order in which reports list them."""
