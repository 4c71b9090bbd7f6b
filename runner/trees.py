"""Trees of plain files on disk: copied, and base's source put together with head's tests. No link is followed."""

import errno
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_TEST_FILE = re.compile(r"test_.*\.py|.*_tests?\.py|tests?\.py|conftest\.py")
_CONFIGURATION = frozenset({"conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini"})
_FOLDERS = frozenset({"tests", "test", "unit_tests", "unittests", "testcases"})
_PIECE = 1024 * 1024
_ROOT_FOLDERS = frozenset({*_FOLDERS, "testing", "t"})


class TestLayout:
    """Which paths of some trees are tests or test configuration.

    A folder named like tests counts with all that is in it (data files too) if it is at the root, or if a file named
    like tests is somewhere in it: `django/test/` is source. Files named like tests count wherever they are.
    `pyproject.toml` and `setup.cfg` say how the source is built and so go with the source.
    """

    __test__ = False

    def __init__(self, files: Iterable[str]) -> None:
        """Look at the paths of all trees in question."""
        self._folders: set[str] = set()
        for file in files:
            path = PurePosixPath(file)
            if _TEST_FILE.fullmatch(path.name):
                for folder in path.parents:
                    if folder.name in _FOLDERS:
                        self._folders.add(str(folder))

    def is_test(self, file: str) -> bool:
        """Whether that path, relative to the root, is part of the tests."""
        path = PurePosixPath(file)
        if path.name in _CONFIGURATION:
            return path.name == "conftest.py" or len(path.parts) == 1 or self._inside(path)
        return self._inside(path) or (path.suffix == ".py" and _TEST_FILE.fullmatch(path.name) is not None)

    def _inside(self, path: PurePosixPath) -> bool:
        if len(path.parts) > 1 and path.parts[0] in _ROOT_FOLDERS:
            return True
        return any(str(folder) in self._folders for folder in path.parents)


def copy_tree(source: Path, target: Path) -> None:
    """Copy folders, plain files with their modes, and links as links, into the folder `target`; nothing else is copied.

    Raises:
        OSError: something cannot be read or written.
    """
    waiting = [(source, target)]
    while waiting:  # not recursion: how deep the tree is, is up to whoever made it
        folder, copied = waiting.pop()
        copied.mkdir(parents=True, exist_ok=True)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    (copied / entry.name).symlink_to(Path(entry.path).readlink())
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), copied / entry.name))
                elif entry.is_file(follow_symlinks=False):
                    copy_file(Path(entry.path), copied / entry.name)


def copy_file(source: Path, target: Path) -> None:
    """Copy one plain file with its permissions and times; a link in its place is refused."""
    with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as reading:
        found = os.fstat(reading.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{source.name} is not a plain file")
        with target.open("xb") as writing:
            _copy_content(reading.fileno(), writing.fileno(), found.st_size)
            os.fchmod(writing.fileno(), stat.S_IMODE(found.st_mode) & 0o777)
            os.utime(writing.fileno(), ns=(found.st_atime_ns, found.st_mtime_ns))


def _copy_content(source: int, target: int, size: int) -> None:
    """Copy what is written in a file, and leave its holes holes: hostile ones are larger than any disk."""
    os.ftruncate(target, size)
    place = 0
    while place < size:
        try:
            place = os.lseek(source, place, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:  # nothing but a hole to the end
                raise
            return
        end = min(os.lseek(source, place, os.SEEK_HOLE), size)
        while place < end:
            data = os.pread(source, min(_PIECE, end - place), place)
            if not data:  # cut short while it was read
                return
            os.pwrite(target, data, place)
            place += len(data)


def replace_tests(workspace: Path, head_tree: Path, base_files: Iterable[str], head_files: Iterable[str]) -> None:
    """Take base's tests out of `workspace`, a copy of base's tree, and put head's in.

    Args:
        workspace: changed in place; nothing runs in it meanwhile.
        head_tree: where head's tests are.
        base_files: the plain files of base's tree, relative.
        head_files: those of head's.
    """
    base, head = list(base_files), list(head_files)
    layout = TestLayout((*base, *head))
    for file in base:
        if layout.is_test(file):
            _remove(workspace, file)
    for file in head:
        if layout.is_test(file) and _make_way(workspace, PurePosixPath(file)):
            copy_file(head_tree / file, workspace / file)


def _remove(workspace: Path, file: str) -> None:
    target = workspace / file
    if _plain_folders(workspace, PurePosixPath(file)) and (target.is_symlink() or target.is_file()):
        target.unlink()
        for cache in (target.parent / "__pycache__").glob(f"{target.stem}.*.pyc"):
            cache.unlink()


def _plain_folders(workspace: Path, file: PurePosixPath) -> bool:
    """Whether every folder on the way to the file is there and is no link."""
    return all(
        (workspace / folder).is_dir() and not (workspace / folder).is_symlink() for folder in reversed(file.parents)
    )


def _make_way(workspace: Path, file: PurePosixPath) -> bool:
    """Make the folders on the way to a file; what stands there and is no folder, or is a link, gives way."""
    for folder in list(reversed(file.parents))[1:]:
        inner = workspace / folder
        if inner.is_symlink() or (inner.exists() and not inner.is_dir()):
            inner.unlink()
        inner.mkdir(exist_ok=True)
    target = workspace / file
    if target.is_symlink() or target.is_file():
        target.unlink()
    return not target.exists()
