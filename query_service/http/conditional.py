"""Conditional answers: a client is not sent what it already has (RFC 9110, 13.1.2)."""

from flask import Response, request

from chassis.headers import MalformedHeader, entity_tags


def unless_known(body: bytes, tag: str, headers: dict[str, str]) -> Response:
    """Return the body as JSON, or 304 if the request names its ETag."""
    tagged = {**headers, "ETag": f'"{tag}"'}
    if _names(request.headers.get("If-None-Match"), tag):
        return Response(status=304, headers=tagged)
    return Response(body, headers=tagged, content_type="application/json")


def _names(value: str | None, tag: str) -> bool:
    """Return whether an If-None-Match names the tag; one that cannot be read names none."""
    if value is None or value.strip() == "*":
        return value is not None
    try:
        return any(known == tag for _is_weak, known in entity_tags(value))
    except MalformedHeader:
        return False
