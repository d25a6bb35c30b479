"""What the commands say on the terminal."""

from __future__ import annotations

import contextlib
import errno


def say(text: str) -> None:
    """Write a line; a terminal that is gone must not keep us from stopping in order."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def in_words(error: OSError) -> str:
    """The operating system's refusal, in a sentence."""
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {error.filename or 'the stack'} is full."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"This user may not write {error.filename or 'the stack'}. If root made it, "
            "remove it with `sudo make clean`."
        )
    return str(error)
