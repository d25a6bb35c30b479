"""The few exceptions that the drivers' errors are translated into."""


class ServerUnavailable(Exception):
    """A server that this process needs cannot be reached, or refused to work just now.

    Args:
        server: what it is, as on the stage: `postgresql`, `rabbitmq` or `mongodb`.
        reason: the driver's words, on one line.
    """

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server}: {reason}")
        self.server = server
        self.reason = reason


class OutcomeUnknown(ServerUnavailable):
    """The connection broke after a write was sent: it may have been carried out, or not."""


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says: drivers like to print whole topologies."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
