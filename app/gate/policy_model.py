"""The policy of a repository, as typed and frozen models: what `.github/mergelock.yml` may say, and the defaults."""

import enum
import shlex
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.gate.quantities import DURATION_PATTERN, SIZE_PATTERN, parse_duration, parse_size
from checks.finding import Level
from runner.sandbox import GIB, MIB

MAX_ITEMS = 100
T = TypeVar("T")
SHELL_WORDS = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"})


class Gate(enum.StrEnum):
    """Whose pull requests are judged. Ordered from loose to tight."""

    AGENTS = "agents"
    EVERYONE = "everyone"


class Mode(enum.StrEnum):
    """What comes of a thing that a check saw. Ordered from loose to tight."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


class Permission(enum.StrEnum):
    """What a person may do in the repository, as GitHub names it. Ordered from least to most."""

    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(Permission).index(self)


class Hold(enum.StrEnum):
    """What makes a change wait for a person before anything of it is executed."""

    WORKFLOW_CHANGES = "workflow-changes"
    NEW_DEPENDENCIES = "new-dependencies"
    NEW_HOSTS = "new-hosts"
    EVERYTHING = "everything"


def _split_command(value: object) -> object:
    """A command given as one string becomes its words, as a shell would split them; no shell ever runs it."""
    if not isinstance(value, str):
        return value
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise ValueError(f"cannot be split into words ({error}); close the quote or give a list of strings") from None
    for word in words:
        if word in SHELL_WORDS:
            raise ValueError(f"{word!r} means nothing here, for no shell runs this; put the steps into a script")
    return words


def _off_is_false(value: object) -> object:
    """Old YAML reads a bare `off` as false, and editors may write it so."""
    return "off" if value is False else value


def _no_truth(value: object) -> object:
    """Python holds `true` for 1."""
    return "true" if value is True else value


def _not_yet(value: T) -> T:
    """A key that is part of the format and has no effect in this version: silence would promise a check not made."""
    if value:
        raise ValueError("has no effect in this version; leave it out")
    return value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds characters that cannot be shown; write it in plain text")
    return value


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Texts = Annotated[tuple[Text, ...], Field(max_length=MAX_ITEMS)]
Words = Annotated[
    tuple[Annotated[str, Field(max_length=1000)], ...],
    Field(min_length=1, max_length=MAX_ITEMS),
    BeforeValidator(_split_command),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "maxLength": 1000}, "minItems": 1, "maxItems": MAX_ITEMS},
                {"type": "string", "minLength": 1},
            ]
        }
    ),
]
Check = Annotated[Mode, BeforeValidator(_off_is_false)]
Approvals = Annotated[int, Field(ge=1, le=10, strict=True)]
Truth = Annotated[bool, Field(strict=True)]


def _quantity(pattern: str, least: int) -> WithJsonSchema:
    number = {"type": "number", "minimum": least}
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": pattern}]})


Size = Annotated[int, BeforeValidator(parse_size), _quantity(SIZE_PATTERN, 1)]
Seconds = Annotated[float, BeforeValidator(parse_duration), _quantity(DURATION_PATTERN, 0)]


class Section(BaseModel):
    """The base of all parts: frozen, no unknown keys, no guessing of types; keys written with hyphens."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=False,
        alias_generator=lambda name: name.replace("_", "-"),
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )


class Agents(Section):
    """Signs of an agent, added to those that Mergelock knows by itself. Nothing here takes a known sign away."""

    logins: Texts = ()
    """GitHub logins that are agents, such as `renovate[bot]`."""
    labels: Texts = ("agent-authored",)
    """Labels that mark a pull request as an agent's. `agent-authored` always does."""
    branches: Texts = ()
    """Patterns of head branches, such as `robot/*`."""
    trailers: Texts = ()
    """Commit trailers: a key (`Assisted-by`), or a pattern of key and value (`Assisted-by: Robot*`)."""


class ResourceLimits(Section):
    """Bounds of each command in the sandbox, all of its processes together."""

    cpus: Annotated[float, Field(gt=0, le=64, allow_inf_nan=False, strict=True)] = 2.0
    """Processors."""
    memory: Annotated[Size, Field(ge=64 * MIB, le=256 * GIB)] = 4 * GIB
    """Memory, such as `4GiB`."""
    processes: Annotated[int, Field(ge=8, le=32768, strict=True)] = 512
    """Processes and threads at once."""
    disk: Annotated[Size, Field(ge=16 * MIB, le=256 * GIB)] = 4 * GIB
    """What may be written, such as `4GiB`."""
    time: Annotated[Seconds, Field(ge=1, le=6 * 3600, allow_inf_nan=False)] = 20 * 60.0
    """Wall time of one run, such as `20m`."""
    output: Annotated[Size, Field(ge=1024, le=256 * MIB)] = 10 * MIB
    """What may be printed, such as `10MiB`."""


