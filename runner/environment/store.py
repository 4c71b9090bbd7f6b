"""Folders kept by content: made once however many ask at the same time, whole or not there, and bounded in size."""

import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.disk import BLOCK
from runner.errors import Cancelled
from runner.ownership import remove_tree

_IN_USE = 2 * 3600.0
"""Seconds for which an entry that was asked for is not thrown away: longer than a judging takes."""


class Store:
    """Entries below one folder, by key.

    An entry is made in a folder of its own beside the others and renamed into place, so that a `kill -9` leaves at most
    a partial one, which the next maker of that key removes. Makers of one key wait for each other, across processes.
    """

    def __init__(self, root: Path, *, most_bytes: int = 20 * 1024**3) -> None:
        """Keep entries below `root`, at most about `most_bytes` of them."""
        self._root = root
        self._most = most_bytes
        for name in ("entries", "partial", "locks"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def find(self, key: str, *, oldest: float | None = None) -> Path | None:
        """The entry of that key, if it is there and was made at most `oldest` seconds ago."""
        entry = self._root / "entries" / key
        try:
            made = json.loads((entry / "entry.json").read_text(encoding="ascii"))["made"]
        except (OSError, ValueError, KeyError):
            return None
        if oldest is not None and time.time() - made > oldest:
            return None
        os.utime(entry)
        return entry

    def get(
        self,
        key: str,
        make: Callable[[Path], None],
        *,
        oldest: float | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Path, bool]:
        """The entry of that key, made by `make` if need be, and whether it was made now.

        Args:
            key: letters, digits and dashes.
            make: fills a new, empty folder; what it raises passes through and leaves nothing behind.
            oldest: an entry older than that many seconds is made anew.
            cancel: gives up waiting for another maker.

        Raises:
            Cancelled: `cancel` was set while another made it.
        """
        found = self.find(key, oldest=oldest)
        if found is not None:
            return found, False
        with self._locked(key, cancel):
            found = self.find(key, oldest=oldest)
            if found is not None:
                return found, False
            self._remove_partial(key)
            partial = self._root / "partial" / f"{key}.{secrets.token_hex(8)}"
            partial.mkdir()
            try:
                make(partial)
                entry = self._publish(key, partial)
            finally:
                if partial.exists():
                    remove_tree(partial)
        self._prune(keep=key)
        return entry, True

    def _publish(self, key: str, partial: Path) -> Path:
        entry = self._root / "entries" / key
        facts = {"made": time.time(), "bytes": _size(partial)}
        (partial / "entry.json").write_text(json.dumps(facts), encoding="ascii")
        if entry.exists():
            old = self._root / "partial" / f"{key}.{secrets.token_hex(8)}"
            entry.rename(old)
            partial.rename(entry)
            remove_tree(old)
        else:
            partial.rename(entry)
        return entry

    def _remove_partial(self, key: str) -> None:
        for left in (self._root / "partial").glob(f"{key}.*"):
            remove_tree(left)

    def _prune(self, *, keep: str) -> None:
        """Throw the least recently used entries away until the rest is small enough."""
        entries = []
        for entry in (self._root / "entries").iterdir():
            try:
                size = int(json.loads((entry / "entry.json").read_text(encoding="ascii"))["bytes"])
                entries.append((entry.stat().st_mtime, size, entry))
            except (OSError, ValueError, KeyError):
                continue
        total = sum(size for _, size, _ in entries)
        for used, size, entry in sorted(entries):
            if total <= self._most or time.time() - used < _IN_USE:
                break
            if entry.name == keep:
                continue
            gone = self._root / "partial" / f"{entry.name}.{secrets.token_hex(8)}"
            try:
                entry.rename(gone)
            except OSError:
                continue  # another process was faster
            remove_tree(gone)
            total -= size

    @contextmanager
    def _locked(self, key: str, cancel: threading.Event | None) -> Iterator[None]:
        waiting = cancel or threading.Event()
        with (self._root / "locks" / key).open("ab") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if waiting.wait(0.05):
                        raise Cancelled("called off while another run made the same environment") from None
            yield


def _size(folder: Path) -> int:
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            total += (Path(top) / name).lstat().st_blocks * BLOCK  # not st_size: a hole takes no room
    return total
