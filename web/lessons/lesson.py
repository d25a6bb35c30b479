"""A lesson, as its file says it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["say", "predict", "do", "watch", "saw", "explain", "cure", "recall"]
# How a measured value is compared; `same-as` names another fact.
How = Literal["is", "is-not", "at-least", "at-most", "more-than", "less-than", "same-as"]
# The commands of a run again, each protected in a way.
Protection = Literal["idempotency-key", "if-match", "token"]
Value = str | int | float | bool


@dataclass(frozen=True)
class Comparison:
    """What is expected of a measured value.

    Args:
        how: in what way it is compared.
        value: with what; with `same-as`, the name of another fact.
    """

    how: How
    value: Value


@dataclass(frozen=True)
class Condition:
    """What is expected of a fact.

    Args:
        fact: its name.
        comparison: what is expected.
        line: where it stands in the file.
    """

    fact: str
    comparison: Comparison
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Fact:
    """Something that is measured on a run.

    Args:
        name: what the lesson calls it.
        kind: what it is about: the first key in the file, such as `count` or `holds`.
        asks: all that says what is measured, the first key too: `{"model": "todos", "what": …}`.
        says: what it is, in a few words.
        unit: of a number.
        better: which way of changing is an improvement; None if neither is.
        line: where it stands in the file.
    """

    name: str
    kind: str
    asks: Mapping[str, Any]
    says: str
    unit: str = ""
    better: Literal["less", "more"] | None = None
    line: int = 0


@dataclass(frozen=True)
class Choice:
    """One answer of several.

    Args:
        value: what is sent as the answer.
        says: what it says.
        condition: when it is the right one, of a question about what is measured.
        is_right: whether it is, of a question about an earlier lesson.
        because: why, or why not, once it has been answered.
    """

    value: str
    says: str
    condition: Condition | None = None
    is_right: bool = False
    because: str = ""


@dataclass(frozen=True)
class NumberAsked:
    """A number that is to be predicted.

    Args:
        unit: its unit.
        least, most: its bounds.
        fact: the name of what is measured.
        within: how far it may be off and still count as right, as a share of the true value.
    """

    unit: str
    least: float
    most: float
    fact: str
    within: float


@dataclass(frozen=True)
class CurveAsked:
    """A curve that is to be drawn: a share, from 0 to 1, at each of some times.

    Args:
        at_ms: the times.
        fact: the name of what is measured, a list.
    """

    at_ms: Sequence[float]
    fact: str


@dataclass(frozen=True)
class Question:
    """A question: either with choices, or for a number, or for a curve."""

    question: str
    choices: Sequence[Choice] = ()
    number: NumberAsked | None = None
    curve: CurveAsked | None = None


@dataclass(frozen=True)
class Action:
    """Something that is done to the stack.

    Args:
        verb: the first key, such as `create`.
        what: its value, such as the title.
        options: the other keys.
        line: where it stands in the file.
    """

    verb: str
    what: Any
    options: Mapping[str, Any]
    line: int = 0

    @property
    def switch(self) -> str | None:
        """Return the switch that it is about, as `place/switch`; None if it is about none."""
        if self.verb in {"set", "clear"}:
            return str(self.what)
        return f"{self.what}/hold" if self.verb in {"release", "kill"} else None


@dataclass(frozen=True)
class Claim:
    """What is to come true on the running stack, and how that is said."""

    condition: Condition
    says: str


@dataclass(frozen=True)
class Source:
    """A part of the running source.

    Args:
        place: the process that runs it.
        object: `module:qualified.name`.
    """

    place: str
    object: str


@dataclass(frozen=True)
class Step:
    """A step of a lesson; what its kind does not have is empty.

    Args:
        kind: what it is for.
        title: its heading.
        text: what is to be said.
        point: nodes and links of the stage.
        ask: of `predict`, `saw` and `recall`.
        button: of `do` and `cure`.
        controls: switches that are opened beside it, as `place/switch`.
        actions: of `do`.
        within_s: how long claims have to come true, in seconds.
        claims: of `watch` and `cure`.
        source: of `explain`.
        without: of `cure`: the settings that are left out this time.
        first: of `cure`: actions before the recorded ones.
        commands: of `cure`: how all commands and reads of the run are protected.
        table: of `cure`: the facts that are set side by side.
        of: of `recall`: the lesson that the question is about.
        line: where it begins in the file.
    """

    kind: Kind
    title: str
    text: str = ""
    point: Sequence[str] = ()
    ask: Question | None = None
    button: str = ""
    controls: Sequence[str] = ()
    actions: Sequence[Action] = ()
    within_s: float = 0.0
    claims: Sequence[Claim] = ()
    source: Source | None = None
    without: Sequence[str] = ()
    first: Sequence[Action] = ()
    commands: frozenset[Protection] = frozenset()
    table: Sequence[str] = ()
    of: str = ""
    line: int = 0

    @property
    def acts(self) -> bool:
        """Return whether it has actions to carry out."""
        return self.kind in {"do", "cure"}


@dataclass(frozen=True)
class Reading:
    """Something to read on."""

    title: str
    url: str
    says: str


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Args:
        id: its name in addresses: its file's name without the number.
        number: its place among the others.
        title: its title.
        core: whether it belongs to the core.
        minutes: how long it takes.
        goal: what one can say afterwards.
        given: what is done before the known start is kept.
        facts: what is measured, by name.
        steps: its steps.
        keep: the question that a later lesson asks about it.
        reading: where to read on.
        file: where it stands.
        document: the same as plain JSON, with the keys of the file.
    """

    id: str
    number: int
    title: str
    core: bool
    minutes: int
    goal: str
    given: Sequence[Action]
    facts: Mapping[str, Fact]
    steps: Sequence[Step]
    keep: Question | None
    reading: Sequence[Reading]
    file: str
    document: Mapping[str, Any]

    def repeated(self, cure: Step) -> Iterator[Action]:
        """Yield what a cure repeats: the actions before the first cure, but for what it leaves out.

        With a setting that is left out goes what ends it, and what lets go what it would have held.
        """
        without = set(cure.without)
        for step in self.steps:
            if step.kind == "cure":
                return
            for action in step.actions:
                if action.switch not in without:
                    yield action