class Environment(Section):
    """How the tests are made ready and run, where finding it out by the tree's evidence is not enough."""

    language: Literal["auto", "python"] = "auto"
    """The language of the tests; `auto` goes by the files in the tree."""
    image: Annotated[Text | None, AfterValidator(_not_yet)] = None
    """The image for the docker sandbox. None is the one Mergelock makes, and all that this version takes."""
    install: Words | None = None
    """The command that installs what the tests need, as a list of arguments; none: found out."""
    test: Words | None = None
    """The command that runs the tests, as a list of arguments; none: found out."""
    limits: ResourceLimits = ResourceLimits()
    """Bounds of each command."""


class Network(Section):
    """What may be reached. Tests reach nothing, ever: there is no setting for that."""

    install: Texts = ("language",)
    """Hosts that the install phase may reach: names, or presets such as `language` (the package index)."""


class Checks(Section):
    """The static scans: `block` fails the change, `warn` shows what was found, `off` does not run it."""

    semgrep: Check = Mode.BLOCK
    """Patterns of dangerous code, by our own rules."""
    bandit: Check = Mode.BLOCK
    """Python's usual mistakes."""
    secrets: Check = Mode.BLOCK
    """Passwords, keys and tokens in the text."""
    hidden_text: Check = Mode.BLOCK
    """Characters that make text read otherwise than it is."""
    block_at: Level = Level.HIGH
    """The lowest level at which a finding of a `block` check fails the change."""
    rules: Annotated[Texts, AfterValidator(_not_yet)] = ()
    """Files with further semgrep rules, in the base branch. This version takes none."""

    def mode(self, check: str) -> Mode:
        """What the policy says of the check with that name; one it does not know blocks."""
        value = getattr(self, check.replace("-", "_"), Mode.BLOCK)
        return value if isinstance(value, Mode) else Mode.BLOCK


class Tests(Section):
    """What is asked of the change's tests."""

    __test__: ClassVar[bool] = False
    required: Truth = True
    """Whether a change without any tests to run needs a person's word on that."""
    evidence: Check = Mode.WARN
    """What comes of a change none of whose tests fail without it."""
    flaky_retries: Annotated[int, Field(ge=0, le=3, strict=True)] = 1
    """How often a failing test is run again before it is believed."""
    tampering: Check = Mode.BLOCK
    """What comes of a change that alters what tests mean."""


class Review(Section):
    """Whose word lets an agent's change through."""

    label: Text = "human-reviewed"
    """The label by which a person lets a change through."""
    approvals: Approvals = 1
    """How many different people must have reviewed this head."""
    permission: Permission = Permission.WRITE
    """What a reviewer must be allowed in the repository at least."""
    requester_may_approve: Truth = False
    """Whether who prompted the agent may let its change through."""
    exact_commit: Truth = False
    """Whether only approving reviews of this very commit count, and the label alone does not."""


class ProtectedPaths(Section):
    """Paths whose change asks for more people."""

    paths: Annotated[tuple[Text, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    """Patterns from the repository's root: `*` within a name, `**` for any number of folders. Case does not count."""
    approvals: Approvals
    """How many different people must have reviewed a change that touches one of them."""


class Policy(Section):
    """The whole policy. With no file its defaults work."""

    version: Annotated[Literal[1], BeforeValidator(_no_truth)] = 1
    """The version of this format."""
    gate: Gate = Gate.AGENTS
    """Whose pull requests are judged: `agents`, or `everyone`."""
    agents: Agents = Agents()
    """Further signs of an agent."""
    environment: Environment = Environment()
    """How the tests are made ready and run."""
    network: Network = Network()
    """What may be reached while installing."""
    hold: Annotated[tuple[Hold, ...], Field(max_length=len(Hold))] = ()
    """What makes a change wait for a person before anything of it is executed."""
    checks: Checks = Checks()
    """The static scans."""
    tests: Tests = Tests()
    """What is asked of the tests."""
    review: Review = Review()
    """Whose word lets a change through."""
    protected_paths: Annotated[tuple[ProtectedPaths, ...], Field(max_length=MAX_ITEMS)] = ()
    """Paths whose change asks for more people."""

    def as_data(self) -> dict[str, Any]:
        """The whole policy as JSON-able data with the file's own keys, defaults written out."""
        return self.model_dump(mode="json", by_alias=True)


DEFAULT = Policy()
