"""Reads a lesson's file: YAML into a Lesson, or an error with the line. Pure.

What one file can show is checked here: shape, lengths, and that each name which it uses is one that
it has. What needs the other files, or the running stack, is checked by those who have them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from web.lessons.errors import LessonError
from web.lessons.fields import Fields, Value
from web.lessons.forms import (
    ACTIONS,
    FACTS,
    HOWS,
    LINKS,
    LONGEST_WAIT_S,
    NODES,
    PROTECTIONS,
    times_ms,
)
from web.lessons.lesson import (
    Action,
    Choice,
    Claim,
    Comparison,
    Condition,
    CurveAsked,
    Fact,
    How,
    Kind,
    Lesson,
    NumberAsked,
    Protection,
    Question,
    Reading,
    Source,
    Step,
)
from web.lessons.marked import read as read_marked

KINDS = ("say", "predict", "do", "watch", "saw", "explain", "cure", "recall")
MOST_WORDS = 60
MOST_STEPS = 40
MOST_FACTS = 40
MOST_ACTIONS = 40
MOST_CLAIMS = 8
MOST_CHOICES = 6
MOST_POINTS = 3
MOST_CONTROLS = 3
MOST_READING = 8
MOST_MINUTES = 60
LONGEST_TITLE = 80
LONGEST_LINE = 200
LONGEST_TEXT = 600
FILE = re.compile(r"(?:.*/)?(\d+)-([a-z0-9]+(?:-[a-z0-9]+)*)\.yaml")
OBJECT = re.compile(r"[a-z_]+(\.[a-z_0-9]+)*:[A-Za-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*)*")
_WORD = re.compile(r"\S*\w\S*")


def read_lesson(file: str, data: bytes) -> Lesson:
    """Return the lesson of a file. Raises LessonError.

    Args:
        file: the file's name, from which it gets its number and its id.
        data: its bytes.
    """
    named = FILE.fullmatch(file)
    if not named:
        what = "The file's name has to be a number and the lesson's id: 04-twice.yaml."
        raise LessonError(file, 1, what)
    marked = read_marked(file, data)
    fields = Value(file, "the lesson", marked).fields()
    lesson_id, number = fields.must("lesson"), fields.must("number")
    if lesson_id.word() != named[2]:
        raise lesson_id.error(f"lesson has to be {named[2]}, as in the file's name.")
    if number.whole(0, 999) != int(named[1]):
        raise number.error(f"number has to be {int(named[1])}, as in the file's name.")
    lesson = Lesson(
        id=named[2],
        number=int(named[1]),
        title=fields.must("title").text(LONGEST_TITLE),
        core=fields.get("core", Value.truth, False),
        minutes=fields.must("minutes").whole(1, MOST_MINUTES),
        goal=fields.must("goal").text(LONGEST_LINE, one_line=False),
        given=fields.get("given", _actions, ()),
        facts=fields.get("facts", _facts, {}),
        steps=tuple(_step(it) for it in fields.must("steps").items(1, MOST_STEPS)),
        keep=fields.get("keep", _kept, None),
        reading=fields.get("reading", _reading, ()),
        file=file,
        document=cast("Mapping[str, Any]", marked.plain()),
    )
    fields.only_these()
    _Names(lesson).check()
    return lesson


def _facts(value: Value) -> Mapping[str, Fact]:
    named = value.fields().all()
    if len(named) > MOST_FACTS:
        raise value.error(f"There are {len(named)} facts; at most {MOST_FACTS}.")
    return {name: _fact(name, it) for name, it in named.items()}


def _fact(name: str, value: Value) -> Fact:
    Value(value.file, f"the fact's name {name!r}", _as_text(value, name)).word()
    fields = value.fields()
    kind = fields.first()
    if kind not in FACTS:
        raise fields.error(f"Its first key is what is measured: {', '.join(FACTS)}.")
    says = fields.must("says").text(LONGEST_LINE)
    unit = fields.get("unit", lambda it: it.text(20), "")
    better = fields.get("better", lambda it: it.one_of(("less", "more")), None)
    asks = _by_form(FACTS, kind, fields)
    return Fact(name, kind, asks, says, unit, cast("Any", better), value.line)


def _by_form(forms: Mapping[str, Any], kind: str, fields: Fields) -> dict[str, Any]:
    """Take what the form of a kind has, and refuse the rest."""
    form = forms[kind]
    taken = {kind: form.value(fields.must(kind))}
    taken |= {name: how(fields.must(name)) for name, how in form.must.items()}
    taken |= {name: how(fields.must(name)) for name, how in form.may.items() if name in fields}
    fields.only_these()
    return taken


def _condition(fields: Fields) -> Condition:
    """Take a fact's name and how it is compared."""
    fact = fields.must("fact")
    hows = [name for name in fields.names() if name in HOWS]
    if len(hows) != 1:
        raise fields.error(f"It needs one comparison: {', '.join(HOWS)}.")
    how = cast("How", hows[0])
    value = fields.must(how)
    compared = value.word() if how == "same-as" else value.single()
    return Condition(fact.word(), Comparison(how, compared), fact.line)


