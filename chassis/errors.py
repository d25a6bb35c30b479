"""The few exceptions into which the drivers' errors are translated."""


class ServerUnavailable(Exception):
    """A server (`postgresql`, `rabbitmq` or `mongodb`) cannot be reached, or refuses to work.

    The reason is in the driver's words, on one line.
    """

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server}: {reason}")
        self.server = server
        self.reason = reason


class OutcomeUnknown(ServerUnavailable):
    """The connection broke after a write was sent: it may have been carried out, or not."""


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says: some drivers print whole topologies."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
