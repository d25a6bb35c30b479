"""Toxiproxy's HTTP interface to the same toxics, for its clients and for whoever knows it.

The links are fixed, so none can be made or removed; a link has one toxic of each type; and a toxic
ends by itself, as all switches do. Source: https://github.com/Shopify/toxiproxy#http-api
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from chassis.lab.parameters import LONGEST_S, BadSetting
from chassis.problems import Problem, json_response
from links.link import Link
from links.toxics import BOTH, STREAMS, Down, Toxic


def add_toxiproxy(app: Flask, links: Mapping[str, Link]) -> None:
    """Give the app Toxiproxy's routes.

    Args:
        app: the process's app.
        links: the links, by name; Toxiproxy calls each a proxy.
    """

    @app.get("/proxies")
    def show_proxies() -> Response:
        return json_response({name: _proxy(link) for name, link in links.items()})

    @app.get("/proxies/<name>")
    def show_proxy(name: str) -> Response:
        return json_response(_proxy(_of(links, name)))

    @app.route("/proxies/<name>", methods=["POST", "PATCH"])
    def change_proxy(name: str) -> Response:
        link, body = _of(links, name), _body()
        enabled = body.get("enabled")
        if not isinstance(enabled, bool):
            raise _wrong_shape('Send {"enabled": false}: nothing else of a link can be changed.')
        link.lab.set(Down.name, {"on": not enabled})
        return json_response(_proxy(link))

    @app.post("/reset")
    def reset() -> Response:
        for link in links.values():
            link.lab.clear("by-hand")
        return Response(status=204)

    _add_toxics(app, links)


def _add_toxics(app: Flask, links: Mapping[str, Link]) -> None:
    @app.get("/proxies/<name>/toxics")
    def show_toxics(name: str) -> Response:
        return json_response(_proxy(_of(links, name))["toxics"])

    @app.post("/proxies/<name>/toxics")
    def add_toxic(name: str) -> Response:
        link, body = _of(links, name), _body()
        kind = body.get("type")
        toxic = link.toxics.get(kind) if isinstance(kind, str) else None
        if toxic is None or toxic.standing:
            kinds = ", ".join(it.name for it in link.toxics.values() if not it.standing)
            raise _wrong_shape(f"type is one of {kinds}.")
        if toxic.on:
            title, detail = "The toxic is there.", f"{_name(toxic)} is on; change or remove it."
            raise Problem(409, "toxic-exists", title, detail)
        return json_response(_set(link, toxic, body, {}))

    @app.get("/proxies/<name>/toxics/<toxic>")
    def show_toxic(name: str, toxic: str) -> Response:
        return json_response(_toxic(_toxic_of(_of(links, name), toxic)))

    @app.route("/proxies/<name>/toxics/<toxic>", methods=["POST", "PATCH"])
    def change_toxic(name: str, toxic: str) -> Response:
        link = _of(links, name)
        found = _toxic_of(link, toxic)
        return json_response(_set(link, found, _body(), _toxic(found)))

    @app.delete("/proxies/<name>/toxics/<toxic>")
    def remove_toxic(name: str, toxic: str) -> Response:
        link = _of(links, name)
        link.lab.set(_toxic_of(link, toxic).name, {"on": False})
        return Response(status=204)


def _set(
    link: Link, toxic: Toxic, body: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Set a toxic to what a body says, and to what it was where the body says nothing."""
    said = {**before, **body}
    attributes, toxicity = body.get("attributes", {}), said.get("toxicity", 1)
    if not isinstance(attributes, dict):
        raise _wrong_shape("attributes is an object.")
    if type(toxicity) not in {int, float} or not 0.01 <= toxicity <= 1:
        raise _wrong_shape("toxicity is a number from 0.01 to 1.")
    setting = {
        **before.get("attributes", {}),
        **attributes,
        "on": True,
        "stream": said.get("stream", toxic.default_stream if before else "downstream"),
        "for_s": said.get("for_s", LONGEST_S),
    }
    if toxicity < 1:
        setting["percent"] = round(toxicity * 100)
    alias = said.get("name") or ""
    if not isinstance(alias, str) or len(alias) > 100:
        raise _wrong_shape("name is text of at most 100 characters.")
    try:
        link.lab.set(toxic.name, setting)
    except BadSetting as error:
        raise _wrong_shape(str(error)) from error
    toxic.alias = alias
    return _toxic(toxic)


def _proxy(link: Link) -> dict[str, Any]:
    toxics = [_toxic(it) for it in link.toxics.values() if it.on and not it.standing]
    return {
        "name": link.name,
        "listen": str(link.listens_on),
        "upstream": str(link.upstream),
        "enabled": not link.toxics[Down.name].on,
        "toxics": toxics,
    }


def _toxic(toxic: Toxic) -> dict[str, Any]:
    return {
        "name": _name(toxic),
        "type": toxic.name,
        "stream": toxic.stream,
        "toxicity": (toxic.value("percent") or 100) / 100,
        "attributes": {it.name: toxic.number(it.name) for it in toxic.attributes},
        # What Toxiproxy does not have.
        "for_s": toxic.number("for_s"),
        "touched": toxic.touched,
    }


def _name(toxic: Toxic) -> str:
    return toxic.alias or f"{toxic.name}_{toxic.stream}"


def _of(links: Mapping[str, Link], name: str) -> Link:
    if name not in links:
        detail = f"They are {', '.join(links)}."
        raise Problem(404, "no-such-place", "There is no such place.", detail)
    return links[name]


def _toxic_of(link: Link, name: str) -> Toxic:
    for toxic in link.toxics.values():
        if toxic.on and not toxic.standing and name in {_name(toxic), toxic.name}:
            return toxic
    raise Problem(404, "no-such-switch", "There is no such switch.", f"Not {name[:40]!r}, now.")


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _wrong_shape("Send a JSON object, as application/json.")
    if body.get("stream", BOTH) not in STREAMS:
        raise _wrong_shape(f"stream is one of {', '.join(STREAMS)}.")
    return body


def _wrong_shape(detail: str) -> Problem:
    return Problem(400, "wrong-shape", "The body has the wrong shape.", detail)