def _condition_in(value: Value) -> Condition:
    fields = value.fields()
    condition = _condition(fields)
    fields.only_these()
    return condition


def _question(value: Value) -> Question:
    fields = value.fields()
    question = fields.must("question").text(LONGEST_LINE, one_line=False)
    kinds = [name for name in ("choices", "number", "curve") if name in fields]
    if len(kinds) != 1:
        raise fields.error("It needs one of choices, number and curve.")
    asked = Question(
        question,
        choices=fields.get("choices", lambda it: _choices(it, kept=False), ()),
        number=fields.get("number", _number_asked, None),
        curve=fields.get("curve", _curve_asked, None),
    )
    fields.only_these()
    return asked


def _kept(value: Value) -> Question:
    fields = value.fields()
    question = fields.must("question").text(LONGEST_LINE, one_line=False)
    choices = _choices(fields.must("choices"), kept=True)
    fields.only_these()
    if sum(it.is_right for it in choices) != 1:
        raise value.error("keep: one of the choices has to have right: true.")
    asked = Question(question, choices)
    words = _words(question, *(it.says for it in choices))
    if words > MOST_WORDS:
        raise value.error(f"keep has {words} words; at most {MOST_WORDS}.")
    return asked


def _choices(value: Value, *, kept: bool) -> tuple[Choice, ...]:
    choices = tuple(_choice(it, kept=kept) for it in value.items(2, MOST_CHOICES))
    values = [it.value for it in choices]
    if len(set(values)) < len(values):
        raise value.error("Two choices have the same value.")
    return choices


def _choice(value: Value, *, kept: bool) -> Choice:
    fields = value.fields()
    choice = Choice(
        value=fields.must("value").word(),
        says=fields.must("says").text(LONGEST_LINE),
        condition=None if kept else _condition_in(fields.must("if")),
        is_right=fields.get("right", Value.truth, False) if kept else False,
        because=fields.get("because", lambda it: it.text(LONGEST_TEXT, one_line=False), ""),
    )
    fields.only_these()
    return choice


def _number_asked(value: Value) -> NumberAsked:
    fields = value.fields()
    asked = NumberAsked(
        unit=fields.must("unit").text(20),
        least=fields.must("least").number(-1e9, 1e9),
        most=fields.must("most").number(-1e9, 1e9),
        fact=fields.must("fact").word(),
        within=fields.get("within", lambda it: it.number(0, 10), 0.0),
    )
    fields.only_these()
    if asked.least >= asked.most:
        raise value.error("least has to be less than most.")
    return asked


def _curve_asked(value: Value) -> CurveAsked:
    fields = value.fields()
    asked = CurveAsked(tuple(times_ms(fields.must("at_ms"))), fields.must("fact").word())
    fields.only_these()
    return asked


def _actions(value: Value) -> tuple[Action, ...]:
    return tuple(_action(it) for it in value.items(0, MOST_ACTIONS))


def _action(value: Value) -> Action:
    fields = value.fields()
    line, verb = fields.line, fields.first()
    if verb not in ACTIONS:
        raise fields.error(f"{verb!r} is no action. There is: {', '.join(ACTIONS)}.")
    if verb == "wait":
        return Action(verb, *_waited(fields.must("wait")), line)
    options = _by_form(ACTIONS, verb, fields)
    what = options.pop(verb)
    if verb == "change" and not {"title", "completed"} & set(options):
        raise value.error("change needs title or completed.")
    return Action(verb, what, options, line)


