"""What git prints, as changed files."""

import pytest

from app.repository.diff import combine, parse_patch, parse_raw
from app.repository.errors import FetchTrouble
from checks.change import FileStatus

ZERO, ONE, TWO = "0" * 40, "1" * 40, "2" * 40


def raw(*records: tuple[str, ...]) -> bytes:
    """Records as git writes them: the head, then the paths."""
    return b"".join(part.encode("utf-8", "surrogateescape") + b"\0" for record in records for part in record)


def test_a_patch_counts_lines() -> None:
    patch = b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n"
    patch += b"@@ -2,2 +2 @@ def f():\n-one\n-two\n+three\n@@ -9,0 +9,2 @@\n+a\n+b\n"
    (section,) = parse_patch(patch)
    assert (section.added, section.removed) == ({2, 9, 10}, 2)


def test_content_that_looks_like_headers_is_content() -> None:
    lines = [b"diff --git a/x b/x", b"--- a/x", b"+++ b/x", b"@@ -1,2 +1,3 @@", b"--- a/y", b"-@@ -1 +1 @@"]
    lines += [b"+diff --git a/evil b/evil", b"+@@ -1 +1,900 @@", b"+++ b/evil", b"\\ No newline at end of file", b""]
    (section,) = parse_patch(b"\n".join(lines))
    assert (section.added, section.removed) == ({1, 2, 3}, 2)


def test_binary_has_no_lines() -> None:
    (section,) = parse_patch(b"diff --git a/x b/x\nindex 1..2\nBinary files a/x and b/x differ\n")
    (file,) = combine(parse_raw(raw((f":100644 100644 {ONE} {TWO} M", "x"))), (section,), {TWO: 7})
    assert (file.binary, file.added, file.removed, file.size) == (True, frozenset(), 0, 7)


@pytest.mark.parametrize(
    ("record", "status", "path", "old_path", "mode"),
    [
        pytest.param((f":000000 100755 {ZERO} {ONE} A", "n"), FileStatus.ADDED, "n", "", "100755", id="added"),
        pytest.param((f":100644 000000 {ONE} {ZERO} D", "n"), FileStatus.DELETED, "n", "", "100644", id="deleted"),
        pytest.param(
            (f":100644 100644 {ONE} {TWO} R087", "o", "n"), FileStatus.RENAMED, "n", "o", "100644", id="renamed"
        ),
        pytest.param((f":100644 100755 {ONE} {ONE} M", "n"), FileStatus.MODIFIED, "n", "", "100755", id="mode only"),
        pytest.param((f":000000 160000 {ZERO} {ONE} A", "n"), FileStatus.ADDED, "n", "", "160000", id="submodule"),
        pytest.param((f":000000 120000 {ZERO} {ONE} A", "n"), FileStatus.ADDED, "n", "", "120000", id="symlink"),
        pytest.param(
            (f":000000 100644 {ZERO} {ONE} A", "a\n\udcff"), FileStatus.ADDED, "a\n\udcff", "", "100644", id="odd name"
        ),
    ],
)
def test_one_record(record: tuple[str, ...], status: FileStatus, path: str, old_path: str, mode: str) -> None:
    (file,) = combine(parse_raw(raw(record)), parse_patch(b"diff --git a/n b/n\n"), {})
    assert (file.status, file.path, file.old_path, file.mode) == (status, path, old_path, mode)


def test_a_changed_type_has_two_patches() -> None:
    patch = b"diff --git a/l b/l\ndeleted file mode 100644\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    patch += b"diff --git a/l b/l\nnew file mode 120000\n@@ -0,0 +1 @@\n+x\n"
    (file,) = combine(parse_raw(raw((f":100644 120000 {ONE} {TWO} T", "l"))), parse_patch(patch), {})
    assert (file.added, file.removed, file.mode) == (frozenset({1}), 2, "120000")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b":100644 100644 1 2\0x\0", id="no status"),
        pytest.param(b":100644 100644 1 2 M\0", id="no path is an empty path"),
        pytest.param(b":100644 100644 1 2 R100\0only\0", id="one path of a rename"),
        pytest.param(b"\xff\0x\0", id="no ASCII"),
    ],
)
def test_raw_that_does_not_parse_is_trouble(data: bytes) -> None:
    with pytest.raises(FetchTrouble):
        combine(parse_raw(data), (), {})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"@@ -1 +1 @@\n-a\n+b\n", id="hunk without file"),
        pytest.param(b"diff --git a/x b/x\n@@ nonsense @@\n", id="no numbers"),
        pytest.param(b"diff --git a/x b/x\n@@ -1 +1,3 @@\n-a\n+b\n", id="ends too early"),
    ],
)
def test_a_patch_that_does_not_parse_is_trouble(data: bytes) -> None:
    with pytest.raises(FetchTrouble):
        parse_patch(data)


def test_outputs_that_do_not_fit_are_trouble() -> None:
    with pytest.raises(FetchTrouble):
        combine(parse_raw(raw((f":100644 100644 {ONE} {TWO} M", "x"))), (), {})
