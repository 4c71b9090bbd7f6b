"""Routes for the App itself: who it is, where it is installed, its tokens, its delivery log."""

from typing import Any

from tests.github.api import LEVELS, Api, Problem, body, by_cursor, invalid, paged
from tests.github.hooks import Hooks
from tests.github.world import Delivery, Installation, stamp


class AppRoutes:
    """Registers them."""

    def __init__(self, api: Api, hooks: Hooks) -> None:
        self._world = api.parts.world
        self._render = api.parts.render
        self._hooks = hooks
        api.for_app("GET", "/app", self._app)
        api.for_app("GET", "/app/installations", self._installations)
        api.for_app("GET", "/app/installations/<int:number>", self._installation)
        api.for_app("POST", "/app/installations/<int:number>/access_tokens", self._token)
        api.for_app("GET", "/repos/<owner>/<name>/installation", self._installation_of)
        api.for_app("GET", "/app/hook/deliveries", self._deliveries)
        api.for_app("GET", "/app/hook/deliveries/<int:number>", self._delivery)
        api.for_app("POST", "/app/hook/deliveries/<int:number>/attempts", self._redeliver)
        api.for_token("GET", "/installation/repositories", self._repositories)

    def _app(self) -> Any:
        return self._render.app() | {"installations_count": len(self._world.installations)}

    def _installations(self) -> Any:
        return paged(list(self._world.installations.values()), self._render.installation)

    def _installation(self, number: int) -> Any:
        return self._render.installation(self._found(number))

    def _installation_of(self, owner: str, name: str) -> Any:
        repository = self._world.repositories.get(f"{owner}/{name}".lower())
        installation = self._world.installation_for(repository) if repository else None
        if installation is None:
            raise Problem(404, "Not Found")
        return self._render.installation(installation)

    def _token(self, number: int) -> Any:
        installation, asked = self._found(number), body()
        if installation.suspended:
            raise Problem(403, "This installation has been suspended")
        permissions = dict(installation.permissions)
        if wanted := asked.get("permissions"):
            for name, level in wanted.items():
                if LEVELS.index(level) > LEVELS.index(permissions.get(name, "read")) or name not in permissions:
                    raise invalid("Installation", name, "permission", "The permissions requested are not granted")
            permissions = dict(wanted)
        only = None
        if names := asked.get("repositories"):
            owned = {r.name: r.id for r in self._world.repositories.values() if r.owner is installation.account}
            if not set(names) <= set(owned):
                raise invalid(
                    "Installation", "repositories", "missing", "There is at least one repository that is not there"
                )
            only = frozenset(owned[name] for name in names)
        value = self._world.new_token(installation, permissions, only)
        token = self._world.tokens[value]
        selection = "all" if only is None else "selected"
        return {
            "token": value,
            "expires_at": stamp(token.until),
            "permissions": permissions,
            "repository_selection": selection,
        }, 201

    def _repositories(self, installation: Installation) -> Any:
        owned = [item for item in self._world.repositories.values() if item.owner is installation.account]
        return {
            "total_count": len(owned),
            "repository_selection": "all",
            "repositories": paged(owned, self._render.repository),
        }

    def _deliveries(self) -> Any:
        return by_cursor(self._world.deliveries[::-1], "cursor", self._render.delivery)

    def _delivery(self, number: int) -> Any:
        return self._render.delivery(self._sent(number), full=True)

    def _redeliver(self, number: int) -> Any:
        self._hooks.again(self._sent(number))
        return {}, 202

    def _found(self, number: int) -> Installation:
        installation = self._world.installations.get(number)
        if installation is None:
            raise Problem(404, "Not Found")
        return installation

    def _sent(self, number: int) -> Delivery:
        for delivery in self._world.deliveries:
            if delivery.id == number:
                return delivery
        raise Problem(404, "Not Found")
