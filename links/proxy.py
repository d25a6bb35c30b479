"""The proxy: all links, in an event loop that has a thread of its own."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Self

import uvloop

from links.link import Link


class Proxy:
    """Listens on all links until its block ends.

    Args:
        links: they.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self.links: Mapping[str, Link] = {link.name: link for link in links}
        self._loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)

    def __enter__(self) -> Self:
        for link in self.links.values():
            link.open(self._loop)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._close)
        self._thread.join()
        self._loop.close()

    def heed(self, link: Link) -> None:
        """Have a link act by what is on now, and return when it does; from any other thread."""
        done: Future[None] = Future()

        def heed() -> None:
            try:
                link.heed()
                done.set_result(None)
            except BaseException as error:  # noqa: BLE001, whoever asked raises it
                done.set_exception(error)

        self._loop.call_soon_threadsafe(heed)
        done.result()

    def _close(self) -> None:
        for link in self.links.values():
            link.close()
        # What is closed gets a turn to send what has been written to it.
        self._loop.call_soon(self._loop.stop)