def _waited(value: Value) -> tuple[Condition, dict[str, Any]]:
    fields = value.fields()
    within_s = fields.get("within_s", lambda it: it.number(0.1, LONGEST_WAIT_S), 30.0)
    condition = _condition(fields)
    fields.only_these()
    return condition, {"within_s": within_s}


def _claims(value: Value) -> tuple[Claim, ...]:
    return tuple(_claim(it) for it in value.items(1, MOST_CLAIMS))


def _claim(value: Value) -> Claim:
    fields = value.fields()
    claim = Claim(says=fields.must("says").text(LONGEST_LINE), condition=_condition(fields))
    fields.only_these()
    return claim


def _source(value: Value) -> Source:
    fields = value.fields()
    place, named = fields.must("place").word(), fields.must("object")
    if not OBJECT.fullmatch(named.text(LONGEST_LINE)):
        raise named.error('object has to be "module:name", as in "query_service.counts:Counts".')
    fields.only_these()
    return Source(place, named.text(LONGEST_LINE))


def _commands(value: Value) -> frozenset[Protection]:
    named = value.fields().all()
    for name, it in named.items():
        Value(value.file, "the protection", _as_text(it, name)).one_of(PROTECTIONS)
    return frozenset(cast("Protection", name) for name, it in named.items() if it.truth())


def _reading(value: Value) -> tuple[Reading, ...]:
    return tuple(_to_read(it) for it in value.items(0, MOST_READING))


def _to_read(value: Value) -> Reading:
    fields = value.fields()
    url = fields.must("url")
    if not re.fullmatch(r"https?://[!-~]+", url.text(LONGEST_LINE)):
        raise url.error("url has to begin with https:// or http://.")
    read = Reading(
        fields.must("title").text(LONGEST_LINE),
        url.text(LONGEST_LINE),
        fields.get("says", lambda it: it.text(LONGEST_LINE), ""),
    )
    fields.only_these()
    return read


def _points(value: Value) -> tuple[str, ...]:
    return tuple(it.one_of(NODES + LINKS) for it in value.items(0, MOST_POINTS))


def _switches(most: int) -> Any:
    return lambda value: tuple(it.switch() for it in value.items(0, most))


def _words_of(value: Value) -> tuple[str, ...]:
    return tuple(it.word() for it in value.items(0, MOST_FACTS))


@dataclass(frozen=True)
class _Part:
    """What a key of a step is read with, and which kinds of steps must or may have it."""

    how: Any
    must: Sequence[str] = ()
    may: Sequence[str] = ()


_PARTS: Mapping[str, _Part] = {
    "text": _Part(lambda it: it.text(LONGEST_TEXT, one_line=False), may=KINDS),
    "point": _Part(_points, may=KINDS),
    "ask": _Part(_question, must=("predict", "saw")),
    "button": _Part(lambda it: it.text(40), must=("do", "cure")),
    "controls": _Part(_switches(MOST_CONTROLS), may=("do", "watch", "cure")),
    "actions": _Part(_actions, must=("do",)),
    "within_s": _Part(lambda it: it.number(0.1, LONGEST_WAIT_S), may=("watch", "cure")),
    "claims": _Part(_claims, must=("watch",), may=("cure",)),
    "source": _Part(_source, may=("explain",)),
    "without": _Part(_switches(10), may=("cure",)),
    "first": _Part(_actions, may=("cure",)),
    "commands": _Part(_commands, may=("cure",)),
    "table": _Part(_words_of, may=("watch", "saw", "explain", "cure")),
    "of": _Part(lambda it: it.word(), must=("recall",)),
}
USUAL_WITHIN_S = 30.0


def _step(value: Value) -> Step:
    fields = value.fields()
    kind = fields.must("kind").one_of(KINDS)
    title = fields.must("title").text(LONGEST_TITLE)
    parts: dict[str, Any] = {}
    for name, part in _PARTS.items():
        if kind in part.must or (kind in part.may and name in fields):
            parts[name] = part.how(fields.must(name))
        elif name in fields:
            having = ", ".join(sorted({*part.must, *part.may}))
            raise fields.must(name).error(f"A {kind} step has no {name}; {having} may have it.")
    fields.only_these()
    if "claims" in parts:
        parts.setdefault("within_s", USUAL_WITHIN_S)
    step = Step(kind=cast("Kind", kind), title=title, line=value.line, **parts)
    asked = step.ask
    said = [asked.question, *(it.says for it in asked.choices)] if asked else []
    words = _words(title, step.text, *said)
    if words > MOST_WORDS:
        raise value.error(f"The {value.name} has {words} words; at most {MOST_WORDS}.")
    return step


