"""What can go wrong with the stack, in words for the person who started it."""

from __future__ import annotations


class StackError(Exception):
    """One or two plain sentences: what is wrong, and what to do about it."""
