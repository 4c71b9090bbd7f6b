"""The made-up /etc."""

from pathlib import Path

import pytest

from runner.etc import CA_BUNDLE, ca_bundle, tree_of, write_etc


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host's /etc with what must and must not be taken."""
    folder = tmp_path / "host"
    (folder / "alternatives").mkdir(parents=True)
    (folder / "alternatives/cc").symlink_to("/usr/bin/gcc")
    (folder / "alternatives/text").write_text("no link")
    (folder / "services").write_text("http 80/tcp\n")
    (folder / "shadow").write_text("root:secret")
    (folder / "passwd").write_text("alice:x:1000:1000::/home/alice:/bin/sh\n")
    (folder / "hostname").write_text("build-machine-7\n")
    return folder


def everything(folder: Path) -> str:
    """All texts and links of a tree."""
    paths = sorted(folder.rglob("*"))
    return "\n".join(
        f"{path.name} {path.readlink() if path.is_symlink() else path.read_text() if path.is_file() else ''}"
        for path in paths
    )


def test_nothing_of_the_hosts_people(host: Path, tmp_path: Path) -> None:
    """Only public files are copied, and links."""
    write_etc(tmp_path / "etc", environment={}, host=host)
    found = everything(tmp_path / "etc")
    for word in ("alice", "secret", "build-machine-7", "no link"):
        assert word not in found
    assert "http 80/tcp" in found
    assert (tmp_path / "etc/alternatives/cc").readlink() == Path("/usr/bin/gcc")
    assert (tmp_path / "etc/passwd").read_text().count("\n") == 2


def test_readable_by_nobody(host: Path, tmp_path: Path) -> None:
    """Whatever our own umask is."""
    write_etc(tmp_path / "etc", environment={}, host=host)
    for path in (tmp_path / "etc").rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_certificates_of_the_package_clients(host: Path, tmp_path: Path) -> None:
    """Found by their variables, first of all pip's."""
    ours, other = tmp_path / "ours.pem", tmp_path / "other.pem"
    ours.write_text("OURS")
    other.write_text("OTHER")
    environment = {"SSL_CERT_FILE": str(other), "PIP_CERT": str(ours)}
    assert ca_bundle(environment) == ours
    assert ca_bundle({"PIP_CERT": "/absent", "SSL_CERT_FILE": str(other)}) == other
    write_etc(tmp_path / "etc", environment=environment, host=host)
    assert (tmp_path / "etc" / CA_BUNDLE.relative_to("/etc")).read_text() == "OURS"


def test_written_once_for_each_content(tmp_path: Path) -> None:
    """And nothing half-written is left."""
    first, second = tree_of(tmp_path), tree_of(tmp_path)
    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
