"""GitHub's answers as they come over the wire, checked field by field: what all of them share. Pure."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.github.errors import UnexpectedAnswer
from app.github.types import NOBODY, AppInfo, Person

Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")


class Wire(BaseModel):
    """A part of an answer: what we do not name is passed over, what we name must be there and of its type."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireUser(Wire):
    login: str
    id: int = 0
    type: str = "User"

    def value(self) -> Person:
        return Person(login=self.login, type=self.type, id=self.id)


def person_of(user: WireUser | None) -> Person:
    return user.value() if user else NOBODY


class WireApp(Wire):
    id: int
    slug: str = ""
    name: str = ""
    permissions: dict[str, str] = Field(default_factory=dict)
    events: tuple[str, ...] = ()

    def value(self) -> AppInfo:
        return AppInfo(self.id, self.slug, self.name, dict(self.permissions), self.events)


def read(model: type[Model], data: Any) -> Model:
    """Data as one of the above.

    Raises:
        UnexpectedAnswer: it is not; the text names fields only, none of their values.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) or "all of it" for item in error.errors()[:5])
        raise UnexpectedAnswer(f"GitHub's answer is not as described ({model.__name__}: {fields})") from None


def read_all(model: type[Model], items: Any, value: Callable[[Model], Value | None]) -> tuple[Value, ...]:
    """Each of a list's items as a value; those that are None are left out."""
    values = (value(read(model, item)) for item in items)
    return tuple(item for item in values if item is not None)
