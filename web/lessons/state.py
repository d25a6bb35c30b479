"""How far a lesson has got. Pure; whoever plays it changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from web.lessons.answers import Answers
from web.lessons.evidence import Measured
from web.lessons.lesson import Action, Claim, Lesson, Step
from web.lessons.run import Run

Side = Literal["was", "now"]
ClaimState = Literal["open", "held", "not-held", "unknown"]


@dataclass
class Doing:
    """An action, and how far it is.

    Args:
        action: the action.
        says: what it does.
        curl: the command that does the same; None if there is none.
        state: how far it is.
        at_ms: when it began.
        answer: what came of it.
        by_hand: whether it has to be typed; once the lesson goes on, it was.
    """

    action: Action
    says: str
    curl: str | None
    state: Literal["waiting", "doing", "done", "failed"] = "waiting"
    at_ms: float | None = None
    answer: str = ""
    by_hand: bool = False


@dataclass
class Claimed:
    """A claim, and whether it has come true.

    Args:
        claim: the claim.
        state: whether it has.
        seen: what was measured last.
        at_ms: when that was decided.
    """

    claim: Claim
    state: ClaimState = "open"
    seen: str = ""
    at_ms: float | None = None


@dataclass
class StepState:
    """How far a step is.

    Args:
        step: the step.
        doing: its actions; of a cure, all that it repeats.
        claims: its claims.
        answers: what was answered to its question.
        skipped: whether the host went on without it.
        done: whether its actions were carried out.
        due_s: until when its claims are waited for, on the monotonic clock; None until that begins.
        settled_s: when they were decided.
        right: the right answer, once it was measured.
        is_judged: whether it was.
    """

    step: Step
    doing: list[Doing] = field(default_factory=list)
    claims: list[Claimed] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    skipped: bool = False
    done: bool = False
    due_s: float | None = None
    settled_s: float | None = None
    right: Any = None
    is_judged: bool = False

    @property
    def is_settled(self) -> bool:
        """Return whether each of its claims was decided."""
        return all(it.state != "open" for it in self.claims)

    @property
    def is_complete(self) -> bool:
        """Return whether the lesson can go on after it."""
        if self.skipped:
            return True
        if self.step.ask is not None:
            return self.answers.locked_ms is not None
        return (self.done or not self.step.acts) and self.is_settled


@dataclass
class Attempt:
    """A lesson that is played, from its known start on.

    Args:
        id: tells it from others.
        lesson: what is played.
        number: which time it is, from 1.
        began_ms: when it began.
        steps: how far each step is.
        step: the one that the room is shown.
        reached: the last one that was shown.
        busy: what is done to the stack just now: the step, and in words.
        runs: the two runs: as it was, and with the cure.
        facts: what was measured on each, by name.
        measured_ms: when.
        known_start: the name of the known start.
        over_ms: when it ended; None while it is under way.
        ended: how it ended, as All clear says it.
    """

    id: str
    lesson: Lesson
    number: int
    began_ms: float
    steps: Sequence[StepState]
    step: int = 0
    reached: int = 0
    busy: tuple[int, str] | None = None
    runs: dict[Side, Run] = field(default_factory=dict)
    facts: dict[Side, Mapping[str, Measured]] = field(default_factory=dict)
    measured_ms: dict[Side, float] = field(default_factory=dict)
    known_start: str = ""
    over_ms: float | None = None
    ended: Mapping[str, Any] | None = None

    @property
    def latest(self) -> Side:
        """Return the run that was begun last."""
        return "now" if "now" in self.runs else "was"

    def side(self, number: int) -> Side:
        """Return on which run a step looks: after the first cure, on the one with the cure."""
        kinds = [it.step.kind for it in self.steps[: number + 1]]
        return "now" if "cure" in kinds else "was"
