"""The image's recipe."""

from pathlib import Path

from runner.images import recipe


def test_how_mmdebstrap_is_called() -> None:
    """Where packages come from is the machine's own sources' to say."""
    found = recipe.arguments(
        Path("/t/root.tar"), sources=(Path("/etc/apt/s.list"),), apt_settings=('Acquire::Retries "3";',)
    )
    assert found[0] == "mmdebstrap"
    assert found[-3:] == ["bookworm", "/t/root.tar", "/etc/apt/s.list"]
    assert '--aptopt=Acquire::Retries "3";' in found
    assert any("python3-dev" in word and "git" in word for word in found if word.startswith("--include="))
    assert any("chmod a-s" in word for word in found if word.startswith("--customize-hook="))


def test_sources_of_the_suite_only(tmp_path: Path) -> None:
    """Switched-off files and other distributions' are left out."""
    (tmp_path / "sources.list.d").mkdir()
    for name, text in {
        "sources.list": "deb http://mirror.invalid/debian bookworm main\n",
        "sources.list.d/other.list": "deb http://mirror.invalid/tool stable main\n",
        "sources.list.d/off.list.disabled": "deb http://mirror.invalid/debian bookworm main\n",
        "sources.list.d/debian.sources": "Types: deb\nURIs: http://mirror.invalid/debian\nSuites: bookworm\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert [path.name for path in recipe.apt_sources(tmp_path)] == ["sources.list", "debian.sources"]


def test_the_name_is_a_digest_of_the_recipe() -> None:
    """The same every time."""
    assert recipe.image_name() == f"{recipe.REPOSITORY}:{recipe.tag()}"
    assert len(recipe.tag()) == 16


def test_no_host_is_named() -> None:
    """Neither in the Dockerfile nor among the packages."""
    text = (recipe.FOLDER / "Dockerfile").read_text() + (recipe.FOLDER / "packages.txt").read_text()
    assert "://" not in text
