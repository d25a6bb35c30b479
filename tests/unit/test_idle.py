"""Whether the projector is idle is for the thread that consumes to say."""

import threading
from concurrent.futures import ThreadPoolExecutor

from query_service.idle import IdleQuestions


def test_the_thread_that_consumes_answers_what_others_ask() -> None:
    asked, stop = threading.Event(), threading.Event()
    questions = IdleQuestions(asked.set)
    told: list[bool] = []

    def consume() -> None:
        while not stop.is_set():
            asked.wait()
            asked.clear()
            questions.answer(lambda: len(told) == 0)

    with ThreadPoolExecutor(1) as pool:
        consuming = pool.submit(consume)
        try:
            told.append(questions.ask())
            assert told == [True]
            assert questions.ask() is False
        finally:
            stop.set()
            asked.set()
            consuming.result(timeout=60)


def test_a_projector_that_does_not_answer_is_not_idle() -> None:
    questions = IdleQuestions(wake=lambda: None)
    assert questions.ask() is False
    answered: list[int] = []

    def is_idle() -> bool:
        answered.append(1)
        return True

    # Nobody waits for the answer any more, so nobody looks.
    questions.answer(is_idle)
    assert answered == []
