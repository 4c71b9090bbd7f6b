"""A commit's whole tree as a bounded, checked list of files, before anything of it touches the disk."""

from dataclasses import dataclass

from app.repository.errors import HostileTree, TooLarge
from app.repository.links import leaves_tree
from app.repository.names import MAX_DEPTH, MAX_PATH, decode, refusal
from app.repository.objects import Objects
from runner.sandbox import GIB, MIB

SYMLINK = "120000"
SUBMODULE = "160000"
_FOLDER = "40000"
_FILES = {b"100644": "100644", b"100664": "100644", b"100755": "100755", b"120000": SYMLINK, b"160000": SUBMODULE}
_MAX_TARGET = 1024


@dataclass(frozen=True, slots=True)
class TreeLimits:
    """How much one commit may hold. Counts, and sizes in bytes; folders count as entries too."""

    entries: int = 200_000
    symlinks: int = 5_000
    file: int = 256 * MIB
    total: int = 2 * GIB
    folder: int = 16 * MIB


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree. `size` is 0 for a submodule."""

    path: bytes
    mode: str
    object: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """A commit's files, and its folders from the top down.

    `targets` are symlinks that stay within the tree; `leaving` are those that do not, which are never written to disk.
    """

    entries: tuple[Entry, ...]
    folders: tuple[bytes, ...]
    targets: dict[bytes, bytes]
    leaving: frozenset[bytes] = frozenset()

    @property
    def submodules(self) -> tuple[str, ...]:
        """Paths of submodules, which are never fetched."""
        return tuple(decode(e.path) for e in self.entries if e.mode == SUBMODULE)


def read_tree(objects: Objects, commit: str, limits: TreeLimits) -> Tree:
    """Walk a commit's tree and check all that it names.

    We walk it ourselves, because `git ls-tree -r` follows a tree that names the same trees many times (a few kilobytes,
    10^10 empty folders) for ever and prints nothing meanwhile.

    Raises:
        HostileTree: a name, a mode or a symlink's target is refused.
        TooLarge: it is over a limit.
        CommitMissing: there is no such commit.
    """
    found, folders = _walk(objects, commit, limits)
    files = [(path, mode, name) for path, mode, name in found if mode != SUBMODULE]
    sizes = dict(zip((path for path, _, _ in files), objects.sizes([name for _, _, name in files]), strict=True))
    entries = tuple(Entry(path, mode, name, sizes.get(path, 0)) for path, mode, name in found)
    _check_sizes(entries, limits)
    targets = {e.path: _target(objects, e) for e in entries if e.mode == SYMLINK}
    leaving = frozenset(link for link in targets if leaves_tree(link, targets))
    staying = {link: target for link, target in targets.items() if link not in leaving}
    return Tree(entries, tuple(folders), staying, leaving)


def check_links(base: Tree, head: Tree) -> None:
    """Refuse symlinks out of the tree that the change brings; those that base has too are nobody's fault, and left out.

    Raises:
        HostileTree: with the symlink's path.
    """
    theirs = {entry.path: entry.object for entry in base.entries if entry.path in base.leaving}
    for entry in head.entries:
        if entry.path in head.leaving and theirs.get(entry.path) != entry.object:
            raise HostileTree("a symlink points out of the repository, or in a circle", decode(entry.path))


def _walk(objects: Objects, commit: str, limits: TreeLimits) -> tuple[list[tuple[bytes, str, str]], list[bytes]]:
    found: list[tuple[bytes, str, str]] = []
    folders: list[bytes] = []
    todo: list[tuple[bytes, str, int]] = [(b"", f"{commit}^{{tree}}", 0)]
    count = 0
    while todo:
        folder, name, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise TooLarge(f"folders lie more than {MAX_DEPTH} deep", decode(folder)[:200])
        seen: set[bytes] = set()
        for mode, part, target in objects.tree(name, limits.folder, decode(folder)):
            count += 1
            if count > limits.entries:
                raise TooLarge(f"the repository holds more than {limits.entries} files and folders")
            path = _checked(folder, part, seen)
            if mode.decode("ascii", "replace").lstrip("0") == _FOLDER:
                folders.append(path)
                todo.append((path, target, depth + 1))
            elif mode in _FILES:
                found.append((path, _FILES[mode], target))
            else:
                raise HostileTree("a file has a mode that git does not know", decode(path))
    return found, folders


def _checked(folder: bytes, part: bytes, seen: set[bytes]) -> bytes:
    path = folder + b"/" + part if folder else part
    reason = refusal(part)
    if reason is None and len(path) > MAX_PATH:
        reason = f"a path is longer than {MAX_PATH} bytes"
    if reason is None and part in seen:
        reason = "a folder holds the same name twice"
    if reason is not None:
        raise HostileTree(reason, decode(path)[:300])
    seen.add(part)
    return path


def _check_sizes(entries: tuple[Entry, ...], limits: TreeLimits) -> None:
    total = 0
    for entry in entries:
        total += entry.size
        if entry.size > limits.file:
            raise TooLarge(f"a file has {entry.size} bytes, more than the {limits.file} allowed", decode(entry.path))
    if total > limits.total:
        raise TooLarge(f"the repository's files have {total} bytes, more than the {limits.total} allowed")
    if sum(e.mode == SYMLINK for e in entries) > limits.symlinks:
        raise TooLarge(f"the repository holds more than {limits.symlinks} symlinks")


def _target(objects: Objects, entry: Entry) -> bytes:
    _, target = objects.read(entry.object, _MAX_TARGET, decode(entry.path))
    if not target or b"\0" in target:
        raise HostileTree("a symlink's target is empty or holds a zero byte", decode(entry.path))
    return target
