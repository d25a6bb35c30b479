"""Files that only the user who runs the stack may read."""

from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file that nobody else may read, not even while it is written."""
    # What is there keeps its mode, which another user's program may have chosen.
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
