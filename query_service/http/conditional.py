"""Conditional answers: a client is not sent what it already has (RFC 9110, 13.1.2)."""

from flask import Response, request


def unless_known(body: bytes, tag: str, headers: dict[str, str]) -> Response:
    """Return the body as JSON, or 304 if the request names its ETag."""
    tagged = {**headers, "ETag": f'"{tag}"'}
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=tagged)
    return Response(body, headers=tagged, content_type="application/json")
