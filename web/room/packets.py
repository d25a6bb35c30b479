"""Packets: what Socket.IO sends, with messages that are encoded once for all browsers."""

import json
from typing import Any

from web.room.messages import Message


class Encoded:
    """A message that is JSON already, so that Socket.IO need not search it for bytes."""

    def __init__(self, message: Message | None) -> None:
        self.json = json.dumps(message, separators=(",", ":"))


class PacketJson:
    """Socket.IO's encoder for packets: json, except for what is encoded already."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **options: Any) -> str:
        """Return a packet's data, which is a list of the event's name and a message, as JSON."""
        if isinstance(value, list) and isinstance(value[-1], Encoded):
            return f"[{json.dumps(value[0])},{value[-1].json}]"
        return json.dumps(value, **options)
