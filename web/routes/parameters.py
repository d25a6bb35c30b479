"""Parameters: whole numbers in a query or in a JSON body, within their bounds."""

from typing import Any

from flask import request

from chassis.numbers import whole_number
from chassis.problems import Problem, wrong_shape


def number_in_query(name: str, *, least: int, most: int, default: int) -> int:
    """Return a whole number from the query. Raises Problem.

    A time in ms may have a fraction, which is cut off.
    """
    text = request.args.get(name)
    given = default if text is None else _number(text, is_time=name.endswith("_ms"))
    if given is None or not least <= given <= most:
        detail = f"{name} has to be a whole number from {least} to {most}."
        raise Problem(400, "bad-parameter", "A parameter cannot be used.", detail)
    return given


def _number(text: str, *, is_time: bool) -> int | None:
    whole, point, fraction = text.partition(".") if is_time else (text, "", "")
    return None if point and whole_number(fraction) is None else whole_number(whole)


def json_object() -> dict[str, Any]:
    """Return the JSON object in the body; an empty one if there is none."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def numbers_in_body(**wanted: tuple[int, int]) -> list[int]:
    """Return the whole numbers of a JSON body that has nothing else. Raises Problem.

    Args:
        wanted: the least and the most of each, by its name.
    """
    body = json_object()
    fitting = all(
        type(body.get(name)) is int and least <= body[name] <= most
        for name, (least, most) in wanted.items()
    )
    if not fitting or len(body) > len(wanted):
        fields = " and ".join(f"{name} from {a} to {b}" for name, (a, b) in wanted.items())
        detail = f"Send whole numbers: {fields}."
        raise wrong_shape(detail)
    return [body[name] for name in wanted]
