"""HTTP: a loop waits for the clients, and threads do the work."""

from chassis.serving.answer import no_answer
from chassis.serving.bridge import Hold
from chassis.serving.server import HttpServer

__all__ = ["Hold", "HttpServer", "no_answer"]
