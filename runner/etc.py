"""The made-up /etc that a sandbox shows: enough for programs to work, nothing that tells of the host's people."""

import contextlib
import hashlib
import os
import shutil
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

CA_BUNDLE = PurePosixPath("/etc/ssl/certs/ca-certificates.crt")
"""Where the certificates that the host's package clients trust are inside, in both sandboxes."""

HOSTNAME = "sandbox"
_CA_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_COPIED = ("protocols", "services", "mime.types", "debian_version", "ld.so.cache", "ssl/openssl.cnf")
_TEXTS = {
    "passwd": "root:x:0:0:root:/root:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/home/nobody:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {HOSTNAME}\n",
    "hostname": f"{HOSTNAME}\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
    "resolv.conf": "",
    "shells": "/bin/sh\n/bin/bash\n",
    "timezone": "Etc/UTC\n",
    "host.conf": "multi on\n",
}


def ca_bundle(environment: Mapping[str, str]) -> Path | None:
    """The file of certificates that this machine's package clients use, from their variables or OpenSSL's default."""
    paths = [environment[name] for name in _CA_VARIABLES if environment.get(name)]
    default = ssl.get_default_verify_paths()
    paths += [path for path in (default.cafile, str(CA_BUNDLE), default.openssl_cafile) if path]
    return next((Path(path) for path in paths if Path(path).is_file()), None)


def write_etc(target: Path, *, environment: Mapping[str, str], host: Path = Path("/etc")) -> None:
    """Write the tree to `target`, which must not exist yet. World-readable; no file of it is secret.

    Args:
        target: the new folder.
        environment: where the package clients' certificate variables are looked up.
        host: the host's own /etc, from which a few public files are copied.
    """
    target.mkdir(parents=True)
    for name, text in _TEXTS.items():
        (target / name).write_text(text, encoding="ascii")
    (target / "ssl/certs").mkdir(parents=True)
    for name in _COPIED:
        if (host / name).is_file():
            shutil.copyfile(host / name, target / name)
    (target / "localtime").symlink_to("/usr/share/zoneinfo/Etc/UTC")
    (target / "os-release").symlink_to("../usr/lib/os-release")
    (target / "mtab").symlink_to("/proc/mounts")
    _copy_alternatives(host / "alternatives", target / "alternatives")
    bundle = ca_bundle(environment)
    if bundle is not None:
        shutil.copyfile(bundle, target / CA_BUNDLE.relative_to("/etc"))
        (target / "ssl/cert.pem").symlink_to(CA_BUNDLE)
    for folder, _, names in os.walk(target):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o644)


def _copy_alternatives(source: Path, target: Path) -> None:
    """Debian's links from /usr/bin/cc and the like go through here; only links are taken."""
    target.mkdir()
    if source.is_dir():
        for link in source.iterdir():
            if link.is_symlink():
                (target / link.name).symlink_to(link.readlink())


def tree_of(folder: Path) -> Path:
    """Where this machine's made-up /etc is, below `folder`: written once for each content, shared by all commands."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder)) / "etc"
    try:
        write_etc(fresh, environment=os.environ)
        final = folder / f"etc-{_digest(fresh)}"
        with contextlib.suppress(OSError):  # another process was first with the same content
            fresh.rename(final)
        return final
    finally:
        shutil.rmtree(fresh.parent, ignore_errors=True)


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        for part in (str(path.relative_to(folder)).encode(), content):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()[:16]
