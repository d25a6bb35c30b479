"""Packages are installed only when the file that lists them has changed."""

from pathlib import Path

import pytest

from stack import bootstrap

# Stands in for the virtual environment's Python, and notes what it is asked to do.
FAKE_PYTHON = """#!/bin/sh
case "$*" in *npm*) mkdir -p node_modules; echo npm >> calls; test ! -e refuse || {
  echo "npm error: no such version" >&2; exit 1; };; esac
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project with a lock file, which is the working directory."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def calls(project: Path) -> int:
    return len((project / "calls").read_text().splitlines())


def test_node_packages_are_installed_once_for_each_lock_file(project: Path) -> None:
    bootstrap.main("package-lock.json")
    bootstrap.main("package-lock.json")
    assert calls(project) == 1
    (project / "package-lock.json").write_text('{"lockfileVersion": 3}')
    bootstrap.main("package-lock.json")
    assert calls(project) == 2


def test_a_failed_install_of_node_packages_says_why_and_is_retried(project: Path) -> None:
    (project / "refuse").touch()
    with pytest.raises(SystemExit, match="no such version"):
        bootstrap.main("package-lock.json")
    (project / "refuse").unlink()
    bootstrap.main("package-lock.json")
    assert calls(project) == 2
