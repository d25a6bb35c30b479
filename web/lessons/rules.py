"""What may be done to a lesson now. Pure: whatever may not is a problem that says why."""

from chassis.problems import Problem
from web.lessons.state import Attempt, StepState


def the_step(attempt: Attempt, number: int) -> StepState:
    """Return a step of the lesson. Raises Problem."""
    if not 0 <= number < len(attempt.steps):
        detail = f"The lesson has the steps 0 to {len(attempt.steps) - 1}."
        raise Problem(404, "no-such-step", "There is no such step.", detail)
    return attempt.steps[number]


def the_question(attempt: Attempt, number: int) -> StepState:
    """Return a step that asks something. Raises Problem."""
    state = the_step(attempt, number)
    if state.step.ask is None:
        raise conflict("nothing-asked", "This step asks nothing.", "It has no question.")
    return state


def check_free(attempt: Attempt) -> None:
    """Check that nothing is being done. Raises Problem."""
    if attempt.busy:
        raise conflict("lesson-busy", "The lesson is busy.", f"{attempt.busy[1]}: wait for it.")


def check_act(attempt: Attempt, number: int) -> StepState:
    """Return a step whose actions may be carried out now. Raises Problem."""
    state = the_step(attempt, number)
    if not state.step.acts:
        raise conflict("nothing-to-do", "This step does nothing.", "It has no actions.")
    check_free(attempt)
    for at, before in enumerate(attempt.steps[:number]):
        if before.step.kind == "predict" and not before.is_complete:
            detail = f"Lock the answers to step {at} first, or skip it."
            raise conflict("predict-first", "Nothing is done before it.", detail)
        if before.step.acts and not before.is_complete and not before.done:
            detail = f"Do step {at} first, or skip it."
            raise conflict("not-done", "A step before it is not done.", detail)
    if state.step.kind == "do" and state.done:
        detail = "POST /lesson/again begins anew."
        raise conflict("done-already", "This was done already.", detail)
    if state.skipped and any(it.done for it in attempt.steps[number + 1 :]):
        detail = "POST /lesson/again begins anew."
        raise conflict("done-already", "The lesson has gone on without it.", detail)
    return state


def pass_steps(attempt: Attempt, number: int, *, skip: bool) -> None:
    """Let the lesson go on to a step. Raises Problem.

    Args:
        attempt: the lesson.
        number: the step.
        skip: go on without what is not done.
    """
    the_step(attempt, number)
    for at, state in enumerate(attempt.steps[:number]):
        if state.is_complete:
            continue
        if not skip:
            detail = f"Step {at} is not done: {_what_is_missing(state)}. Or skip it."
            raise conflict("not-done", "A step before it is not done.", detail)
        if attempt.busy and attempt.busy[0] == at:
            check_free(attempt)
        state.skipped = True


def conflict(name: str, title: str, detail: str) -> Problem:
    """Return the problem of something that cannot be done now."""
    return Problem(409, name, title, detail)


def _what_is_missing(state: StepState) -> str:
    if state.step.ask is not None:
        return "its answers are not locked"
    if state.step.acts and not state.done:
        return "its actions were not carried out"
    return "its claims are open"
