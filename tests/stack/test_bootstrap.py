"""Packages are installed only when the file that lists them has changed, and only into `.venv`."""

import os
import sys
from pathlib import Path

import pytest

from stack import bootstrap

# Stands in for the virtual environment's Python, and notes what it is asked to do. Its pip says
# more on standard error than a pipe holds, and fails if it would install elsewhere.
FAKE_PYTHON = """#!/bin/sh
case "$*" in *install*) test -z "$PIP_TARGET$PYTHONPATH" -a "$PIP_USER$PIP_NO_COLOR" = 01 || exit 1
  head -c 300000 /dev/zero | tr '\\0' '\\n' >&2; echo Collecting flask; echo pip >> calls;; esac
case "$*" in *importlib.metadata*) test ! -e elsewhere;; esac || {
  echo "PackageNotFoundError: flask" >&2; exit 1; }
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


def test_pip_may_say_much_and_is_kept_from_installing_elsewhere(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "requirements.txt").write_text("# Pinned.\nflask==3.1.3\n")
    for name, value in {"PIP_USER": "1", "PIP_TARGET": "/elsewhere", "PYTHONPATH": "/x"}.items():
        monkeypatch.setenv(name, value)
    (project / "elsewhere").touch()
    with pytest.raises(SystemExit, match=r"not install .* into \.venv.*flask"):
        bootstrap.main("requirements.txt")
    (project / "elsewhere").unlink()
    bootstrap.main("requirements.txt")
    bootstrap.main("requirements.txt")
    assert calls(project) == 2


def test_nothing_is_installed_where_the_stack_cannot_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_KEY", "schlüssel")
    with pytest.raises(SystemExit, match="HOST_KEY may have"):
        bootstrap.main("package-lock.json")
    assert not (project / "calls").exists()


def test_why_there_can_be_no_environment_is_said_and_the_system_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    (tmp_path / "requirements.txt").write_text("")
    with pytest.raises(SystemExit, match=r"-m venv \.venv` fails: it does not say why"):
        bootstrap.main("requirements.txt")


def test_a_folder_that_is_no_environment_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    mine = tmp_path / ".venv" / "mine"
    mine.mkdir(parents=True)
    with pytest.raises(SystemExit, match="is not a Python environment"):
        bootstrap.main("requirements.txt")
    assert mine.exists()
