"""The lessons that there are: those that come with the stack, and a teacher's own."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.problems import Problem
from web.lessons.errors import LessonError
from web.lessons.lesson import Lesson, Question
from web.lessons.marked import MOST_BYTES
from web.lessons.reading import FILE, read_lesson

MOST_FILES = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refused:
    """A file that is no lesson.

    Args:
        lesson: what its name says that it is.
        number: likewise.
        error: what is wrong, with the file and the line.
    """

    lesson: str
    number: int
    error: str


class Shelf:
    """Reads the lessons of some folders; a file that has changed is read again.

    Args:
        folders: where they are. A lesson of a later one may not have the id of an earlier one.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._read: dict[Path, tuple[tuple[int, int], Lesson | LessonError]] = {}
        self._reading = threading.Lock()

    def listed(self) -> list[dict[str, Any]]:
        """Return all lessons by their numbers, with what is wrong with some."""
        return [
            {"lesson": it.lesson, "number": it.number, "title": it.lesson, "error": it.error}
            if isinstance(it, Refused)
            else {
                "lesson": it.id,
                "number": it.number,
                "title": it.title,
                "core": it.core,
                "minutes": it.minutes,
                "goal": it.goal,
            }
            for it in self._all()
        ]

    def lesson(self, lesson_id: str) -> Lesson:
        """Return a lesson. Raises Problem if there is none, or if its file is refused."""
        for it in self._all():
            if isinstance(it, Lesson) and it.id == lesson_id:
                return it
        for it in self._all():
            if isinstance(it, Refused) and it.lesson == lesson_id:
                title = "The lesson's file cannot be used."
                raise Problem(422, "lesson-refused", title, it.error)
        known = ", ".join(it.id for it in self._all() if isinstance(it, Lesson)) or "none"
        detail = f"There is: {known}."
        raise Problem(404, "no-such-lesson", "There is no such lesson.", detail)

    def document(self, lesson_id: str) -> dict[str, Any]:
        """Return a lesson with the keys of its file, and with what it recalls filled in.

        Raises Problem.
        """
        lesson = self.lesson(lesson_id)
        document = dict(lesson.document)
        others = {it.id: it for it in self._all() if isinstance(it, Lesson)}
        document["steps"] = [
            {**_about(others[step["of"]]), **step} if step["kind"] == "recall" else step
            for step in document["steps"]
        ]
        return document

    def kept(self, lesson_id: str) -> Question | None:
        """Return the question that is asked about a lesson later. Raises Problem."""
        return self.lesson(lesson_id).keep

    def _all(self) -> list[Lesson | Refused]:
        with self._reading:
            found = list(self._each())
        lessons = {it.id: it for it in found if isinstance(it, Lesson)}
        checked = [_checked(it, lessons) for it in found]
        return sorted(checked, key=lambda it: (it.number, isinstance(it, Refused)))

    def _each(self) -> Iterator[Lesson | Refused]:
        of_id: dict[str, str] = {}
        for folder in self._folders:
            for path in self._files(folder):
                read = self._lesson(path)
                if isinstance(read, LessonError):
                    yield _refused(path, read)
                elif read.id in of_id:
                    what = f"{of_id[read.id]} is a lesson {read.id!r} too. Choose another id."
                    yield _refused(path, LessonError(read.file, 1, what))
                else:
                    of_id[read.id] = read.file
                    yield read

    def _files(self, folder: Path) -> list[Path]:
        try:
            return sorted(folder.glob("*.yaml"))[:MOST_FILES]
        except OSError as error:
            log.warning("the lessons in %s cannot be read: %s", folder, error.strerror)
            return []

    def _lesson(self, path: Path) -> Lesson | LessonError:
        name = f"{path.parent.name}/{path.name}"
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(path)
            if known and known[0] == stamp:
                return known[1]
            # Nobody else is held up while many are read.
            time.sleep(0)
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            read: Lesson | LessonError = read_lesson(name, data)
        except LessonError as error:
            read = error
        except OSError as error:
            return LessonError(name, 1, f"The file cannot be read: {error.strerror}.")
        self._read[path] = (stamp, read)
        return read


def _about(lesson: Lesson) -> Mapping[str, Any]:
    """Return what a step has that recalls a lesson."""
    about = f"This is about lesson {lesson.number}, {lesson.title}."
    if not lesson.number:
        about = f"This is about {lesson.title}, the first lesson."
    return {
        "text": f"{about} Whoever has not taken it may guess.",
        "ask": lesson.document["keep"],
    }


def _checked(read: Lesson | Refused, lessons: Mapping[str, Lesson]) -> Lesson | Refused:
    """Refuse a lesson that recalls one which there is not, or which keeps no question."""
    if isinstance(read, Refused):
        return read
    for step in read.steps:
        if step.kind == "recall" and (step.of not in lessons or lessons[step.of].keep is None):
            why = "keeps no question" if step.of in lessons else "is not there"
            error = LessonError(read.file, step.line, f"The lesson {step.of!r} {why}.")
            return Refused(read.id, read.number, str(error))
    return read


def _refused(path: Path, error: LessonError) -> Refused:
    named = FILE.fullmatch(path.name)
    return Refused(named[2] if named else path.stem, int(named[1]) if named else 999, str(error))
