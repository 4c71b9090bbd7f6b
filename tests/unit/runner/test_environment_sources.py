"""Where packages come from, as pip's and uv's own settings say. Hosts here are made up."""

from pathlib import Path

import pytest
from pip._internal.models.index import PyPI

from runner.environment.sources import read_sources
from runner.errors import EnvironmentFault


def names(environment: dict[str, str]) -> list[tuple[str, int]]:
    return [(host.name, host.port) for host in read_sources(environment).hosts]


def test_with_no_settings_it_is_pip_s_own_index(tmp_path: Path) -> None:
    sources = read_sources({"HOME": str(tmp_path)})
    assert sources.indexes == (PyPI.simple_url,)
    assert {host.name for host in sources.hosts} == {PyPI.netloc, PyPI.file_storage_domain}
    assert all(host.configured for host in sources.hosts)


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        pytest.param({"PIP_INDEX_URL": "https://mirror.invalid/simple"}, [("mirror.invalid", 443)], id="pip"),
        pytest.param(
            {"UV_DEFAULT_INDEX": "http://mirror.invalid:3141/x"}, [("mirror.invalid", 3141)], id="uv-and-a-port"
        ),
        pytest.param(
            {"UV_INDEX_URL": "https://a.invalid/", "PIP_INDEX_URL": "https://b.invalid/"},
            [("a.invalid", 443)],
            id="uv-first",
        ),
        pytest.param(
            {
                "PIP_INDEX_URL": "https://a.invalid/",
                "PIP_EXTRA_INDEX_URL": "https://b.invalid/ https://c.invalid:8443/",
            },
            [("a.invalid", 443), ("b.invalid", 443), ("c.invalid", 8443)],
            id="extra-indexes",
        ),
    ],
)
def test_variables(tmp_path: Path, environment: dict[str, str], hosts: list[tuple[str, int]]) -> None:
    assert names({"HOME": str(tmp_path), **environment}) == hosts


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(".config/pip/pip.conf", "[global]\nindex-url = https://mirror.invalid/simple\n", id="pip.conf"),
        pytest.param(".pip/pip.conf", "[install]\nindex-url = https://mirror.invalid/simple\n", id="old-pip.conf"),
        pytest.param(".config/uv/uv.toml", 'index-url = "https://mirror.invalid/simple"\n', id="uv.toml"),
        pytest.param(
            ".config/uv/uv.toml",
            '[[index]]\nurl = "https://mirror.invalid/simple"\ndefault = true\n',
            id="uv.toml-index",
        ),
    ],
)
def test_files(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert names({"HOME": str(tmp_path)}) == [("mirror.invalid", 443)]


def test_credentials_are_known_as_such_and_can_be_left_out(tmp_path: Path) -> None:
    sources = read_sources({"HOME": str(tmp_path), "PIP_INDEX_URL": "https://me:secret@mirror.invalid:444/simple"})
    assert sources.secret
    assert sources.public == ("https://mirror.invalid:444/simple",)
    assert [(host.name, host.port) for host in sources.hosts] == [("mirror.invalid", 444)]


def test_only_folders_that_are_there_are_links(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    environment = {"HOME": str(tmp_path), "PIP_FIND_LINKS": f"{tmp_path}/wheels {tmp_path}/none https://links.invalid/"}
    assert read_sources(environment).folders == (tmp_path / "wheels",)


def test_an_index_that_is_no_web_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="pip config list"):
        read_sources({"HOME": str(tmp_path), "PIP_INDEX_URL": "file:///srv/simple"})
