"""What is wrong with a lesson's file, and where."""


class LessonError(Exception):
    """What is wrong, as `file:line: what is wrong`.

    Args:
        file: the file's name.
        line: the line, from 1.
        what: what is wrong with it, in a sentence.
    """

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}:{line}: {what}")
        self.file, self.line, self.what = file, line, what
