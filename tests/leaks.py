"""What `make lint` looks for beside the code's style: known vulnerabilities, and secrets.

`python -m tests.leaks packages` asks the Python Package Index whether a vulnerability is known of a
package that we use. Without a network that is not known, which is said, and fails nothing.

`python -m tests.leaks secrets` looks for keys and passwords in the files of the repository. A line
that only looks like one says so: `pragma: allowlist secret`.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

REQUIREMENTS = "requirements-dev.txt"
ANSWERS_WITHIN_S = 60
# The work of others, pictures, measurements, and a list of checksums.
NOT_OURS = r"^((chassis|web/static)/vendor/|docs/(images|bench)/|package-lock\.json$)"
# What the stores of a stack have that only this machine, or its containers, can reach.
NO_SECRETS = r"eventually:eventually@|guest:guest@"
LOUD = "!" * 12


def packages() -> int:
    """Return 1 if a vulnerability is known of a package, else 0."""
    # It knows all packages of the file, which names those of others, too; so nothing is resolved.
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", REQUIREMENTS),
        *("--no-deps", "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off", "--timeout", "5"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=ANSWERS_WITHIN_S
        )
        told = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        say_unknown("Whether the packages have known vulnerabilities is not known: no answer.")
        return 0
    return judged(told)


def judged(told: Iterable[Mapping[str, Any]]) -> int:
    """Say what was found of each package; return 1 if there is a vulnerability, else 0."""
    packages = list(told)
    unknown = [it["name"] for it in packages if "skip_reason" in it]
    if unknown:
        say_unknown(f"{len(unknown)} of {len(packages)} packages could not be looked up.")
    found = [(it, vulnerability) for it in packages for vulnerability in it.get("vulns", ())]
    for it, vulnerability in found:
        mended = ", ".join(vulnerability["fix_versions"]) or "no version"
        named = f"{it['name']} {it['version']}: {vulnerability['id']}"
        sys.stdout.write(f"{named}, mended in {mended}\n")
    if not found and len(unknown) < len(packages):
        known = len(packages) - len(unknown)
        sys.stdout.write(f"No vulnerability is known of {known} packages.\n")
    return int(bool(found))


def say_unknown(what: str) -> None:
    """Say that something was not checked, so that nobody takes it for checked."""
    sys.stdout.write(f"{LOUD} {what} Nothing was checked of them. {LOUD}\n")


def secrets() -> int:
    """Return 1 if a file of the repository has a secret in it, else 0."""
    files = subprocess.run(
        ["/usr/bin/env", "git", "ls-files"], capture_output=True, text=True, check=False
    )
    if files.returncode:
        say_unknown("This is no clone, so it is not known which files are the repository's.")
        return 0
    # Whether one works is not tried: that would tell it to others.
    scan = [sys.executable, "-m", "detect_secrets.pre_commit_hook", "--no-verify"]
    scan += ["--exclude-files", NOT_OURS, "--exclude-lines", NO_SECRETS]
    return int(subprocess.run([*scan, *files.stdout.splitlines()], check=False).returncode != 0)


CHECKS: Mapping[str, Callable[[], int]] = {"packages": packages, "secrets": secrets}

if __name__ == "__main__":
    [_, check] = sys.argv
    sys.exit(CHECKS[check]())
