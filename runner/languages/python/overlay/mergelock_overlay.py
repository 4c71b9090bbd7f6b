"""Puts the project under judgement before all else that is installed; a .pth file imports it when Python starts.

Without it a published release of the same project, or of a package that it replaces, would be tested in its place.
"""

import site
import sys

_PROJECT = "/mergelock/project/site"


def _see_project() -> None:
    path, finders = list(sys.path), list(sys.meta_path)
    site.addsitedir(_PROJECT)
    new = [entry for entry in sys.path if entry not in path]
    place = next((i for i, entry in enumerate(path) if entry.endswith("site-packages")), len(path))
    sys.path[:] = [*path[:place], *new, *path[place:]]
    # Editable installs may add finders at the end, after the one that reads sys.path: ours go before it.
    added = [finder for finder in sys.meta_path if finder not in finders]
    kept = [finder for finder in sys.meta_path if finder in finders]
    place = next((i for i, f in enumerate(kept) if getattr(f, "__name__", "") == "PathFinder"), len(kept))
    sys.meta_path[:] = [*kept[:place], *added, *kept[place:]]


_see_project()
