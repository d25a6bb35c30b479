"""What the commands say on the terminal."""

from __future__ import annotations

import contextlib
import errno
import sys
from typing import IO


def say(text: str) -> None:
    """Write a line; what the output cannot show becomes an escape.

    A terminal that is gone must not keep us from stopping in order.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with contextlib.suppress(OSError):
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether somebody sits there; a standard stream that was closed is None."""
    return stream is not None and stream.isatty()


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
