"""Whether the check is really required: a gate that is not required is no gate."""

from collections.abc import Iterator

from app.github.checks import CheckCalls
from app.github.errors import Forbidden, Gone
from app.github.transport import repository_path, route
from app.github.types import RequiredCheck
from app.github.wire_base import read, read_all
from app.github.wire_rules import WireBranch, WireRequiredContext, WireRule


class RuleCalls(CheckCalls):
    """Looking up rulesets and branch protection."""

    def required_check(self, repository: str, branch: str, name: str = "mergelock") -> RequiredCheck:
        """What requires the check `name` on a branch, by rulesets and by branch protection.

        Neither look-up needs more than read access; what could not be seen is said in `unsure`.
        """
        root = repository_path(repository)
        app = self._app().id
        by: list[str] = []
        unsure: list[str] = []
        bound = False
        try:
            items = self._list(root + route("/rules/branches/{}", branch))
            for source, check in _from_rules(read_all(WireRule, items, lambda rule: rule)):
                if check.context == name:
                    by.append(source)
                    bound = bound or check.integration_id == app
        except (Forbidden, Gone) as error:
            unsure.append(f"rulesets could not be read: {error}")
        try:
            for check in _from_protection(read(WireBranch, self._get(root + route("/branches/{}", branch)))):
                if check.context == name:
                    by.append("branch protection")
                    bound = bound or check.app_id == app
        except (Forbidden, Gone) as error:
            unsure.append(f"branch protection could not be read: {error}")
        return RequiredCheck(bool(by), bound, tuple(dict.fromkeys(by)), tuple(unsure))


def _from_rules(rules: tuple[WireRule, ...]) -> Iterator[tuple[str, WireRequiredContext]]:
    for rule in rules:
        if rule.type == "required_status_checks" and rule.parameters:
            for check in rule.parameters.required_status_checks:
                yield f"ruleset {rule.ruleset_id} of {rule.ruleset_source}", check


def _from_protection(branch: WireBranch) -> Iterator[WireRequiredContext]:
    checks = branch.protection.required_status_checks if branch.protected and branch.protection else None
    if checks is None or checks.enforcement_level == "off":
        return
    named = {check.context for check in checks.checks}
    yield from checks.checks
    yield from (WireRequiredContext(context=context) for context in checks.contexts if context not in named)
