"""Works on dead letters: `python -m query_service.dead_letters list | show | retry | discard | …`.

The set of letters is fixed when it is shown: the question names how many they are and what will
happen, and exactly those are acted on.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from chassis.errors import ServerUnavailable
from chassis.printable import printable
from chassis.settings import Environment
from query_service.dead_letters.letters import Filter, Letter, named
from query_service.dead_letters.opened import opened
from query_service.dead_letters.words import (
    answer,
    answered,
    in_full,
    outcome_line,
    question,
    table,
)
from query_service.dead_letters.work import DeadLetters, Look, NoSuchLetter, Outcome, Told
from query_service.letter_queue import SomebodyElse
from query_service.settings import LetterSettings
from query_service.topology import DEAD_LETTERS, DISCARDED

WAIT_S = 10.0
_DONE = {"retry": "retried", "discard": "discarded", "restore": "restored"}


def main() -> int:
    """Do what is asked for. Returns 0; 1 if a letter was skipped; 2 if nothing could be done."""
    arguments = _parser().parse_args()
    settings = LetterSettings.read(Environment.of_process())
    try:
        with opened(settings) as dead_letters:
            return _run(arguments, dead_letters, settings.page_url)
    except NoSuchLetter as error:
        _say(f"There is no letter {error} now.")
    except (ServerUnavailable, SomebodyElse, OSError) as error:
        _say(str(error))
    except KeyboardInterrupt:
        _say("\nInterrupted. What was not named as done is as it was.")
    return 2


def _run(arguments: argparse.Namespace, dead_letters: DeadLetters, page_url: str) -> int:
    if arguments.command == "show":
        letter = dead_letters.show(arguments.id)
        _print(json.dumps(letter, indent=2) if arguments.json else in_full(letter, page_url))
        return 0
    queue = DISCARDED if arguments.command == "restore" else DEAD_LETTERS
    wanted = Filter(arguments.reason, arguments.type, arguments.todo)
    if arguments.command == "list":
        queue = DISCARDED if arguments.discarded else DEAD_LETTERS
        look = dead_letters.look(queue)
        letters = [letter for letter in look.letters if wanted.fits(letter)]
        what = "discarded letter" if arguments.discarded else "dead letter"
        shown = {"letters": [look.shown(it) for it in letters], "more": look.more}
        _print(json.dumps(shown, indent=2) if arguments.json else table(look, letters, what))
        return 0
    return _act(arguments, dead_letters, dead_letters.look(queue), wanted)


def _act(
    arguments: argparse.Namespace, dead_letters: DeadLetters, look: Look, wanted: Filter
) -> int:
    letters = _chosen(arguments, look, wanted)
    ids = arguments.ids or [letter.id for letter in letters]
    if not ids:
        _say("There is no such letter.")
        return 2
    told = _progress(arguments)
    do, verb = _doing(arguments, dead_letters, letters, ids, told)
    if do is None or not _is_agreed(arguments, look, letters):
        _say("Nothing was done.")
        return 2
    outcomes = do()
    landed: dict[str, str] = {}
    if arguments.command == "retry" and arguments.wait is not None:
        landed = dead_letters.landed(outcomes, arguments.wait)
    if arguments.json:
        _print(json.dumps(answered(outcomes, landed), indent=2))
    else:
        for letter_id, words in landed.items():
            _print(f"{letter_id}  {words}")
        _print(answer(outcomes, verb))
    return 0 if all(outcome.done for outcome in outcomes) else 1


def _chosen(arguments: argparse.Namespace, look: Look, wanted: Filter) -> list[Letter]:
    if bool(arguments.ids) == bool(arguments.all or wanted.says):
        raise SystemExit("Name letters by their ids, or say --all, --reason, --type or --todo.")
    if arguments.ids:
        return named(arguments.ids, look.letters)
    return [letter for letter in look.letters if wanted.fits(letter)]


def _doing(
    arguments: argparse.Namespace,
    dead_letters: DeadLetters,
    letters: Sequence[Letter],
    ids: Sequence[str],
    told: Told,
) -> tuple[Callable[[], list[Outcome]] | None, str]:
    """Return what does it, or None if that was given up, and its verb in the past."""
    because = getattr(arguments, "because", None)
    if arguments.command == "restore":
        return partial(dead_letters.restore, ids, told), "restored"
    if arguments.command == "discard":
        return partial(dead_letters.discard, ids, because, told), "discarded"
    if not _edits(arguments):
        return partial(dead_letters.retry, ids, because, told), "retried"
    if len(ids) != 1 or len(letters) != 1:
        raise SystemExit("Edit one letter at a time, one that is there.")
    text = arguments.data.read_text() if arguments.data else _edited_by_hand(letters[0].text)
    if text is None:
        return None, "edited"
    return partial(dead_letters.edit, ids[0], text, because, told), "edited"


def _edited_by_hand(text: str) -> str | None:
    """Let the user edit a text, and return it; None if it was left as it was."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        before = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        before = text
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "event.json")
        file.write_text(before)
        subprocess.run([*shlex.split(editor), str(file)], check=True)
        after = file.read_text()
    return None if after.strip() == before.strip() else after


