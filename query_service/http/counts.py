"""The counts as they are read, by the minute. Only with the lab, which has them kept."""

from hashlib import blake2b

from flask import Flask, Response, request
from pymongo.database import Database

from chassis.problems import json_body
from query_service.counts import COLLECTION, Counts
from query_service.http.conditional import unless_known
from query_service.http.parameters import wanted_minutes
from query_service.http.read_models import not_kept
from query_service.http.shared_reads import SharedReads
from query_service.projections import Document
from query_service.standings import Standings


def add_counts(app: Flask, database: Database[Document]) -> None:
    """Give the app the route that answers with the counts."""
    counts, standings = Counts(database), Standings(database)
    pages = SharedReads[bytes]()

    @app.get("/counts")
    def get_counts() -> Response:
        limit = wanted_minutes(request.query_string)
        body = pages(limit, lambda: read(limit))
        return unless_known(body, blake2b(body, digest_size=12).hexdigest(), {})

    def read(limit: int) -> bytes:
        standing = standings.of(COLLECTION)
        if standing.state != "kept":
            raise not_kept(standing, "counter", "count")
        return json_body(counts.minutes(limit))
