"""Makes the keys of a stack in containers: `python -m accounts.keys /keys`.

Each process has a volume of its own, with a file of the settings that nobody else may know. They
are made at the first start, and written anew at each: what was made is kept in a volume that no
process has.
"""

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

KEPT = "made"
SETTINGS = "settings"


def main() -> None:
    """Write a file of settings into each folder in the one that was named."""
    [_, folder] = sys.argv
    keys = Path(folder)
    made = kept(keys / KEPT / "keys.json")
    for process in sorted(it for it in keys.iterdir() if it.is_dir() and it.name != KEPT):
        write(process / SETTINGS, {"LAB_KEY": made["lab"]})


def kept(path: Path) -> dict[str, str]:
    """Return what was made, and make what was not."""
    made: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made.setdefault("lab", secrets.token_hex(16))
    path.touch(mode=0o600)
    path.write_text(json.dumps(made))
    return made


def write(path: Path, settings: Mapping[str, str]) -> None:
    """Write settings as NAME=value, one to a line, in one step."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    # Only one container has this folder, whatever user it runs as.
    partial.chmod(0o444)
    partial.replace(path)


if __name__ == "__main__":
    main()
