"""Rulesets and branch protection as they come over the wire. Pure."""

from app.github.wire_base import Sha, Wire


class WireRequiredContext(Wire):
    context: str
    integration_id: int | None = None
    app_id: int | None = None


class WireRuleParameters(Wire):
    required_status_checks: tuple[WireRequiredContext, ...] = ()


class WireRule(Wire):
    type: str
    parameters: WireRuleParameters | None = None
    ruleset_id: int | None = None
    ruleset_source: str = ""


class WireProtectedChecks(Wire):
    enforcement_level: str = ""
    contexts: tuple[str, ...] = ()
    checks: tuple[WireRequiredContext, ...] = ()


class WireProtection(Wire):
    required_status_checks: WireProtectedChecks | None = None


class WireCommitId(Wire):
    sha: Sha


class WireBranch(Wire):
    commit: WireCommitId
    protected: bool = False
    protection: WireProtection | None = None