def _is_agreed(arguments: argparse.Namespace, look: Look, letters: Sequence[Letter]) -> bool:
    if arguments.yes:
        return True
    _say(table(Look(look.letters, 0, look.versions), letters))
    _say(f"\n{question(arguments.command, letters, edited=_edits(arguments))} [y/N] ", end="")
    if not sys.stdin.isatty():
        _say("\nThere is no terminal to answer on. Say --yes to go on without a question.")
        return False
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _edits(arguments: argparse.Namespace) -> bool:
    return arguments.command == "retry" and bool(arguments.edit or arguments.data)


def _progress(arguments: argparse.Namespace) -> Told:
    verb = "edited" if _edits(arguments) else _DONE[arguments.command]

    def told(outcome: Outcome) -> None:
        if not arguments.json:
            _print(outcome_line(outcome, verb))

    return told


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m query_service.dead_letters", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="what lies there, by error and event type")
    listing.add_argument("--discarded", action="store_true", help="what was discarded, instead")
    showing = commands.add_parser("show", help="one letter in full")
    showing.add_argument("id")
    retrying = commands.add_parser("retry", help="send letters back to where they came from")
    discarding = commands.add_parser("discard", help="put letters aside, for a day")
    restoring = commands.add_parser("restore", help="bring discarded letters back")
    for each in (listing, showing, retrying, discarding, restoring):
        each.add_argument("--json", action="store_true", help="answer in JSON")
    for each in (listing, retrying, discarding, restoring):
        each.add_argument("--reason", metavar="TEXT", help="only those with this in their reason")
        each.add_argument("--type", help="only events of this type, such as todo.created")
        each.add_argument("--todo", type=int, metavar="ID", help="only events of this todo")
    for each in (retrying, discarding, restoring):
        each.add_argument("ids", nargs="*", metavar="ID")
        each.add_argument("--all", action="store_true", help="all that fit what else is said")
        each.add_argument("--yes", action="store_true", help="do not ask first")
    for each in (retrying, discarding):
        each.add_argument("--because", metavar="TEXT", help="why; it is kept with the letter")
    retrying.add_argument("--edit", action="store_true", help="edit the event first")
    retrying.add_argument("--data", type=Path, metavar="FILE", help="send this event in its place")
    retrying.add_argument(
        "--wait", type=float, nargs="?", const=WAIT_S, metavar="S",
        help=f"wait until it has landed, or is back; {WAIT_S:g} s at most by default",
    )  # fmt: skip
    return parser


def _print(text: str) -> None:
    sys.stdout.write(f"{printable(text, lines=True)}\n")
    sys.stdout.flush()


def _say(text: str, end: str = "\n") -> None:
    sys.stderr.write(printable(text, lines=True) + end)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
