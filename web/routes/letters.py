"""The dead letters, passed on to the projector: everybody may look, and the host may act."""

import json
from urllib.parse import quote

from flask import Flask, Response, request

from chassis.problems import Problem, json_response
from web.brief_cache import BriefCache
from web.gateway import Answer, Gateway
from web.routes.forwarding import headers_of, passed_back
from web.routes.host_key import HostKey, only_with

PATH = "/lab/dead-letters"
# A whole room looks at the same time, and only one at a time can look at the queue.
KEPT_FOR_S = 1.0


class Looks:
    """What lay in each queue of letters a moment ago, for all who ask meanwhile.

    Args:
        gateway: the way to the projector.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.forget()

    def forget(self) -> None:
        """Look again when somebody asks: it is no longer so."""
        self._recent = BriefCache[Answer](KEPT_FOR_S)

    def of(self, queue: str) -> Answer:
        """Return what the projector says of a queue. Raises ServerUnavailable."""
        path = f"{PATH}{queue}"
        return self._recent.get(path, lambda: self._gateway.ask("projector", "GET", path))

    def letter(self, letter_id: str) -> Response:
        """Return one letter, discarded or not. Raises Problem and ServerUnavailable."""
        for answer in (self.of(""), self.of("/discarded")):
            if answer.status != 200:
                return passed_back(answer)
            for letter in json.loads(answer.body)["letters"]:
                if letter["id"] == letter_id:
                    return json_response(letter)
        title = "There is no such letter."
        raise Problem(404, "no-such-letter", title, "It may have been settled.")


def add_letters(app: Flask, host_key: HostKey, gateway: Gateway) -> None:
    """Give the app the routes of the dead letters.

    Args:
        app: web.
        host_key: what acting on them needs.
        gateway: the way to the projector.
    """
    looks = Looks(gateway)

    def act(path: str) -> Response:
        headers, body = headers_of(request, ("Content-Type",)), request.get_data()
        try:
            return passed_back(gateway.ask("projector", "POST", f"{PATH}{path}", body, headers))
        finally:
            looks.forget()

    @app.get("/dead-letters")
    def show_letters() -> Response:
        return passed_back(looks.of(""))

    @app.get("/dead-letters/discarded")
    def show_discarded() -> Response:
        return passed_back(looks.of("/discarded"))

    @app.get("/dead-letters/<letter_id>")
    def show_letter(letter_id: str) -> Response:
        return looks.letter(letter_id)

    @app.post("/dead-letters/<any(retry, discard, restore):what>")
    @only_with(host_key)
    def settle(what: str) -> Response:
        return act(f"/{what}")

    @app.post("/dead-letters/<letter_id>/edit")
    @only_with(host_key)
    def edit(letter_id: str) -> Response:
        return act(f"/{quote(letter_id, safe='')}/edit")