def _words(*texts: str) -> int:
    return sum(len(_WORD.findall(text)) for text in texts)


def _as_text(value: Value, text: str) -> Any:
    return type(value.marked)(text, value.line)


class _Names:
    """Checks that each name that a lesson uses is one that it has.

    Args:
        lesson: the lesson, each part of which is right by itself.
    """

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._todos: set[str] = set()
        self._readers: set[str] = set()
        self._versions: set[tuple[str, str]] = set()

    def check(self) -> None:
        """Raise LessonError at the first name that does not exist."""
        self._actions(self._lesson.given)
        done, has_claims = False, False
        for step in self._lesson.steps:
            self._actions(step.first)
            self._actions(step.actions)
            done = done or step.kind == "do"
            if step.kind == "saw" and not has_claims:
                raise self._error(step.line, "A saw step comes after a watch step.")
            if step.kind in {"watch", "cure"} and not done:
                raise self._error(step.line, f"A {step.kind} step comes after a do step.")
            has_claims = has_claims or step.kind == "watch"
            for name, line in self._facts_of(step):
                self._fact(name, line)
            for name in step.without:
                if name not in self._settings(step):
                    what = f"No do step before has set {name}, which is in without."
                    raise self._error(step.line, what)
            if step.of == self._lesson.id:
                raise self._error(step.line, "A lesson does not recall itself.")
        for fact in self._lesson.facts.values():
            self._of(fact)

    def _actions(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self._action(action)

    def _action(self, action: Action) -> None:
        if action.verb == "create" and "as" in action.options:
            self._todos.add(action.options["as"])
        if action.verb == "read":
            self._read(action)
        if action.verb in {"change", "delete"} and action.what not in self._todos:
            raise self._error(action.line, f"No todo was created as {action.what!r} before.")
        reader = action.options.get("as-read")
        if reader is not None and (reader, action.what) not in self._versions:
            what = f"Nobody has read {action.what!r} as {reader!r} before"
            raise self._error(action.line, f"{what}: read: {{of: {action.what}, as: {reader}}}.")
        todo = action.options.get("todo")
        if isinstance(todo, str) and todo[1:] not in self._todos:
            raise self._error(action.line, f"No todo was created as {todo[1:]!r} before.")
        if action.verb == "wait":
            for name, line in _facts_in(action.what):
                self._fact(name, line)

    def _read(self, action: Action) -> None:
        reader, of = action.what["as"], action.what["of"]
        self._readers.add(reader)
        if of:
            self._versions.add((reader, of))
        if of and of not in self._todos:
            raise self._error(action.line, f"No todo was created as {of!r} before.")

    def _facts_of(self, step: Step) -> Iterator[tuple[str, int]]:
        """Yield each fact's name that a step uses, and the line."""
        for claim in step.claims:
            yield from _facts_in(claim.condition)
        for name in step.table:
            yield name, step.line
        if step.ask:
            for choice in step.ask.choices:
                yield from _facts_in(choice.condition)
            for asked in (step.ask.number, step.ask.curve):
                if asked:
                    yield asked.fact, step.line

    def _settings(self, cure: Step) -> set[str]:
        before = self._lesson.steps[: self._lesson.steps.index(cure)]
        actions = [action for step in before for action in step.actions]
        actions += self._lesson.given
        return {str(action.what) for action in actions if action.verb == "set"}

    def _fact(self, name: str, line: int) -> None:
        if name not in self._lesson.facts:
            known = ", ".join(self._lesson.facts) or "none"
            raise self._error(line, f"There is no fact {name!r}. There is: {known}.")

    def _of(self, fact: Fact) -> None:
        of = fact.asks.get("of")
        names = self._readers if fact.kind == "reads" else self._todos
        if of is not None and of not in names:
            what = "Nobody reads" if fact.kind == "reads" else "No todo is created"
            raise self._error(fact.line, f"{what} as {of!r} in this lesson.")

    def _error(self, line: int, what: str) -> LessonError:
        return LessonError(self._lesson.file, line, what)


def _facts_in(condition: Condition | None) -> Iterator[tuple[str, int]]:
    if condition is not None:
        yield condition.fact, condition.line
        if condition.comparison.how == "same-as":
            yield str(condition.comparison.value), condition.line
