"""The passwords of the stores: made for each folder of data, and kept where only its user reads."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from stack import private

KEPT = "passwords.json"
# Beside a store's data: the digest of the password that they were given last.
GIVEN = "password-given"


def _new() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Passwords:
    """The password of each store's one user; new ones, unless they are named."""

    postgresql: str = field(default_factory=_new)
    rabbitmq: str = field(default_factory=_new)
    mongodb: str = field(default_factory=_new)


def of(folder: Path) -> Passwords:
    """The passwords that a stack's folder has; new ones if it has none, or none that are whole."""
    try:
        return Passwords(**json.loads((folder / KEPT).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return Passwords()


def keep(folder: Path, passwords: Passwords) -> None:
    """Keep them for the next start, unless they are kept."""
    if of(folder) == passwords:
        return
    private.write(folder / KEPT, json.dumps(dataclasses.asdict(passwords)).encode())


def is_given(home: Path, password: str) -> bool:
    """Whether the data in this folder have this password."""
    path = home / GIVEN
    return path.exists() and path.read_text() == _digest(password)


def note_given(home: Path, password: str) -> None:
    """Note that the data in this folder have this password now."""
    private.write(home / GIVEN, _digest(password).encode())


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
