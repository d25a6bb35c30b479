"""Checks lesson files: `python -m web.lessons FILE…`, or all that web would show."""

import sys
from collections.abc import Sequence
from pathlib import Path

from web.lessons.errors import LessonError
from web.lessons.reading import read_lesson


def main(arguments: Sequence[str]) -> int:
    """Say of each file whether it is a lesson, or what is wrong with it; 1 if anything is."""
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    wrong = 0
    for name in arguments:
        try:
            lesson = read_lesson(name, Path(name).read_bytes())
        except LessonError as error:
            wrong += 1
            sys.stderr.write(f"{error}\n")
        except OSError as error:
            wrong += 1
            sys.stderr.write(f"{name}: {error.strerror}\n")
        else:
            sys.stdout.write(f"{lesson.file}: {lesson.title}, {len(lesson.steps)} steps\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
