"""What a history comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["valid", "invalid", "unknown"]

# What has to be empty.
MUST_BE_EMPTY = (
    "lost",
    "phantom",
    "regressed",
    "twice",
    "disagree",
    "rebuilt differently",
    "stale with a token",
    "session guarantee broken with a token",
)


@dataclass(frozen=True)
class Judgement:
    """What is wrong, what was counted, and what could not be judged.

    Attributes:
        wrong: what was found, by its kind, of MUST_BE_EMPTY.
        unknown: why it could not be judged whole; empty if it was.
        counts: what was counted, by name.
    """

    wrong: Mapping[str, Sequence[Any]]
    unknown: Sequence[str]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """One thing that is wrong is enough; whatever else could not be judged changes nothing."""
        if any(self.wrong.values()):
            return "invalid"
        return "unknown" if self.unknown else "valid"
