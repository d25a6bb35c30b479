"""A run, played again: the host starts it, and everybody may look at both."""

import msgspec
from flask import Flask, Response, request

from chassis.problems import Problem, json_response, wrong_shape
from web.journeys.contract import Contract
from web.rerun.record import NotARun, Record, record_in
from web.rerun.reruns import Reruns, Setting, Wish
from web.routes.host_key import HostKey, only_with

LONGEST_WITHIN_S = 120
LONGEST_PAUSE_MS = 600_000
LONGEST_LAST_S = 86_400


class _Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    place: str
    switch: str
    given: dict[str, str | int] = msgspec.field(name="with", default_factory=dict)


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    # Not read until it is known to be a run: it may be large.
    run: msgspec.Raw = msgspec.Raw(b"null")
    last_s: float | None = None
    switches: tuple[_Setting, ...] = ()
    longest_pause_ms: float | None = None
    within_s: float = 30.0
    dry_run: bool = False


_DECODER = msgspec.json.Decoder(_Asked)


def add_rerun(
    app: Flask, host_key: HostKey, reruns: Reruns, contract: Contract, most_bytes: int
) -> None:
    """Give the app the routes that play a run again.

    Args:
        app: web.
        host_key: what playing one needs.
        reruns: play it.
        contract: says what the hops in a file mean.
        most_bytes: how large a file may be.
    """

    @app.post("/rerun")
    @only_with(host_key)
    def play_run() -> Response:
        request.max_content_length = most_bytes + 1
        asked = _asked_in(request.get_data(), most_bytes)
        record = _record(asked, reruns, contract)
        wish = Wish(
            [Setting(it.place, it.switch, it.given) for it in asked.switches],
            asked.longest_pause_ms,
            asked.within_s,
        )
        if asked.dry_run:
            return json_response(reruns.looked_at(record, wish))
        return json_response(reruns.start(record, wish), 202)

    @app.get("/rerun")
    def show_rerun() -> Response:
        return json_response(reruns.shown())

    @app.delete("/rerun")
    @only_with(host_key)
    def stop_rerun() -> Response:
        reruns.stop()
        return json_response(reruns.shown())


def _asked_in(body: bytes, most_bytes: int) -> _Asked:
    if len(body) > most_bytes:
        detail = f"Send at most {most_bytes // 2**20} MiB (RERUN_MOST_MIB)."
        raise Problem(413, "body-too-large", "The body is too large.", detail)
    try:
        asked = _DECODER.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = f"{error}."
        raise wrong_shape(detail) from error
    bounds = (
        ("longest_pause_ms", asked.longest_pause_ms or 0.0, 0, LONGEST_PAUSE_MS),
        ("last_s", asked.last_s or 0.0, 0, LONGEST_LAST_S),
        ("within_s", asked.within_s, 1, LONGEST_WITHIN_S),
    )
    for name, value, least, most in bounds:
        if not least <= value <= most:
            detail = f"{name} has to be a number from {least} to {most}."
            raise Problem(400, "bad-parameter", "A parameter cannot be used.", detail)
    return asked


def _record(asked: _Asked, reruns: Reruns, contract: Contract) -> Record:
    if bytes(asked.run) == b"null":
        return reruns.newest(asked.last_s)
    try:
        return record_in(bytes(asked.run), contract)
    except NotARun as error:
        raise Problem(422, "not-a-run", "This cannot be played again.", str(error)) from error
