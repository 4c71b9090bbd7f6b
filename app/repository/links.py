"""Where a tree's symlinks lead. Pure: it walks the tree's own entries, never the disk."""

from collections.abc import Mapping

_HOPS = 64  # the kernel gives up after 40
_STEPS = 2000  # a chain that needs more is refused, so that many long ones cost us little


def leaves_tree(link: bytes, links: Mapping[bytes, bytes]) -> bool:
    """Whether following the symlink at `link` leads out of the tree at any moment, through other symlinks too.

    Args:
        link: the symlink's path from the tree's root.
        links: every symlink of the tree, path to target.

    A target that is not there stays inside. A loop counts as leaving, for though the kernel refuses it, programs that
    resolve names themselves (Python's `realpath`) read `a -> a/../..` as the folder above; so does too long a chain.
    """
    at: list[bytes] = link.split(b"/")[:-1]
    todo = [link.split(b"/")[-1]]
    hops = steps = 0
    while todo:
        part = todo.pop()
        steps += 1
        if steps > _STEPS:
            return True
        if part in (b"", b"."):
            continue
        if part == b"..":
            if not at:
                return True
            at.pop()
            continue
        here = b"/".join([*at, part])
        target = links.get(here)
        if target is None:
            at.append(part)
            continue
        if target.startswith(b"/"):
            return True
        hops += 1
        if hops > _HOPS:
            return True
        todo.extend(reversed(target.split(b"/")))
    return False
