"""Which names from a git tree may become files. Pure."""

import re

MAX_NAME = 255
MAX_PATH = 2048  # well under the kernel's 4096, which counts the workspace's own path too
MAX_DEPTH = 128

# Code points that HFS+ leaves out when it compares names, so that ".g\u200cit" is ".git" there.
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS_TAIL = re.compile(r"[ .]*(:.*)?$", re.DOTALL)


def refusal(name: bytes) -> str | None:
    """Why this one name (a component, no path) is never written; None if it may be.

    The workspace may be looked at on any file system later, so what means `.git` on Windows or macOS counts as well.
    """
    if not name or name in (b".", b".."):
        return "a file name is empty, '.' or '..'"
    if b"/" in name or b"\0" in name:
        return "a file name holds a slash or a zero byte"
    if len(name) > MAX_NAME:
        return f"a file name is longer than {MAX_NAME} bytes"
    if is_dot_git(name):
        return "a file or folder is named like git's own folder"
    return None


def is_dot_git(name: bytes) -> bool:
    """Whether some file system takes the name for `.git`."""
    text = _HFS_IGNORED.sub("", name.decode("utf-8", "surrogateescape")).casefold()
    # On NTFS a backslash parts folders, trailing dots and spaces vanish, and what follows a colon names a stream.
    return any(_NTFS_TAIL.sub("", part) in {".git", "git~1"} for part in text.split("\\"))


def decode(path: bytes) -> str:
    """A path as the rest of the project holds it: bytes that are no UTF-8 become lone surrogates, and come back."""
    return path.decode("utf-8", "surrogateescape")


def encode(path: str) -> bytes:
    """The opposite of `decode`."""
    return path.encode("utf-8", "surrogateescape")
