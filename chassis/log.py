"""One readable line per hop, or one JSON object per line with LOG_FORMAT=json."""

import io
import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any

from chassis.printable import printable


def set_up_logging(service: str, log_format: str) -> None:
    """Send this process's log to standard error.

    Args:
        service: the name that a JSON line carries.
        log_format: `text` or `json`.
    """
    if log_format == "json" and isinstance(sys.stderr, io.TextIOWrapper):
        # Whatever the locale: JSON is UTF-8 (RFC 8259, 8.1), and an escape of Python's is no JSON.
        sys.stderr.reconfigure(encoding="utf-8")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service) if log_format == "json" else ReadableLines())
    handler.addFilter(OncePerMinute("opentelemetry"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # pika logs every step of a connection that fails; we say it ourselves, in one line.
    logging.getLogger("pika").setLevel(logging.CRITICAL)


class ReadableLines(logging.Formatter):
    """`09:15:02.123 committed todo 1 v1 created "Learn CQRS"`; a level only if it is not info."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, with its traceback, if any, below."""
        at = datetime.fromtimestamp(record.created).astimezone()
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        line = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} {level}{printable(record.getMessage())}"
        if not record.exc_info:
            return line
        # What has failed may quote what somebody sent.
        return f"{line}\n{printable(self.formatException(record.exc_info), lines=True)}"


class JsonLines(logging.Formatter):
    """One JSON object a line, for machines."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a JSON object."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return printable(json.dumps(fields, ensure_ascii=False))


class OncePerMinute(logging.Filter):
    """Passes each message of one library once a minute: an exporter would repeat it for ever."""

    def __init__(self, library: str) -> None:
        super().__init__()
        self._library = library
        self._last_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is passed on."""
        if not record.name.startswith(self._library):
            return True
        kind = str(record.msg)
        record.msg, record.args, record.exc_info = record.getMessage()[:160], None, None
        now_s = time.monotonic()
        recently = now_s - self._last_s.get(kind, -60.0) < 60.0
        if not recently:
            self._last_s[kind] = now_s
        return not recently
