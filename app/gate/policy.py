"""The policy of a repository: read it, lay floors on it, name it by a digest, publish its schema.

What other parts import; the pieces lie in `policy_model`, `policy_reading` and `floor`.
"""

import hashlib
import json
from typing import Any

from app.gate.errors import PolicyError, Problem
from app.gate.floor import loosened_by_head, looser, stated_keys, tighter_or_equal, with_floor
from app.gate.policy_model import DEFAULT, Checks, Gate, Hold, Mode, Permission, Policy, ProtectedPaths, Review
from app.gate.policy_reading import MAX_BYTES, load

PATH = ".github/mergelock.yml"
"""Where a repository keeps it, on its base branch."""
SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def digest(policy: Policy) -> str:
    """A name for what a policy says: SHA-256 in hexadecimal over its canonical JSON, defaults written out.

    Two files that say the same have the same digest, whatever their spelling, order or comments.
    """
    canonical = json.dumps(policy.as_data(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the policy file, for editors and for `mergelock policy schema`."""
    schema = Policy.model_json_schema(by_alias=True, mode="validation")
    schema["required"] = ["version"]
    return {"$schema": SCHEMA_ID, **schema, "title": "Mergelock policy"}


__all__ = [
    "DEFAULT",
    "MAX_BYTES",
    "PATH",
    "Checks",
    "Gate",
    "Hold",
    "Mode",
    "Permission",
    "Policy",
    "PolicyError",
    "Problem",
    "ProtectedPaths",
    "Review",
    "digest",
    "json_schema",
    "load",
    "loosened_by_head",
    "looser",
    "stated_keys",
    "tighter_or_equal",
    "with_floor",
]
