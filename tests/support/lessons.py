"""A lesson that has one of everything, as a file."""

from web.lessons.lesson import Lesson
from web.lessons.reading import read_lesson

FILE = "lessons/04-twice.yaml"
LESSON = """\
lesson: twice
number: 4
title: Twice
core: true
minutes: 8
goal: At least once is more than once now and then.
given:
  - {set: counter/count}
  - {create: Bread, as: bread}
facts:
  counted: {count: created, says: "created, as the counter says", unit: todos}
  listed: {model: todos, what: count, says: todos in the list, better: more}
  again: {hop: counter-delivered, what: redelivered, of: milk, says: deliveries again}
  stale: {probes: curve, at_ms: [0, 10, 100], says: share of stale reads}
  seen: {reads: count, of: anna, says: reads of Anna}
steps:
  - kind: say
    title: One todo, one count
    text: The counter keeps a number.
    point: [counter, rabbitmq]
  - kind: predict
    title: A bet
    ask:
      question: What does the counter say?
      choices:
        - {value: one, says: "1", if: {fact: counted, is: 1}}
        - {value: two, says: "2", if: {fact: counted, is: 2}}
  - kind: predict
    title: A number
    ask:
      question: How many?
      number: {unit: todos, least: 0, most: 20, fact: counted, within: 0.2}
  - kind: predict
    title: A curve
    ask:
      question: Draw it.
      curve: {at_ms: [0, 10, 100], fact: stale}
  - kind: do
    title: Crash it
    button: Crash it there
    controls: [counter/crash, counter/no-inbox]
    actions:
      - {set: counter/no-inbox}
      - {set: counter/crash, with: {at: after-write}, todo: $bread}
      - {create: Milk, as: milk}
      - {read: {of: milk, as: anna}}
      - {change: milk, title: Oat milk, as-read: anna}
      - {wait: {fact: again, at-least: 1, within_s: 10}}
  - kind: watch
    title: Look
    within_s: 30
    claims:
      - {fact: counted, is: 2, says: The counter has counted it twice.}
  - kind: saw
    title: What was it?
    ask:
      question: What did the counter say?
      choices:
        - {value: one, says: "1", if: {fact: counted, is: 1}}
        - {value: other, says: something else, if: {fact: counted, is-not: 1}}
  - kind: explain
    title: Why
    source: {place: counter, object: "query_service.counts:Counts.count"}
  - kind: cure
    title: Once
    button: Again, with the inbox
    without: [counter/no-inbox]
    commands: {if-match: true}
    claims:
      - {fact: counted, is: 1, says: It is counted once.}
    table: [counted, listed, again]
  - kind: recall
    title: Do you remember?
    of: dual-write
keep:
  question: What makes twice harmless?
  choices:
    - {value: memory, says: A memory, right: true, because: It knows what was applied.}
    - {value: luck, says: Luck}
reading:
  - {title: Idempotence, url: "https://example.org/", says: what it is}
"""


def lesson_of(text: str = LESSON, file: str = FILE) -> Lesson:
    return read_lesson(file, text.encode())
