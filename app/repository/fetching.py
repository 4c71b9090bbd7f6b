"""What surrounds one fetch: the settings of a local source, and what a failed fetch means."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from app.repository.errors import CommitMissing, FetchTrouble, HostileTree, RepositoryError, ShallowClone, TooLarge
from app.repository.git import UPLOAD_SETTINGS, Remote
from app.repository.process import Finished
from runner.sandbox import MIB

_FSCK = re.compile(r"error: object ([0-9a-f]{40}: \w+)")


def allow_local(directory: Path, remote: Remote) -> None:
    """Write the settings for the process that serves a local repository, which gets none through the environment.

    A person named that path on the command line, so git's question whose it is has its answer.

    Raises:
        ShallowClone: the repository's history is cut off.
    """
    for git_dir in (Path(remote.url), Path(remote.url) / ".git"):
        if (git_dir / "shallow").is_file():
            raise ShallowClone(remote.url)
    path = str(Path(remote.url).resolve())
    quoted = [one.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for one in (path, f"{path}/.git")]
    lines = ["[uploadpack]", "\tallowAnySHA1InWant = true", "[core]", "\thooksPath = /dev/null", "[safe]"]
    lines += [f'\tdirectory = "{one}"' for one in quoted]
    fresh = directory / f"{UPLOAD_SETTINGS}.{os.getpid()}"
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    fresh.replace(directory / UPLOAD_SETTINGS)


def explain(done: Finished, wants: Sequence[str], received: int, most: int) -> RepositoryError:
    """What a failed fetch means: whose fault it is decides whether it is tried again.

    Args:
        done: how git ended.
        wants: what was asked for.
        received: size in bytes of what had come.
        most: how much may come.
    """
    text = done.stderr
    detail = _FSCK.search(text)
    if detail or "fsck error" in text:
        return HostileTree(
            f"git's object check refuses what was pushed ({detail.group(1) if detail else 'malformed object'})"
        )
    # The kernel ends the writer at its limit without a word, so the size of what is left tells.
    if received >= most:
        return TooLarge(f"the repository's history is larger than the {most // MIB} MiB that one fetch may bring")
    if "not our ref" in text or "couldn't find remote ref" in text or "no such remote ref" in text.lower():
        named = next((want for want in wants if want in text), wants[0])
        return CommitMissing(named)
    return FetchTrouble(f"git fetch failed with status {done.exit}: {text.strip()[-500:]}")
